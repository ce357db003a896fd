// FramePlan: how a frame is to be packed, chosen from a sample of it. Floats are known by their bytes: of an array of
// numbers one byte in two or four carries much less than the others. docs/formats/frame.md §4.
#pragma once

#include "base/bytes.h"
#include "blob/codec/byte_planes.h"

namespace tp::blob {

struct FramePlan {
  bool planes = false;
  PlaneShape shape;
  unsigned phase = 0;                     // bytes before the first number: 0..3
  std::array<bool, kMaxPlanes> pack{};    // whether the plane gains by packing
  std::array<bool, kMaxPlanes> search{};  // whether it has repetitions, so that a search pays
  bool looks_random = false;              // nothing is likely to help
};

/// `level`: what zstd would be used with. Without planes, whole frames are packed.
FramePlan plan_frame(BytesView data, int level);

}  // namespace tp::blob
