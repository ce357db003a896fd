// Simulation of a cache over a whole trace without a server: the policies that serve, through the same calls, and
// Belady's bound with bypass. Every block counts as one of full size, the last of a request too; hits are those of a
// request's leading run. The staging queue is kStagingShare of the capacity, as in the engine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cache/sim/trace.h"

namespace tp::cache::sim {

/// A trace in memory, blocks numbered densely by their first use.
struct LoadedTrace {
  uint32_t block_tokens = kDefaultBlockTokens;
  uint32_t unique_blocks = 0;
  uint64_t full_blocks = 0;
  std::vector<uint32_t> blocks;       // of all requests
  std::vector<uint64_t> ends;         // of each request in `blocks`
  std::vector<uint32_t> last_tokens;  // of each request's last block
};
Result<LoadedTrace> load_trace(TraceReader& reader);

struct SimulationResult {
  std::string policy;
  std::optional<uint64_t> capacity_tokens;  // none: infinite
  uint32_t block_tokens = 0;
  uint64_t total_blocks = 0, full_blocks = 0;
  uint64_t hit_blocks = 0, hit_tokens = 0;
  uint64_t missed_blocks = 0;  // that had to be computed and were offered
  uint64_t flash_write_blocks = 0;
  double hit_ratio() const {
    return total_blocks == 0 ? 0 : static_cast<double>(hit_blocks) / static_cast<double>(total_blocks);
  }
};

/// Names that simulate() knows: policy_names() and "belady".
std::vector<std::string> simulated_policies();
/// kInvalidArgument: an unknown policy, or a capacity below one block.
Result<SimulationResult> simulate(const LoadedTrace& trace, const std::string& policy,
                                  std::optional<uint64_t> capacity_tokens);

}  // namespace tp::cache::sim
