// What `tokenplane bench tokens --simulate` and `--generate` do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cache/sim/generate.h"
#include "cache/sim/simulate.h"

namespace tp::bench {

struct SimulateOptions {
  std::string trace;
  cache::sim::TraceOptions reading;
  std::vector<std::optional<uint64_t>> capacities_tokens;  // none: infinite
  std::vector<std::string> policies;
};

/// "3000000,10000000,inf".
Result<std::vector<std::optional<uint64_t>>> parse_capacities(const std::string& text);
/// "all" or "lru,prefix"; kInvalidArgument: an unknown one.
Result<std::vector<std::string>> parse_policies(const std::string& text);

Result<std::vector<cache::sim::SimulationResult>> run_simulations(const SimulateOptions& options);
std::string simulation_table(const std::vector<cache::sim::SimulationResult>& results);
/// {"trace", "results": [{"policy", "capacity_tokens" (null: infinite), "block_tokens", "total_blocks", "full_blocks",
/// "hit_blocks", "hit_ratio", "hit_tokens", "missed_blocks", "flash_write_blocks"}]}
std::string simulation_json(const SimulateOptions& options, const std::vector<cache::sim::SimulationResult>& results);

/// Writes to the file, or to standard output where it is empty or "-".
Result<void> write_generated(const cache::sim::GenerateOptions& options, const std::string& file);

}  // namespace tp::bench
