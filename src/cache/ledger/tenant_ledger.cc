#include "cache/ledger/tenant_ledger.h"

namespace tp::cache {

unsigned TenantLedger::my_shard() noexcept {
  static std::atomic<unsigned> next{0};
  thread_local const unsigned shard = next.fetch_add(1, std::memory_order_relaxed) % kShards;
  return shard;
}

uint64_t TenantLedger::saved_nanoseconds() const noexcept {
  uint64_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.counts[kSavedNanoseconds].load(std::memory_order_relaxed);
  return sum;
}

LedgerCounts TenantLedger::counts() const {
  std::array<uint64_t, kCounters> sum{};
  for (const Shard& shard : shards_) {
    for (unsigned i = 0; i < kCounters; ++i) sum[i] += shard.counts[i].load(std::memory_order_relaxed);
  }
  LedgerCounts counts;
  counts.hits_dram = sum[kHitsDram];
  counts.hits_flash = sum[kHitsFlash];
  counts.misses = sum[kMisses];
  counts.lookups = counts.hits_dram + counts.hits_flash + counts.misses;
  counts.hit_tokens_dram = sum[kHitTokensDram];
  counts.hit_tokens_flash = sum[kHitTokensFlash];
  counts.miss_tokens = sum[kMissTokens];
  counts.hit_bytes_dram = sum[kHitBytesDram];
  counts.hit_bytes_flash = sum[kHitBytesFlash];
  counts.writes = sum[kWrites];
  counts.written_bytes = sum[kWrittenBytes];
  counts.written_tokens = sum[kWrittenTokens];
  counts.evictions = sum[kEvictions];
  counts.evicted_bytes = sum[kEvictedBytes];
  counts.evicted_tokens = sum[kEvictedTokens];
  counts.expired = sum[kExpired];
  counts.corrupt = sum[kCorrupt];
  counts.refused = sum[kRefused];
  counts.saved_seconds = static_cast<double>(sum[kSavedNanoseconds]) / 1e9;
  const std::lock_guard lock(mutex_);
  const double at_this_price = static_cast<double>(sum[kSavedNanoseconds] - nanoseconds_before_) / 1e9;
  counts.saved_dollars = dollars_before_ + at_this_price * dollars_per_second_;
  counts += base_;
  return counts;
}

void TenantLedger::set_base(const LedgerCounts& base) {
  const std::lock_guard lock(mutex_);
  base_ = base;
}

void TenantLedger::set_price(double dollars_per_second) {
  const std::lock_guard lock(mutex_);
  const uint64_t now = saved_nanoseconds();
  dollars_before_ += static_cast<double>(now - nanoseconds_before_) / 1e9 * dollars_per_second_;
  nanoseconds_before_ = now;
  dollars_per_second_ = dollars_per_second;
}

}  // namespace tp::cache
