#include "cli/bench/replay/figures.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cli/bench/replay/page.h"
#include "cli/bench/replay/replay_report.h"

namespace tp::bench {
namespace {

PriceSheet round_prices() {
  PriceSheet prices;
  prices.dollars_per_terabyte = 8766;  // over a year: a dollar an hour
  prices.lifetime_years = 1;
  prices.watts_per_terabyte = 1000;
  prices.pue = 2;
  prices.dollars_per_kilowatt_hour = 0.25;             // half a dollar an hour
  prices.operations_dollars_per_terabyte_hour = 0.5;
  prices.physical_bytes_per_byte = 2;
  return prices;
}

cache::Profile round_profile() {
  cache::Profile profile;
  profile.bytes_per_token = 1e6;
  profile.prefill_seconds = {{1000, 1}};  // a millisecond a token
  profile.gpu_dollars_per_hour = 3600;    // a dollar a second
  return profile;
}

ReplayTotals some_totals() {
  ReplayTotals totals;
  totals.requests = 10;
  totals.blocks = 40;
  totals.hit_blocks = 10;
  totals.input_tokens = 20000;
  totals.hit_tokens = totals.valid_tokens = 5000;
  totals.saved_seconds = 5;
  totals.stall_seconds = 1;
  totals.first_second = 100;
  totals.last_second = 100 + 7200;
  return totals;
}

TEST(Figures, FollowTheirFormulas) {
  // 500,000 tokens of 1 MB, twice over: B = 1 TB. Two dollars an hour for two hours: C = 4.
  const Figures figures = compute_figures(some_totals(), round_profile(), round_prices(), 500'000, 1);
  EXPECT_TRUE(figures.valid);
  EXPECT_DOUBLE_EQ(figures.hours, 2);
  EXPECT_DOUBLE_EQ(figures.terabytes, 1);
  EXPECT_NEAR(figures.cost_dollars, 4, 1e-9);
  EXPECT_NEAR(figures.tokens_per_dollar_per_terabyte, 5000 / 4.0, 1e-9);
  EXPECT_NEAR(figures.tokens_per_terabyte_month, 5000 * 730.5 / 2, 1e-6);
  EXPECT_DOUBLE_EQ(figures.hit_ratio_blocks, 0.25);
  EXPECT_DOUBLE_EQ(figures.hit_ratio_tokens, 0.25);
  EXPECT_NEAR(figures.saved_dollars, 4, 1e-9);
  EXPECT_NEAR(figures.net_dollars, 0, 1e-9);
  // A token costs 0.001 dollars to compute, and 2 MB of two dollars a terabyte hour: 2e-6 TB * 1461 $/TB-month.
  EXPECT_NEAR(figures.break_even_reuses, 2e-6 * 1461 / 0.001, 1e-9);
  EXPECT_NEAR(figures.reuses, 5000 / 500'000.0 * 730.5 / 2, 1e-9);
}

TEST(Figures, ChargeEgressAndRequestsAtFullSize) {
  PriceSheet prices = round_prices();
  prices.egress_dollars_per_gigabyte = 0.5;
  prices.dollars_per_million_requests = 1e6;
  ReplayTotals totals = some_totals();
  totals.loaded_bytes = 1'000'000;  // a thousandth of what it stands for: 1 GB
  const Figures figures = compute_figures(totals, round_profile(), prices, 500'000, 0.001);
  EXPECT_NEAR(figures.cost_dollars, 4 + 0.5 + 20, 1e-6);
}

TEST(Figures, OneWrongEntryVoidsTheRun) {
  ReplayTotals totals = some_totals();
  totals.wrong_entries = 1;
  EXPECT_FALSE(compute_figures(totals, round_profile(), round_prices(), 500'000, 1).valid);
}

TEST(Figures, OfNothingAreZeroAndFinite) {
  const Figures figures = compute_figures({}, {}, {}, 0, 1);
  EXPECT_EQ(figures.tokens_per_dollar_per_terabyte, 0);
  EXPECT_EQ(figures.break_even_reuses, 0);
  EXPECT_EQ(figures.reuses, 0);
}

TEST(Ledger, AgreesToTheTokenOrNot) {
  ReplayTotals totals = some_totals();
  EXPECT_EQ(ledger_agrees(totals), -1);
  totals.ledger = {{"hit_tokens_dram", 4000}, {"hit_tokens_flash", 1000}, {"miss_tokens", 15000}};
  EXPECT_EQ(ledger_agrees(totals), 1);
  totals.ledger["miss_tokens"] = 14999;
  EXPECT_EQ(ledger_agrees(totals), 0);
  totals.ledger = {{"hit_tokens_dram", 4000}, {"hit_tokens_flash", 1001}, {"miss_tokens", 15000}};
  EXPECT_EQ(ledger_agrees(totals), 0);
  totals.reconnects = 1;
  EXPECT_EQ(ledger_agrees(totals), -1);
}

TEST(Prices, AreReadAndRefusedWithTheLine) {
  const auto read = parse_prices("name = \"hall 7\"\npue = 1.1\ndollars_per_terabyte = 90\n");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "hall 7");
  EXPECT_DOUBLE_EQ(read->pue, 1.1);
  EXPECT_DOUBLE_EQ(read->dollars_per_terabyte, 90);
  for (const char* text : {"pue = -1", "pue = \"much\"", "colour = 3", "pue = ", "lifetime_years = 0",
                           "physical_bytes_per_byte = 0.5", "pue = nan", "name = 3"}) {
    const auto refused = parse_prices(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code::kInvalidArgument) << text;
  }
  EXPECT_NE(parse_prices("\n\ncolour = 3").error().message.find("line 3"), std::string::npos);
}

TEST(Page, EscapesTextAndSurvivesOddPoints) {
  Chart chart{"<b>", "x", "y", true, {{"a&b", {{0, 1}, {-1, 2}, {10, HUGE_VAL}}}, {"empty", {}}}};
  const std::string page = render_page("t<script>", "\"quoted\"", {{"table", {{"<td>"}}}}, {chart});
  EXPECT_EQ(page.find("<script>"), std::string::npos);
  EXPECT_NE(page.find("a&amp;b"), std::string::npos);
  EXPECT_EQ(page.find("inf"), std::string::npos);
  EXPECT_EQ(page.find("nan"), std::string::npos);
}

TEST(ReplayReport, SaysThatARunIsVoid) {
  ReplayReport report;
  report.totals = some_totals();
  report.totals.wrong_entries = 3;
  report.figures = compute_figures(report.totals, round_profile(), round_prices(), 500'000, 1);
  EXPECT_NE(replay_table(report).find("VOID"), std::string::npos);
  EXPECT_NE(replay_json(report).find("\"valid\": false"), std::string::npos);
}

}  // namespace
}  // namespace tp::bench
