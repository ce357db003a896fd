// TenantLedger: the running counts of one tenant, in shards so that loops do not contend for cache lines. Seconds are
// counted in whole nanoseconds, so that sums are exact whatever their order. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "cache/ledger/ledger.h"

namespace tp::cache {

class TenantLedger {
 public:
  explicit TenantLedger(double dollars_per_second) : dollars_per_second_(dollars_per_second) {}

  void hit(bool flash, uint64_t bytes, uint32_t tokens, uint64_t saved_nanoseconds) noexcept {
    Shard& shard = mine();
    add(shard.counts[flash ? kHitsFlash : kHitsDram], 1);
    add(shard.counts[flash ? kHitBytesFlash : kHitBytesDram], bytes);
    if (tokens > 0) add(shard.counts[flash ? kHitTokensFlash : kHitTokensDram], tokens);
    if (saved_nanoseconds > 0) add(shard.counts[kSavedNanoseconds], saved_nanoseconds);
  }
  void miss(uint64_t count, uint64_t tokens) noexcept {
    Shard& shard = mine();
    add(shard.counts[kMisses], count);
    if (tokens > 0) add(shard.counts[kMissTokens], tokens);
  }
  void wrote(uint64_t bytes, uint32_t tokens) noexcept {
    Shard& shard = mine();
    add(shard.counts[kWrites], 1);
    add(shard.counts[kWrittenBytes], bytes);
    if (tokens > 0) add(shard.counts[kWrittenTokens], tokens);
  }
  void evicted(uint64_t bytes, uint32_t tokens) noexcept {
    Shard& shard = mine();
    add(shard.counts[kEvictions], 1);
    add(shard.counts[kEvictedBytes], bytes);
    if (tokens > 0) add(shard.counts[kEvictedTokens], tokens);
  }
  void expired() noexcept { add(mine().counts[kExpired], 1); }
  void corrupt() noexcept { add(mine().counts[kCorrupt], 1); }
  void refused() noexcept { add(mine().counts[kRefused], 1); }

  LedgerCounts counts() const;
  /// What an earlier run counted.
  void set_base(const LedgerCounts& base);
  /// From now on; what was saved before keeps its price.
  void set_price(double dollars_per_second);

 private:
  enum Counter : uint8_t {
    kHitsDram, kHitsFlash, kMisses, kHitTokensDram, kHitTokensFlash, kMissTokens, kHitBytesDram, kHitBytesFlash,
    kWrites, kWrittenBytes, kWrittenTokens, kEvictions, kEvictedBytes, kEvictedTokens, kExpired, kCorrupt, kRefused,
    kSavedNanoseconds, kCounters
  };
  static constexpr unsigned kShards = 16;
  struct alignas(64) Shard {
    std::array<std::atomic<uint64_t>, kCounters> counts{};
  };

  static void add(std::atomic<uint64_t>& counter, uint64_t value) noexcept {
    counter.fetch_add(value, std::memory_order_relaxed);
  }
  static unsigned my_shard() noexcept;
  Shard& mine() noexcept { return shards_[my_shard()]; }
  uint64_t saved_nanoseconds() const noexcept;

  std::array<Shard, kShards> shards_;
  mutable std::mutex mutex_;  // of what stands below
  LedgerCounts base_;
  double dollars_per_second_;
  double dollars_before_ = 0;            // of what was saved at earlier prices
  uint64_t nanoseconds_before_ = 0;
};

}  // namespace tp::cache
