// The figures of a token benchmark: tokens per dollar per terabyte and what is shown beside it. Formulas:
// docs/cache_benchmark.md.
#pragma once

#include "cache/profile/profile.h"
#include "cli/bench/replay/prices.h"
#include "cli/bench/replay/replay.h"

namespace tp::bench {

struct Figures {
  bool valid = true;                     // false: a wrong byte was served
  double hours = 0;                      // H: of the trace
  double terabytes = 0;                  // B: physical, modelled from the capacity at full size
  double valid_tokens = 0;               // N: measured
  double cost_dollars = 0;               // C: declared prices
  double tokens_per_dollar_per_terabyte = 0;  // N / (C B)
  double tokens_per_dollar = 0;
  double tokens_per_terabyte_month = 0;
  double hit_ratio_blocks = 0, hit_ratio_tokens = 0;
  double load_p50_ms = 0, load_p99_ms = 0;    // measured, at the scaled size
  double saved_dollars = 0;              // modelled prefill less measured stalls
  double net_dollars = 0;                // saved_dollars - C
  double prefill_dollars_per_token = 0;  // at the mean length of a hit
  double break_even_reuses = 0;          // r*: reuses a month of one token that pay for keeping it
  double reuses = 0;                     // a month, of a token of capacity, at the trace's rate
};

/// `capacity_tokens`: what the volume holds, at the profile's bytes a token.
Figures compute_figures(const ReplayTotals& totals, const cache::Profile& profile, const PriceSheet& prices,
                        double capacity_tokens, double scale);

}  // namespace tp::bench
