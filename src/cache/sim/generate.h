// A trace made up, with the kinds of reuse that serving language models has: conversations of several turns, some under
// shared system prompts, agents that call tools and carry all they did along, single questions; arrivals that rise and
// fall over a day. The same options give the same trace.
#pragma once

#include <iosfwd>

#include "cache/sim/trace.h"

namespace tp::cache::sim {

struct GenerateOptions {
  TraceFormat format = TraceFormat::kMooncake;
  uint64_t requests = 10'000;
  uint64_t seed = 1;
  uint32_t block_tokens = kDefaultBlockTokens;
  double requests_per_second = 3;  // on average
  double agent_share = 0.15;       // of conversations
  double system_share = 0.5;       // of conversations: under a shared system prompt
  unsigned system_prompts = 20;
  double mean_turns = 2.5;      // of a chat
  double mean_steps = 10;       // of an agent
  double think_seconds = 75;    // median between the turns of a chat
  double step_seconds = 6;      // median between an agent's
  double prompt_tokens = 2500;  // median of a first prompt
};

/// kInvalidArgument: a number out of range.
Result<void> generate_trace(const GenerateOptions& options, std::ostream& out);

}  // namespace tp::cache::sim
