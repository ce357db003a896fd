#include <algorithm>
#include <unordered_map>

#include "cache/sim/simulate.h"

namespace tp::cache::sim {

Result<LoadedTrace> load_trace(TraceReader& reader) {
  constexpr uint64_t kMost = uint64_t{1} << 31;
  LoadedTrace trace;
  std::unordered_map<uint64_t, uint32_t> numbers;
  TraceRequest request;
  while (true) {
    TP_TRY(const bool any, reader.next(&request));
    if (!any) break;
    if (trace.blocks.size() + request.blocks.size() > kMost) {
      return fail(Code::kTooLarge, "the trace has more than 2^31 blocks");
    }
    for (const uint64_t id : request.blocks) {
      trace.blocks.push_back(numbers.try_emplace(id, static_cast<uint32_t>(numbers.size())).first->second);
    }
    const uint64_t block_tokens = reader.block_tokens();
    const uint64_t before_last = request.blocks.empty() ? 0 : (request.blocks.size() - 1) * block_tokens;
    const uint64_t last = request.input_tokens > before_last ? request.input_tokens - before_last : 0;
    trace.full_blocks += std::min<uint64_t>(request.input_tokens / block_tokens, request.blocks.size());
    trace.ends.push_back(trace.blocks.size());
    trace.last_tokens.push_back(static_cast<uint32_t>(std::min(last, block_tokens)));
  }
  trace.block_tokens = reader.block_tokens();
  trace.unique_blocks = static_cast<uint32_t>(numbers.size());
  return trace;
}

}  // namespace tp::cache::sim
