// One whole run of `tokenplane bench tokens` against a server: the trace (or a generated one), the replay, the figures,
// the simulated curves beside them.
#pragma once

#include <string>
#include <vector>

#include "cache/sim/generate.h"
#include "cli/bench/replay/replay_report.h"

namespace tp::bench {

struct ReplayRunOptions {
  ReplayOptions replay;
  PriceSheet prices;
  std::string trace_file;                 // empty: one is generated
  cache::sim::TraceOptions trace;
  cache::sim::GenerateOptions generate;   // of the generated one
  uint64_t most_requests = 0;             // 0: all
  double capacity_tokens = 0;             // of the volume; 0: what its TP.STAT says
  std::vector<std::string> curve_policies = {"lru", "s3fifo", "prefix", "belady"};
};

/// Not from a loop's thread. kInvalidArgument, and what reading and connecting can fail with.
Result<ReplayReport> run_replay(rt::Runtime& runtime, ReplayRunOptions options);

}  // namespace tp::bench
