#include "cache/sim/simulate.h"

#include <algorithm>

#include "cache/policy/policy.h"
#include "cache/sim/belady.h"
#include "cache/sim/policy_run.h"

namespace tp::cache::sim {
namespace {

// Nothing ever goes: every policy is alike.
void run_infinite(const LoadedTrace& trace, SimulationResult* result) {
  std::vector<bool> here(trace.unique_blocks);
  uint64_t at = 0;
  for (size_t request = 0; request < trace.ends.size(); ++request) {
    bool leading = true;
    for (; at < trace.ends[request]; ++at) {
      const bool hit = here[trace.blocks[at]];
      leading = leading && hit;
      here[trace.blocks[at]] = true;
      if (!hit) ++result->missed_blocks;
      if (!leading) continue;
      ++result->hit_blocks;
      result->hit_tokens += at + 1 == trace.ends[request] ? trace.last_tokens[request] : trace.block_tokens;
    }
  }
  result->flash_write_blocks = result->missed_blocks;
}

}  // namespace

std::vector<std::string> simulated_policies() {
  std::vector<std::string> names = policy_names();
  names.emplace_back("belady");
  return names;
}

Result<SimulationResult> simulate(const LoadedTrace& trace, const std::string& policy,
                                  std::optional<uint64_t> capacity_tokens) {
  const std::vector<std::string> names = simulated_policies();
  if (std::find(names.begin(), names.end(), policy) == names.end()) {
    return fail(Code::kInvalidArgument, "there is no eviction policy " + policy);
  }
  SimulationResult result{.policy = policy, .capacity_tokens = capacity_tokens, .block_tokens = trace.block_tokens};
  result.total_blocks = trace.blocks.size();
  result.full_blocks = trace.full_blocks;
  const uint64_t capacity_blocks = capacity_tokens ? *capacity_tokens / trace.block_tokens : trace.unique_blocks;
  if (capacity_tokens && capacity_blocks == 0) {
    return fail(Code::kInvalidArgument,
                "a capacity below one block of " + std::to_string(trace.block_tokens) + " tokens");
  }
  if (!capacity_tokens) {
    run_infinite(trace, &result);
  } else if (policy == "belady") {
    run_belady(trace, capacity_blocks, &result);
  } else {
    // More than everything is no more than everything, and keeps sizes in range.
    PolicyRun(trace, policy, std::min<uint64_t>(capacity_blocks, uint64_t{trace.unique_blocks} * 2)).run(&result);
  }
  return result;
}

}  // namespace tp::cache::sim
