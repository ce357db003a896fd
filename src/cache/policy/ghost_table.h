// GhostTable: what is remembered of keys that were evicted: how often they were used and about when they were last.
// Four bytes a ghost, in sets of eight in which the oldest makes room; it may mistake one key for another (1 in 8,192
// looks). Not thread-safe; PrefixPolicy owns one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tp::cache {

class GhostTable {
 public:
  struct Ghost {
    unsigned uses = 0;       // 1 to 15
    uint32_t age_ticks = 0;  // since its last use, coarse
  };
  /// Makes the table fit for a cache of so many entries; what is remembered may be forgotten when it grows.
  void fit(uint64_t entries);
  void add(uint64_t key_hash, unsigned uses, uint32_t last_used, uint32_t now);
  /// What is known of the key, which is forgotten.
  std::optional<Ghost> take(uint64_t key_hash, uint32_t now);
  uint64_t state_bytes() const { return slots_.capacity() * sizeof(uint32_t); }

 private:
  static constexpr unsigned kWays = 8, kTimeBits = 12, kUsesBits = 4, kPrintBits = 16;
  static constexpr uint32_t kTicksOfTime = 8;  // what a step of the clock is
  static uint32_t print(uint64_t key_hash) { return static_cast<uint32_t>(key_hash >> 44) & ((1u << kPrintBits) - 1); }
  uint32_t* set_of(uint64_t key_hash) {
    return &slots_[(key_hash * 0x9E3779B97F4A7C15u >> 20) % (slots_.size() / kWays) * kWays];
  }
  std::vector<uint32_t> slots_;  // print, time, uses; 0: empty
};

}  // namespace tp::cache
