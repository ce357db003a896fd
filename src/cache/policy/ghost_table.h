// GhostTable: what is remembered of keys that were evicted: about how often they were used and about when they were
// last. Two bytes a ghost, in sets of eight in which the oldest makes room; one look in 128 mistakes another key for
// it. Not thread-safe; PrefixPolicy owns one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tp::cache {

class GhostTable {
 public:
  struct Ghost {
    unsigned uses = 0;       // 1, 2, 4 or 8
    uint32_t age_ticks = 0;  // since its last use, coarse
  };
  /// Makes the table fit for a cache of so many entries; what is remembered may be forgotten when it grows.
  void fit(uint64_t entries);
  void add(uint64_t key_hash, unsigned uses, uint32_t last_used, uint32_t now);
  /// What is known of the key, which is forgotten.
  std::optional<Ghost> take(uint64_t key_hash, uint32_t now);
  uint64_t state_bytes() const { return slots_.capacity() * sizeof(uint16_t); }

 private:
  static constexpr unsigned kWays = 8, kTimeBits = 4, kUsesBits = 2, kPrintBits = 10;
  static constexpr uint32_t kTicksOfTime = 512;  // what a step of the clock is
  size_t set_of(uint64_t key_hash) const;
  static uint16_t print(uint64_t key_hash) { return (key_hash >> 44) & ((1u << kPrintBits) - 1); }

  std::vector<uint16_t> slots_;  // print, time, uses; 0: empty
};

}  // namespace tp::cache
