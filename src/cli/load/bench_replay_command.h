// The options of `tokenplane bench tokens` that concern a server, and the run against it.
#pragma once

#include <string>
#include <vector>

#include "cache/sim/generate.h"

namespace CLI {
class App;
}

namespace tp::cli {

struct ReplayTexts {
  std::string server = "127.0.0.1:6379", user, volume, profile = "llama-3-8b", prices, html;
  std::vector<std::string> identity;
  double scale = 1e-3, slo_seconds = 2, patience_seconds = 60;
  uint64_t most_requests = 0;
};

void add_replay_options(CLI::App& tokens, ReplayTexts* texts);

/// What the options shared with --simulate and --generate said.
struct ReplayTrace {
  std::string file, format;
  uint32_t block_tokens = 0;
  cache::sim::GenerateOptions generate;
  double capacity_tokens = 0;  // 0: the server says it
  bool json = false;
};

/// The exit status: 0; 1: it could not be run; 2: a wrong byte was served.
int run_replay_command(const ReplayTexts& texts, const ReplayTrace& trace);

}  // namespace tp::cli
