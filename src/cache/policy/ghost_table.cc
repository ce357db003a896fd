#include "cache/policy/ghost_table.h"

#include <algorithm>
#include <bit>

namespace tp::cache {
namespace {
constexpr uint64_t kFewest = 1024;
}  // namespace

void GhostTable::fit(uint64_t entries) {
  const uint64_t wanted = std::max(kFewest, entries + entries / 4);
  if (slots_.size() >= wanted) return;
  std::vector<uint16_t> more((wanted + wanted / 16 + kWays) / kWays * kWays);
  slots_.swap(more);
}

size_t GhostTable::set_of(uint64_t key_hash) const {
  const uint64_t spread = (key_hash * 0x9E3779B97F4A7C15u) >> 32;
  return (spread * (slots_.size() / kWays) >> 32) * kWays;
}

void GhostTable::add(uint64_t key_hash, unsigned uses, uint32_t last_used, uint32_t now) {
  if (slots_.empty()) return;
  constexpr unsigned kTimes = 1u << kTimeBits;
  const auto set = slots_.begin() + static_cast<std::ptrdiff_t>(set_of(key_hash));
  auto oldest = set;
  unsigned oldest_age = 0;
  for (auto slot = set; slot != set + kWays; ++slot) {
    if (*slot == 0) {
      oldest = slot;
      break;
    }
    const unsigned age = (now / kTicksOfTime - (*slot >> kUsesBits)) % kTimes;
    if (age >= oldest_age) {
      oldest_age = age;
      oldest = slot;
    }
  }
  const unsigned level = std::min(3u, static_cast<unsigned>(std::bit_width(std::max(uses, 1u))) - 1);
  // 0 says empty: a print of 0 is as good as one of 1.
  const unsigned mark = std::max<unsigned>(print(key_hash), 1);
  *oldest =
      static_cast<uint16_t>(mark << (kTimeBits + kUsesBits) | (last_used / kTicksOfTime % kTimes) << kUsesBits | level);
}

std::optional<GhostTable::Ghost> GhostTable::take(uint64_t key_hash, uint32_t now) {
  if (slots_.empty()) return std::nullopt;
  constexpr unsigned kTimes = 1u << kTimeBits;
  const unsigned mark = std::max<unsigned>(print(key_hash), 1);
  const auto set = slots_.begin() + static_cast<std::ptrdiff_t>(set_of(key_hash));
  for (auto slot = set; slot != set + kWays; ++slot) {
    if (*slot >> (kTimeBits + kUsesBits) != mark) continue;
    const unsigned steps = (now / kTicksOfTime - (*slot >> kUsesBits)) % kTimes;
    const Ghost found = {.uses = 1u << (*slot & 3u), .age_ticks = std::max(steps * kTicksOfTime, kTicksOfTime / 2)};
    *slot = 0;
    return found;
  }
  return std::nullopt;
}

}  // namespace tp::cache
