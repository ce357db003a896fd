// TraceRequest and TraceReader: requests of a trace in the order of their time, one after the other, from one of three
// formats (docs/cache_benchmark.md), plain or gzip. What a file says is not trusted: a line that does not parse is
// kMalformed with its number, and memory stays bounded by the limits below.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace tp::cache::sim {

inline constexpr uint32_t kDefaultBlockTokens = 512;
inline constexpr size_t kMostLineBytes = 64 << 20;
inline constexpr size_t kMostBlocks = 1 << 20;  // of a request

/// One request: its prompt's blocks in order; the last may be partial.
struct TraceRequest {
  double seconds = 0;  // since the trace began
  uint64_t input_tokens = 0, output_tokens = 0;
  std::vector<uint64_t> blocks;  // equal number: equal block with equal prefix
};

enum class TraceFormat { kDetect, kMooncake, kConversation, kCsv };
Result<TraceFormat> parse_trace_format(std::string_view name);  // "mooncake", "conversation", "csv"

struct TraceOptions {
  TraceFormat format = TraceFormat::kDetect;
  uint32_t block_tokens = 0;        // of formats that do not say; 0: 512
  double conversation_seconds = 1;  // between conversations that do not say when they began
};

class TraceReader {
 public:
  static Result<std::unique_ptr<TraceReader>> open(const std::string& path, const TraceOptions& options);
  virtual ~TraceReader() = default;
  /// The next request, false at the end. kMalformed, kTooLarge, kIo.
  virtual Result<bool> next(TraceRequest* request) = 0;
  /// Tokens of a full block. Final once the first request was read.
  virtual uint32_t block_tokens() const = 0;
};

}  // namespace tp::cache::sim
