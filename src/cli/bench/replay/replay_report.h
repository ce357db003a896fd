// How a replay's figures are shown: a table for people, JSON for programs, a page with plots. Each figure says whether
// it is measured or modelled.
#pragma once

#include <string>
#include <vector>

#include "cli/bench/replay/figures.h"

namespace tp::bench {

/// One point of a simulated curve.
struct PolicyPoint {
  std::string policy;
  double capacity_tokens = 0;
  double hit_ratio = 0;      // leading run over all blocks
};

struct ReplayReport {
  std::string trace;         // its name
  std::string policy;        // of the volume; "": not known
  double capacity_tokens = 0, scale = 1, slo_seconds = 0;
  uint32_t block_tokens = 0;
  cache::Profile profile;
  PriceSheet prices;
  ReplayTotals totals;
  Figures figures;
  std::vector<PolicyPoint> curves;
};

/// Whether the server's ledger counted what the replay did: 1 equal, 0 not, -1 it was not asked or restarted meanwhile.
int ledger_agrees(const ReplayTotals& totals);

std::string replay_table(const ReplayReport& report);
std::string replay_json(const ReplayReport& report);
std::string replay_page(const ReplayReport& report);

}  // namespace tp::bench
