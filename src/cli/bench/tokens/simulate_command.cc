#include "cli/bench/tokens/simulate_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

namespace tp::bench {
namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  size_t from = 0;
  while (from <= text.size()) {
    const size_t comma = std::min(text.find(',', from), text.size());
    parts.push_back(text.substr(from, comma - from));
    from = comma + 1;
  }
  return parts;
}

}  // namespace

Result<std::vector<std::optional<uint64_t>>> parse_capacities(const std::string& text) {
  std::vector<std::optional<uint64_t>> capacities;
  for (const std::string& part : split(text)) {
    if (part == "inf") {
      capacities.emplace_back();
      continue;
    }
    uint64_t tokens = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), tokens);
    if (error != std::errc() || end != part.data() + part.size() || tokens == 0) {
      return fail(Code::kInvalidArgument, "capacities are numbers of tokens, or inf: " + text);
    }
    capacities.emplace_back(tokens);
  }
  return capacities;
}

Result<std::vector<std::string>> parse_policies(const std::string& text) {
  const std::vector<std::string> known = cache::sim::simulated_policies();
  if (text == "all") return known;
  std::vector<std::string> policies = split(text);
  for (const std::string& policy : policies) {
    if (std::find(known.begin(), known.end(), policy) == known.end()) {
      return fail(Code::kInvalidArgument,
                  fmt::format("there is no eviction policy {} ({})", policy, fmt::join(known, ", ")));
    }
  }
  return policies;
}

Result<std::vector<cache::sim::SimulationResult>> run_simulations(const SimulateOptions& options) {
  TP_TRY(const auto reader, cache::sim::TraceReader::open(options.trace, options.reading));
  TP_TRY(const auto trace, cache::sim::load_trace(*reader));
  std::vector<cache::sim::SimulationResult> results;
  for (const auto& capacity : options.capacities_tokens) {
    for (const std::string& policy : options.policies) {
      TP_TRY(auto result, cache::sim::simulate(trace, policy, capacity));
      results.push_back(std::move(result));
    }
  }
  return results;
}

std::string simulation_table(const std::vector<cache::sim::SimulationResult>& results) {
  std::string table = fmt::format("{:<10} {:>16} {:>10} {:>10} {:>10} {:>14} {:>14}\n", "policy", "capacity tokens",
                                  "blocks", "hits", "hit ratio", "hit tokens", "flash writes");
  for (const auto& result : results) {
    table += fmt::format("{:<10} {:>16} {:>10} {:>10} {:>10.4f} {:>14} {:>14}\n", result.policy,
                         result.capacity_tokens ? std::to_string(*result.capacity_tokens) : "inf", result.total_blocks,
                         result.hit_blocks, result.hit_ratio(), result.hit_tokens, result.flash_write_blocks);
  }
  return table;
}

std::string simulation_json(const SimulateOptions& options, const std::vector<cache::sim::SimulationResult>& results) {
  nlohmann::ordered_json json;
  json["trace"] = options.trace;
  json["results"] = nlohmann::ordered_json::array();
  for (const auto& result : results) {
    nlohmann::ordered_json one;
    one["policy"] = result.policy;
    one["capacity_tokens"] = nullptr;
    if (result.capacity_tokens) one["capacity_tokens"] = *result.capacity_tokens;
    one["block_tokens"] = result.block_tokens;
    one["total_blocks"] = result.total_blocks;
    one["full_blocks"] = result.full_blocks;
    one["hit_blocks"] = result.hit_blocks;
    one["hit_ratio"] = result.hit_ratio();
    one["hit_tokens"] = result.hit_tokens;
    one["missed_blocks"] = result.missed_blocks;
    one["flash_write_blocks"] = result.flash_write_blocks;
    json["results"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<void> write_generated(const cache::sim::GenerateOptions& options, const std::string& file) {
  if (file.empty() || file == "-") return cache::sim::generate_trace(options, std::cout);
  std::ofstream out(file, std::ios::binary);
  if (!out) return fail(Code::kIo, "cannot write " + file);
  return cache::sim::generate_trace(options, out);
}

}  // namespace tp::bench
