// The simulator against counts by hand; the generator; what the default policy reaches beside the references.
#include "cache/sim/simulate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cache/sim/generate.h"

namespace tp::cache::sim {
namespace {

LoadedTrace trace_of(const std::vector<std::vector<uint32_t>>& requests, uint32_t last_tokens = 10) {
  LoadedTrace trace;
  trace.block_tokens = 10;
  for (const auto& request : requests) {
    for (const uint32_t block : request) {
      trace.blocks.push_back(block);
      trace.unique_blocks = std::max(trace.unique_blocks, block + 1);
    }
    trace.ends.push_back(trace.blocks.size());
    trace.last_tokens.push_back(last_tokens);
  }
  return trace;
}

uint64_t hits(const LoadedTrace& trace, const std::string& policy, uint64_t blocks) {
  const auto result = simulate(trace, policy, blocks * trace.block_tokens);
  EXPECT_TRUE(result);
  return result ? result->hit_blocks : ~0ull;
}

LoadedTrace generated(const GenerateOptions& options) {
  std::ostringstream text;
  EXPECT_TRUE(generate_trace(options, text));
  const std::string path = testing::TempDir() + "/tp-generated-" + std::to_string(::getpid());
  std::ofstream(path) << text.str();
  auto reader = TraceReader::open(path, {});
  EXPECT_TRUE(reader);
  auto trace = load_trace(**reader);
  std::filesystem::remove(path);
  EXPECT_TRUE(trace) << trace.error().message;
  return std::move(*trace);
}

TEST(Simulate, OnlyTheLeadingRunCounts) {
  // The third request finds 0 and 1; 9 is missing; 2 is there but behind the gap.
  const LoadedTrace trace = trace_of({{0, 1, 2}, {3}, {0, 1, 9, 2}}, 4);
  for (const std::string& policy : simulated_policies()) {
    const auto result = simulate(trace, policy, std::nullopt);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->hit_blocks, 2u) << policy;
    EXPECT_EQ(result->hit_tokens, 20u) << policy;
    EXPECT_EQ(result->total_blocks, 8u);
    EXPECT_FALSE(result->capacity_tokens);
  }
  const auto whole = simulate(trace_of({{0, 1}, {0, 1}}, 4), "belady", std::nullopt);
  EXPECT_EQ(whole->hit_tokens, 14u) << "the last block is partial";
}

TEST(Simulate, SmallCachesByHand) {
  // 0 1 2 0 with room for two: LRU loses 0, Belady lets 1 and 2 pass.
  const LoadedTrace scan = trace_of({{0}, {1}, {2}, {0}, {3}, {4}, {0}});
  EXPECT_EQ(hits(scan, "lru", 2), 0u);
  EXPECT_EQ(hits(scan, "fifo", 2), 0u);
  EXPECT_EQ(hits(scan, "belady", 2), 2u);
  EXPECT_EQ(hits(scan, "belady", 1), 2u);
  // FIFO does not mind the use of 0, LRU does.
  const LoadedTrace order = trace_of({{0}, {1}, {0}, {2}, {0}});
  EXPECT_EQ(hits(order, "lru", 2), 2u);
  EXPECT_EQ(hits(order, "fifo", 2), 1u);
}

TEST(Simulate, RefusesWhatItDoesNotKnow) {
  const LoadedTrace trace = trace_of({{0}});
  EXPECT_FALSE(simulate(trace, "clairvoyant", 100));
  EXPECT_FALSE(simulate(trace, "lru", 9)) << "less than a block";
  EXPECT_EQ(hits(trace_of({}), "prefix", 5), 0u);
  EXPECT_EQ(hits(trace, "prefix", uint64_t{1} << 59), 0u);
}

TEST(Simulate, NothingBeatsTheBoundAndMoreRoomNeverHurtsIt) {
  GenerateOptions options;
  options.requests = 2000;
  const LoadedTrace trace = generated(options);
  const uint64_t most = simulate(trace, "lru", std::nullopt)->hit_blocks;
  uint64_t before = 0;
  for (const uint64_t blocks : {50u, 200u, 1000u, 5000u}) {
    const uint64_t bound = hits(trace, "belady", blocks);
    for (const std::string& policy : simulated_policies()) {
      EXPECT_LE(hits(trace, policy, blocks), bound) << policy << " " << blocks;
    }
    EXPECT_GE(bound, before);
    EXPECT_LE(bound, most);
    before = bound;
  }
}

TEST(Generate, TheSameSeedGivesTheSameTraceInEveryFormat) {
  for (const TraceFormat format : {TraceFormat::kMooncake, TraceFormat::kConversation, TraceFormat::kCsv}) {
    GenerateOptions options;
    options.format = format;
    options.requests = 500;
    std::ostringstream first, second, other;
    ASSERT_TRUE(generate_trace(options, first));
    ASSERT_TRUE(generate_trace(options, second));
    options.seed = 2;
    ASSERT_TRUE(generate_trace(options, other));
    EXPECT_EQ(first.str(), second.str());
    EXPECT_NE(first.str(), other.str());
    const LoadedTrace trace = generated(options);
    EXPECT_EQ(trace.ends.size(), 500u);
    const double reused = 1 - static_cast<double>(trace.unique_blocks) / static_cast<double>(trace.blocks.size());
    if (format == TraceFormat::kCsv) {
      EXPECT_EQ(reused, 0);
    } else {
      EXPECT_GT(reused, 0.2);
    }
  }
}

TEST(Generate, RefusesNumbersOutOfRange) {
  std::ostringstream out;
  for (const auto& spoil : std::vector<std::function<void(GenerateOptions*)>>{
           [](auto* options) { options->requests = 1'000'000'000; }, [](auto* options) { options->block_tokens = 0; },
           [](auto* options) { options->agent_share = 1.5; }, [](auto* options) { options->mean_turns = 0; },
           [](auto* options) { options->requests_per_second = 0; }}) {
    GenerateOptions options;
    spoil(&options);
    EXPECT_FALSE(generate_trace(options, out));
  }
}

TEST(Simulate, OursBeatsBothReferencesOnConversations) {
  GenerateOptions options;
  options.requests = 8000;
  const LoadedTrace trace = generated(options);
  for (const uint64_t tokens : {1'500'000u, 3'000'000u}) {
    const auto ours = simulate(trace, "prefix", tokens), lru = simulate(trace, "lru", tokens);
    const auto s3fifo = simulate(trace, "s3fifo", tokens), bound = simulate(trace, "belady", tokens);
    EXPECT_GT(ours->hit_blocks, lru->hit_blocks) << tokens;
    EXPECT_GT(ours->hit_blocks, s3fifo->hit_blocks) << tokens;
    EXPECT_LT(ours->hit_blocks, bound->hit_blocks) << tokens;
    EXPECT_LT(ours->flash_write_blocks, lru->flash_write_blocks) << tokens;
  }
}

// TP_TRACES names the folder of third-party traces, which are not part of this project.
TEST(Simulate, TheRealTraceGivesTheKnownFigures) {
  const char* const folder = std::getenv("TP_TRACES");
  if (folder == nullptr) GTEST_SKIP() << "TP_TRACES does not name a folder with mooncake_conversation.jsonl.gz";
  const auto reader = TraceReader::open(std::string(folder) + "/mooncake_conversation.jsonl.gz", {});
  if (!reader) GTEST_SKIP() << reader.error().message;
  const auto trace = load_trace(**reader);
  ASSERT_TRUE(trace) << trace.error().message;
  const auto ratio = [&](const char* policy, std::optional<uint64_t> tokens) {
    return simulate(*trace, policy, tokens)->hit_ratio();
  };
  const auto all = simulate(*trace, "lru", std::nullopt);
  EXPECT_NEAR(all->hit_ratio(), 0.366, 0.001);
  EXPECT_NEAR(static_cast<double>(all->hit_blocks) / static_cast<double>(all->full_blocks), 0.382, 0.001);
  EXPECT_NEAR(ratio("lru", 3'000'000), 0.136, 0.002);
  EXPECT_NEAR(ratio("lru", 10'000'000), 0.285, 0.002);
  EXPECT_NEAR(ratio("belady", 3'000'000), 0.351, 0.004);
  EXPECT_GT(ratio("prefix", 3'000'000), ratio("s3fifo", 3'000'000) + 0.015);
  EXPECT_GT(ratio("prefix", 10'000'000), ratio("lru", 10'000'000) + 0.012);
}

}  // namespace
}  // namespace tp::cache::sim
