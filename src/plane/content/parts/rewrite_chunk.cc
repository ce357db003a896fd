#include "plane/content/parts/rewrite_chunk.h"

#include <algorithm>

#include "plane/core/blob_records.h"
#include "plane/core/object_lookup.h"

namespace tp::plane {
namespace {

/// Bounds the work of one transaction.
constexpr size_t kExtentsAtOnce = 2048;

uint64_t end_of(const meta::Extent& extent) {
  return extent.offset + extent.length_bytes;
}

/// What [from, to) of the extent is.
meta::Extent part_of(const meta::Extent& extent, uint64_t from, uint64_t to) {
  return {from, to - from, extent.blob, extent.blob_offset + (from - extent.offset)};
}

}  // namespace

Result<RewriteChunk> plan_chunk(meta::RecordSource& source, InodeId inode, const std::vector<BlobId>& victims,
                                uint64_t from) {
  RewriteChunk chunk;
  TP_TRY(const auto extents, load_extents(source, inode, from, UINT64_MAX, kExtentsAtOnce));
  chunk.next = extents.size() < kExtentsAtOnce ? UINT64_MAX : end_of(extents.back());
  std::vector<BlobId> ids;
  for (const meta::Extent& extent : extents) {
    if (!extent.blob || !std::ranges::binary_search(victims, extent.blob)) continue;
    const uint64_t begin = std::max(extent.offset, from);
    const uint64_t room = blob::kMaxBlobBytes - chunk.size_bytes;
    const uint64_t end = std::min(end_of(extent), begin + room);
    chunk.pieces.push_back(part_of(extent, begin, end));
    chunk.size_bytes += end - begin;
    ids.push_back(extent.blob);
    if (chunk.size_bytes < blob::kMaxBlobBytes) continue;
    chunk.next = end;
    break;
  }
  std::ranges::sort(ids);
  const auto again = std::ranges::unique(ids);
  ids.erase(again.begin(), again.end());
  TP_TRY(auto blobs, load_blobs(source, ids));
  for (size_t i = 0; i < ids.size(); ++i) {
    if (blobs[i]) chunk.blobs.emplace(ids[i], std::move(*blobs[i]));
  }
  // Removed between the two reads, or missing, which check names.
  const auto unreadable = [&](const meta::Extent& piece) {
    const auto found = chunk.blobs.find(piece.blob);
    if (found != chunk.blobs.end() &&
        end_of({piece.blob_offset, piece.length_bytes, {}, 0}) <= found->second.length_bytes)
      return false;
    chunk.size_bytes -= piece.length_bytes;
    return true;
  };
  std::erase_if(chunk.pieces, unreadable);
  return chunk;
}

std::vector<meta::Extent> unchanged_of(const std::vector<meta::Extent>& copied,
                                       const std::vector<meta::Extent>& current,
                                       const std::vector<meta::Extent>& packed) {
  std::vector<meta::Extent> moved;
  size_t now = 0, target = 0;
  for (const meta::Extent& old : copied) {
    while (target < packed.size() && end_of(packed[target]) <= old.offset) ++target;
    while (now < current.size() && end_of(current[now]) <= old.offset) ++now;
    for (size_t i = now; i < current.size() && current[i].offset < end_of(old); ++i) {
      const uint64_t from = std::max(old.offset, current[i].offset);
      const uint64_t to = std::min(end_of(old), end_of(current[i]));
      const meta::Extent then = part_of(old, from, to);
      if (!current[i].blob || !(part_of(current[i], from, to) == then)) continue;
      const meta::Extent copy = part_of(packed[target], from, to);
      const bool goes_on = !moved.empty() && moved.back().blob == copy.blob && end_of(moved.back()) == copy.offset &&
                           moved.back().blob_offset + moved.back().length_bytes == copy.blob_offset;
      if (goes_on)
        moved.back().length_bytes += copy.length_bytes;
      else
        moved.push_back(copy);
    }
  }
  return moved;
}

}  // namespace tp::plane
