#include "cache/sim/belady.h"

#include <set>

namespace tp::cache::sim {
namespace {
constexpr uint32_t kNever = ~0u;

std::vector<uint32_t> next_uses(const LoadedTrace& trace) {
  std::vector<uint32_t> next(trace.blocks.size()), seen(trace.unique_blocks, kNever);
  for (size_t at = trace.blocks.size(); at-- > 0;) {
    next[at] = seen[trace.blocks[at]];
    seen[trace.blocks[at]] = static_cast<uint32_t>(at);
  }
  return next;
}
}  // namespace

void run_belady(const LoadedTrace& trace, uint64_t capacity_blocks, SimulationResult* result) {
  const std::vector<uint32_t> next = next_uses(trace);
  std::set<std::pair<uint32_t, uint32_t>> here;  // next use, block
  std::vector<uint32_t> next_of(trace.unique_blocks, kNever);
  uint64_t at = 0;
  for (size_t request = 0; request < trace.ends.size(); ++request) {
    bool leading = true;
    for (; at < trace.ends[request]; ++at) {
      const uint32_t block = trace.blocks[at];
      const bool hit = here.erase({next_of[block], block}) > 0;
      leading = leading && hit;
      if (leading) {
        ++result->hit_blocks;
        result->hit_tokens += at + 1 == trace.ends[request] ? trace.last_tokens[request] : trace.block_tokens;
      }
      if (!hit) ++result->missed_blocks;
      next_of[block] = next[at];
      if (next[at] == kNever) continue;
      if (here.size() >= capacity_blocks) {
        const auto latest = std::prev(here.end());
        if (latest->first < next[at]) continue;
        here.erase(latest);
      }
      here.insert({next[at], block});
      if (!hit) ++result->flash_write_blocks;
    }
  }
}

}  // namespace tp::cache::sim
