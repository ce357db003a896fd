// Byte planes: the bytes of equal weight of an array of little-endian numbers, side by side. Of floats the plane with
// the exponents packs well and the others hardly at all; mixed, none does. "Turned" first rotates each number left by
// one bit, so that the sign goes to the lowest bit and bf16's and fp32's exponents have a byte for themselves. Pure
// functions; docs/formats/frame.md §3.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"

namespace tp::blob {

inline constexpr size_t kMaxPlanes = 4;
struct PlaneShape {
  unsigned stride = 2;  // bytes a number: 2 or 4
  bool turned = false;
  friend bool operator==(const PlaneShape&, const PlaneShape&) = default;
};
using PlaneOutputs = std::array<char*, kMaxPlanes>;       // the first `stride` count; [0]: the lowest byte
using PlaneInputs = std::array<const char*, kMaxPlanes>;  // the same

/// Splits `count` numbers at `from` into planes of `count` bytes each.
void split_planes(const char* from, size_t count, PlaneShape shape, const PlaneOutputs& planes);
/// The other way round.
void merge_planes(const PlaneInputs& planes, size_t count, PlaneShape shape, char* to);

}  // namespace tp::blob
