// LatencyHistogram: durations in buckets of 1/64 relative width, so that any percentile is within 1.6 % at constant
// memory.
#pragma once

#include <array>
#include <cstdint>

#include "rt/env/clock.h"

namespace tp::bench {

class LatencyHistogram {
 public:
  void add(rt::Nanos duration) noexcept;
  void merge(const LatencyHistogram& other) noexcept;
  uint64_t count() const noexcept { return count_; }
  rt::Nanos max() const noexcept { return max_; }
  double mean() const noexcept;
  /// The duration below which `fraction` (0..1) of the samples lie; 0 if there are none.
  rt::Nanos percentile(double fraction) const noexcept;

 private:
  static constexpr int kSubBits = 6;
  static constexpr size_t kBuckets = (64 - kSubBits) << kSubBits;
  static size_t bucket_of(uint64_t value) noexcept;
  static uint64_t upper_bound_of(size_t bucket) noexcept;

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  double sum_ = 0;
  rt::Nanos max_ = 0;
};

}  // namespace tp::bench
