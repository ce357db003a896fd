// `tokenplane bench tokens`: which options it has. What it does is in cli/bench/tokens.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/bench/tokens/simulate_command.h"
#include "cli/load/bench_replay_command.h"
#include "cli/commands.h"
#include "cli/store_access.h"

namespace tp::cli {

namespace {

struct TokensTexts {
  bool simulate = false, generate = false, json = false;
  std::string trace, format, out;
  std::string capacities;
  std::string policies = "all";
  uint32_t block_tokens = 0;
  cache::sim::GenerateOptions generating;
  ReplayTexts replay;
};

constexpr const char* kUsualCapacities = "3000000,10000000,inf";

Result<void> run_simulate(const TokensTexts& texts) {
  bench::SimulateOptions options;
  options.trace = texts.trace;
  if (options.trace.empty()) return fail(Code::kInvalidArgument, "give --trace FILE");
  options.reading.block_tokens = texts.block_tokens;
  if (!texts.format.empty()) {
    TP_TRY(options.reading.format, cache::sim::parse_trace_format(texts.format));
  }
  const std::string capacities = texts.capacities.empty() ? kUsualCapacities : texts.capacities;
  TP_TRY(options.capacities_tokens, bench::parse_capacities(capacities));
  TP_TRY(options.policies, bench::parse_policies(texts.policies));
  TP_TRY(const auto results, bench::run_simulations(options));
  if (texts.json) {
    fmt::print("{}\n", bench::simulation_json(options, results));
  } else {
    fmt::print("{}", bench::simulation_table(results));
  }
  return ok;
}

Result<void> run_generate(const TokensTexts& texts) {
  cache::sim::GenerateOptions options = texts.generating;
  if (texts.block_tokens != 0) options.block_tokens = texts.block_tokens;
  if (!texts.format.empty()) {
    TP_TRY(options.format, cache::sim::parse_trace_format(texts.format));
  }
  return bench::write_generated(options, texts.out);
}

int run_replay(const TokensTexts& texts) {
  ReplayTrace trace;
  trace.file = texts.trace;
  trace.format = texts.format;
  trace.block_tokens = texts.block_tokens;
  trace.generate = texts.generating;
  trace.json = texts.json;
  if (!texts.capacities.empty()) {
    const auto capacities = bench::parse_capacities(texts.capacities);
    if (!capacities) return report_failure(capacities.error());
    if (capacities->size() != 1 || !capacities->front()) {
      return report_failure(Error(Code::kInvalidArgument, "--capacity-tokens: one finite number in a replay"));
    }
    trace.capacity_tokens = static_cast<double>(*capacities->front());
  }
  return run_replay_command(texts.replay, trace);
}

int run_bench_tokens(const TokensTexts& texts) {
  Result<void> done = ok;
  if (texts.simulate && texts.generate) {
    done = fail(Code::kInvalidArgument, "give one of --simulate and --generate");
  } else if (texts.simulate) {
    done = run_simulate(texts);
  } else if (texts.generate) {
    done = run_generate(texts);
  } else {
    return run_replay(texts);
  }
  return done ? 0 : report_failure(done.error());
}

}  // namespace

void add_bench_tokens_command(CLI::App& bench, Run* run) {
  auto texts = std::make_shared<TokensTexts>();
  auto* tokens = bench.add_subcommand("tokens", "A trace of requests against the token cache");
  tokens->add_flag("--simulate", texts->simulate, "Run eviction policies over the trace, without a server");
  tokens->add_option("--trace", texts->trace, "The trace, plain or gzip (docs/cache_benchmark.md)");
  tokens->add_option("--format", texts->format, "mooncake, conversation or csv (default: what the file looks like)");
  tokens
      ->add_option("--block-tokens", texts->block_tokens,
                   "Tokens of a block where the trace does not say (default 512)")
      ->check(CLI::Range(1, 1 << 20));
  tokens->add_option("--capacity-tokens", texts->capacities,
                     "Capacities, comma-separated; inf: no limit (3000000,10000000,inf; in a replay the volume's)");
  tokens->add_option("--policy", texts->policies, "all, or names, comma-separated");
  tokens->add_flag("--json", texts->json, "Print JSON");
  add_replay_options(*tokens, &texts->replay);

  cache::sim::GenerateOptions& generating = texts->generating;
  tokens->add_flag("--generate", texts->generate, "Write a trace that is made up");
  tokens->add_option("--requests", generating.requests, "How many (default 10000)");
  tokens->add_option("--seed", generating.seed, "The same seed gives the same trace (default 1)");
  tokens->add_option("--out", texts->out, "File to write (default: standard output)");
  tokens->add_option("--rate", generating.requests_per_second, "Requests a second, on average over a day (default 3)");
  tokens->add_option("--agents", generating.agent_share, "Share of conversations that are agents' (default 0.15)");
  tokens->add_option("--shared", generating.system_share, "Share that has a shared system prompt (default 0.5)");
  tokens->add_option("--system-prompts", generating.system_prompts, "How many of those there are (default 20)");
  tokens->add_option("--turns", generating.mean_turns, "Turns of a chat, on average (default 2.5)");
  tokens->add_option("--steps", generating.mean_steps, "Steps of an agent, on average (default 10)");
  tokens->add_option("--think", generating.think_seconds, "Median seconds between turns (default 75)");
  tokens->add_option("--step-seconds", generating.step_seconds, "Median seconds between steps (default 6)");
  tokens->add_option("--prompt", generating.prompt_tokens, "Median tokens of a first prompt (default 2500)");
  tokens->callback([texts, run] { *run = [texts] { return run_bench_tokens(*texts); }; });
}

}  // namespace tp::cli
