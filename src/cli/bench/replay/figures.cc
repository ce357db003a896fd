#include "cli/bench/replay/figures.h"

namespace tp::bench {

namespace {
constexpr double kHoursPerMonth = 730.5;
constexpr double kTerabyte = 1e12;

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }
}  // namespace

Figures compute_figures(const ReplayTotals& totals, const cache::Profile& profile, const PriceSheet& prices,
                        double capacity_tokens, double scale) {
  Figures figures;
  figures.valid = totals.wrong_entries == 0;
  figures.hours = (totals.last_second - totals.first_second) / 3600;
  figures.terabytes = capacity_tokens * profile.bytes_per_token * prices.physical_bytes_per_byte / kTerabyte;
  figures.valid_tokens = static_cast<double>(totals.valid_tokens);
  const double full_size_bytes = static_cast<double>(totals.loaded_bytes) / scale;
  const double asked = static_cast<double>(totals.hit_blocks + totals.requests);  // reads and lookups
  figures.cost_dollars = prices.holding_dollars(figures.terabytes, figures.hours) +
                         full_size_bytes / 1e9 * prices.egress_dollars_per_gigabyte +
                         asked / 1e6 * prices.dollars_per_million_requests;
  figures.tokens_per_dollar = ratio(figures.valid_tokens, figures.cost_dollars);
  figures.tokens_per_dollar_per_terabyte = ratio(figures.tokens_per_dollar, figures.terabytes);
  const double months = figures.hours / kHoursPerMonth;
  figures.tokens_per_terabyte_month = ratio(figures.valid_tokens, figures.terabytes * months);
  figures.hit_ratio_blocks = ratio(static_cast<double>(totals.hit_blocks), static_cast<double>(totals.blocks));
  figures.hit_ratio_tokens = ratio(static_cast<double>(totals.hit_tokens), static_cast<double>(totals.input_tokens));
  figures.load_p50_ms = static_cast<double>(totals.load.percentile(0.5)) / 1e6;
  figures.load_p99_ms = static_cast<double>(totals.load.percentile(0.99)) / 1e6;
  figures.saved_dollars = profile.dollars(totals.saved_seconds) - profile.dollars(totals.stall_seconds);
  figures.net_dollars = figures.saved_dollars - figures.cost_dollars;
  figures.prefill_dollars_per_token = ratio(profile.dollars(totals.saved_seconds), figures.valid_tokens);
  figures.break_even_reuses = ratio(profile.bytes_per_token * prices.physical_bytes_per_byte *
                                        prices.dollars_per_terabyte_month(),
                                    kTerabyte * figures.prefill_dollars_per_token);
  figures.reuses = ratio(figures.valid_tokens, capacity_tokens * months);
  return figures;
}

}  // namespace tp::bench
