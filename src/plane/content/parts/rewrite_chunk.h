// RewriteChunk: the next piece of work of rewriting a file: extents that lie in victims, as many as fit into one blob.
#pragma once

#include <map>
#include <vector>

#include "plane/core/core.h"

namespace tp::plane {

struct RewriteChunk {
  std::vector<meta::Extent> pieces;  // in order; parts of extents
  std::map<BlobId, blob::BlobRecord> blobs;
  uint64_t size_bytes = 0;  // of all pieces
  uint64_t next = 0;        // where the next chunk begins; at the end of the extents, UINT64_MAX
};

/// From `from` on; `victims` are sorted. There may be no pieces though the file goes on.
Result<RewriteChunk> plan_chunk(meta::RecordSource& source, InodeId inode, const std::vector<BlobId>& victims,
                                uint64_t from);

/// Of `copied`, what `current` still says, as the extents of the copy: `packed` says where it is.
std::vector<meta::Extent> unchanged_of(const std::vector<meta::Extent>& copied,
                                       const std::vector<meta::Extent>& current,
                                       const std::vector<meta::Extent>& packed);

}  // namespace tp::plane
