// What `tokenplane bench s3` is told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace tp::bench {

enum class Kind : uint8_t { kGet, kPut, kHead, kDelete, kList };
inline constexpr size_t kKindCount = 5;
const char* kind_name(Kind kind);

struct MixEntry {
  Kind kind = Kind::kGet;
  unsigned weight = 1;
};

struct Options {
  std::string host = "127.0.0.1";
  uint16_t port = 9000;
  std::string access_key, secret_key;
  std::string region = "us-east-1";
  std::string bucket = "bench";
  std::string prefix = "bench/";
  std::vector<MixEntry> mix = {{Kind::kGet, 1}};
  uint64_t size_bytes = 4096;
  uint64_t objects = 1000;        // keys that exist before the run and that GET, HEAD, DELETE and PUT choose from
  uint64_t range_bytes = 0;       // GET: a random range of this size; 0: the whole object
  uint32_t list_page = 1000;
  unsigned connections = 64;
  unsigned threads = 1;
  double duration_seconds = 10;
  double warm_up_seconds = 2;
  uint64_t operation_limit = 0;   // 0: by time
  bool sign_payload = false;      // PUT: sign the body's SHA-256; else UNSIGNED-PAYLOAD
  bool anonymous = false;         // no signatures: for public buckets and plain web servers
  bool create_keys = false;       // PUT writes new keys instead of overwriting
  bool prepare = true;            // make the bucket and the objects first
  bool clean_up = false;          // remove them after
  bool progress = true;
  std::string json_file;          // "-": standard output
  std::string congestion_control; // TCP_CONGESTION of our sockets
};

/// "get=70,put=30"
Result<std::vector<MixEntry>> parse_mix(const std::string& text);
/// "http://host:port"
Result<void> parse_endpoint(const std::string& text, Options* options);

}  // namespace tp::bench
