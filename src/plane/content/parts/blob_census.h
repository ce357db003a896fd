// BlobCensus: which blobs a file's extents name, how much of each they use, and which of them a rewrite is to empty.
#pragma once

#include <vector>

#include "plane/core/core.h"

namespace tp::plane {

struct BlobCensus {
  /// Of the blobs counted: whole ones where the file has them alone, what it uses where it shares them.
  uint64_t blob_bytes = 0;
  /// The file has them alone, and uses little of them, or many small pieces. Sorted.
  std::vector<BlobId> victims;
  /// Where the next census goes on, so that memory is bounded; zero: that was all.
  BlobId next;
};

/// Of blobs from the id `from` on, as the snapshot has them. kCancelled once `*stopping`.
Task<BlobCensus> take_census(Core& core, const VolumeEntry& volume, const kv::Snapshot* snapshot, InodeId inode,
                             BlobId from, const bool* stopping);

}  // namespace tp::plane
