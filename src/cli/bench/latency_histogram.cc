#include "cli/bench/latency_histogram.h"

#include <algorithm>
#include <bit>

namespace tp::bench {

size_t LatencyHistogram::bucket_of(uint64_t value) noexcept {
  const int magnitude = std::max(0, static_cast<int>(std::bit_width(value)) - kSubBits - 1);
  return (static_cast<size_t>(magnitude) << kSubBits) + static_cast<size_t>(value >> magnitude);
}

uint64_t LatencyHistogram::upper_bound_of(size_t bucket) noexcept {
  constexpr size_t kSub = size_t{1} << kSubBits;
  if (bucket < 2 * kSub) return bucket;
  const size_t magnitude = (bucket >> kSubBits) - 1;
  return ((bucket - (magnitude << kSubBits) + 1) << magnitude) - 1;
}

void LatencyHistogram::add(rt::Nanos duration) noexcept {
  const uint64_t value = duration > 0 ? static_cast<uint64_t>(duration) : 0;
  ++buckets_[std::min(bucket_of(value), kBuckets - 1)];
  ++count_;
  sum_ += static_cast<double>(value);
  max_ = std::max(max_, duration);
}

void LatencyHistogram::merge(const LatencyHistogram& other) noexcept {
  for (size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

double LatencyHistogram::mean() const noexcept { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

rt::Nanos LatencyHistogram::percentile(double fraction) const noexcept {
  if (count_ == 0) return 0;
  const auto wanted = std::max<uint64_t>(1, static_cast<uint64_t>(fraction * static_cast<double>(count_) + 0.5));
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return std::min<rt::Nanos>(static_cast<rt::Nanos>(upper_bound_of(i)), max_);
  }
  return max_;
}

}  // namespace tp::bench
