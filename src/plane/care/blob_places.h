// What lives in a segment of a tier, by the place records.
#pragma once

#include <utility>
#include <vector>

#include "plane/core/core.h"

namespace tp::plane {

struct BlobPlaces {
  std::vector<std::pair<uint64_t, BlobId>> found;  // offset, blob
  Bytes next;                                      // where to go on; empty: that was all
};
/// A run of places of one segment, from key `begin` on.
Result<BlobPlaces> read_places(meta::RecordSource& source, uint8_t tier, SegmentId segment, const Bytes& begin);

using LiveRuns = std::vector<std::pair<uint64_t, uint64_t>>;  // offset, blob::taken_bytes()

/// All that lives in the segment or waits to be freed there, sorted: what reclaim() is to be told. The caller has a
/// ReadGuard.
Task<LiveRuns> read_live(Core& core, uint8_t tier, SegmentId segment);

}  // namespace tp::plane
