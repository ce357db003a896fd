// StrongId: an integer that cannot be swapped for another kind of integer.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace tp {

template <class Tag, class Int = uint64_t>
struct StrongId {
  Int value = 0;

  constexpr StrongId() = default;
  constexpr explicit StrongId(Int value_in) : value(value_in) {}
  constexpr explicit operator bool() const { return value != 0; }
  friend constexpr auto operator<=>(StrongId, StrongId) = default;
};

}  // namespace tp

template <class Tag, class Int>
struct std::hash<tp::StrongId<Tag, Int>> {
  size_t operator()(tp::StrongId<Tag, Int> id) const noexcept {
    // Ids count upwards: spread them, or a power-of-two table clusters (constant of splitmix64).
    return static_cast<size_t>((static_cast<uint64_t>(id.value) + 0x9e3779b97f4a7c15ULL) * 0xbf58476d1ce4e5b9ULL >> 7);
  }
};
