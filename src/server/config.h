// Config: everything `tokenplane serve` can be told: a TOML file, flags over it, credentials from the environment.
// Reference: docs/configuration.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/tiers/tier_config.h"

namespace tp::server {

struct TlsConfig {
  std::string certificate_file;  // PEM; empty: no TLS
  std::string key_file;
};

struct Config {
  std::string data_directory;
  std::string listen_address = "127.0.0.1";
  uint16_t s3_port = 9000;
  uint16_t admin_port = 9001;
  TlsConfig tls;                              // of the S3 port
  std::vector<std::string> s3_domains;        // virtual-hosted addressing: bucket.DOMAIN
  std::string region = "us-east-1";

  bool nfs = true;
  uint16_t nfs_port = 2049;
  std::vector<std::string> nfs_networks = {"127.0.0.0/8", "::1/128"};  // may reach volumes that name none themselves
  unsigned nfs_lease_seconds = 60;            // NFSv4: how long a client that is not heard of keeps opens and locks
  unsigned nfs_grace_seconds = 60;            // NFSv4: how long clients may reclaim them after a start
  uint64_t nfs_write_buffer_bytes = 256ull << 20;

  bool redis = true;                          // cache volumes over RESP
  std::optional<uint16_t> redis_port;         // not said: 6379, or a free one if that is taken
  std::optional<uint16_t> redis_tls_port;     // with the certificate and key of `tls`
  std::string redis_anonymous_volume;         // whoever connects may use it without AUTH; made if it is missing
  bool redis_anonymous_anywhere = false;      // also where others than this machine reach the port

  unsigned cores = 0;                         // 0: all
  uint64_t block_cache_bytes = 0;             // 0: an eighth of the memory; verified blocks of large objects
  uint64_t object_cache_bytes = 256ull << 20; // hot small objects and lookups
  uint64_t metadata_cache_bytes = 512ull << 20;
  uint64_t upload_buffer_bytes = 192ull << 20;
  uint64_t segment_bytes = 1ull << 30;
  uint64_t min_free_bytes = 64ull << 20;
  uint64_t scrub_bytes_per_second = 8ull << 20;
  std::vector<TierConfig> tiers;
  std::vector<StorageClassConfig> storage_classes;
  uint64_t move_bytes_per_second = 48 << 20;  // between tiers; 0: no limit
  size_t max_connections = 16384;
  int drain_seconds = 20;

  std::string log_level = "info";
  std::string log_file;                       // empty: standard error
  std::string access_log_file;                // empty: none, "-": with the log

  // From the environment only: secrets do not belong on command lines.
  std::string root_access_key, root_secret_key;
  std::string redis_password;                 // of AUTH without a user: the operator's own

  std::string version;                        // of this program, where protocols say one
};

/// Reads a TOML file over `config`. kInvalidArgument names the key and the line.
Result<void> load_config_file(const std::string& path, Config* config);
/// TOKENPLANE_ACCESS_KEY, TOKENPLANE_SECRET_KEY, TOKENPLANE_REDIS_PASSWORD.
void load_environment(Config* config);
/// "64MiB", "1GiB", "4096" -> bytes.
Result<uint64_t> parse_size(const std::string& text);
/// What must hold before anything is opened: a data directory, credentials, secrets strong enough for the address.
Result<void> validate(const Config& config);
bool is_loopback(const std::string& address);

}  // namespace tp::server
