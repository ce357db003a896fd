#include "cache/policy/ghost_table.h"

#include <algorithm>
#include <bit>

namespace tp::cache {
namespace {
constexpr uint64_t kFewest = 1024;
}  // namespace

void GhostTable::fit(uint64_t entries) {
  const uint64_t wanted = std::max(kFewest, std::bit_ceil(entries) / 2);
  if (slots_.size() >= wanted) return;
  slots_.assign(wanted, 0);
}

void GhostTable::add(uint64_t key_hash, unsigned uses, uint32_t last_used, uint32_t now) {
  if (slots_.empty()) return;
  constexpr uint32_t kTimes = 1u << kTimeBits;
  const uint32_t clock = now / kTicksOfTime;
  uint32_t* const set = set_of(key_hash);
  uint32_t* oldest = set;
  uint32_t oldest_age = 0;
  for (uint32_t* slot = set; slot < set + kWays; ++slot) {
    if (*slot == 0) {
      oldest = slot;
      break;
    }
    const uint32_t age = (clock - (*slot >> kUsesBits)) % kTimes;
    if (age >= oldest_age) {
      oldest_age = age;
      oldest = slot;
    }
  }
  *oldest = print(key_hash) << (kTimeBits + kUsesBits) | (last_used / kTicksOfTime % kTimes) << kUsesBits |
            std::clamp(uses, 1u, 15u);
}

std::optional<GhostTable::Ghost> GhostTable::take(uint64_t key_hash, uint32_t now) {
  if (slots_.empty()) return std::nullopt;
  constexpr uint32_t kTimes = 1u << kTimeBits;
  uint32_t* const set = set_of(key_hash);
  for (uint32_t* slot = set; slot < set + kWays; ++slot) {
    if (*slot == 0 || *slot >> (kTimeBits + kUsesBits) != print(key_hash)) continue;
    const Ghost found = {.uses = *slot & 15u,
                         .age_ticks = (now / kTicksOfTime - (*slot >> kUsesBits)) % kTimes * kTicksOfTime};
    *slot = 0;
    return found;
  }
  return std::nullopt;
}

}  // namespace tp::cache
