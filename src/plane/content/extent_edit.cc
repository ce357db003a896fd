#include "plane/content/extent_edit.h"

#include <algorithm>

#include "meta/keys.h"
#include "plane/core/object_lookup.h"

namespace tp::plane {
namespace {

uint64_t end_of(const meta::Extent& extent) { return extent.offset + extent.length_bytes; }

meta::Extent cut(const meta::Extent& extent, uint64_t from, uint64_t to) {
  meta::Extent part = extent;
  part.offset = std::max(extent.offset, from);
  part.length_bytes = std::min(end_of(extent), to) - part.offset;
  if (extent.blob) part.blob_offset = extent.blob_offset + (part.offset - extent.offset);
  return part;
}

}  // namespace

ExtentEdit::ExtentEdit(Namespace& names, InodeId inode, meta::InodeRecord& record)
    : names_(names), inode_(inode), record_(record) {
  if (record.place == meta::DataPlace::kExtents && record.blob_bytes == 0) record.blob_bytes = counted_bytes(record);
}

Result<std::vector<meta::Extent>> ExtentEdit::touching(uint64_t from, uint64_t to) {
  if (from >= to) return std::vector<meta::Extent>();
  uint64_t begin = from;
  TP_TRY(auto first, names_.txn().last_at_or_before(kv::Space::kExtents, meta::extents_begin(inode_),
                                                    meta::extent_key(inode_, from)));
  if (first && first->key.size() == 2 * sizeof(uint64_t)) {
    begin = get_be<uint64_t>(first->key.data() + sizeof(uint64_t));
  }
  TP_TRY(auto found, load_extents(names_.txn(), inode_, begin, to, SIZE_MAX));
  std::erase_if(found, [from](const meta::Extent& extent) { return end_of(extent) <= from; });
  return found;
}

Result<std::vector<meta::Extent>> ExtentEdit::over(uint64_t from, uint64_t to) {
  TP_TRY(auto found, touching(from, to));
  for (meta::Extent& extent : found) extent = cut(extent, from, to);
  return found;
}

Result<void> ExtentEdit::carve(uint64_t from, uint64_t to) {
  TP_TRY(auto found, touching(from, to));
  for (const meta::Extent& extent : found) {
    const bool left = extent.offset < from;
    const bool right = end_of(extent) > to;
    if (!left) names_.txn().erase(kv::Space::kExtents, meta::extent_key(inode_, extent.offset));
    if (left) names_.put_extent(inode_, cut(extent, extent.offset, from));
    if (right) names_.put_extent(inode_, cut(extent, to, end_of(extent)));
    if (!extent.blob) {
      record_.hole_bytes -= std::min(record_.hole_bytes, cut(extent, from, to).length_bytes);
    } else if (left && right) {
      TP_TRY_VOID(names_.add_reference(extent.blob));
    } else if (!left && !right) {
      TP_TRY(const uint64_t freed, names_.drop_reference(extent.blob));
      record_.blob_bytes -= std::min(record_.blob_bytes, freed);
    }
  }
  return ok;
}

void ExtentEdit::put(const meta::Extent& extent) {
  if (extent.length_bytes == 0) return;
  names_.put_extent(inode_, extent);
  if (!extent.blob) record_.hole_bytes += extent.length_bytes;
  record_.size_bytes = std::max(record_.size_bytes, end_of(extent));
  record_.place = meta::DataPlace::kExtents;
}

void ExtentEdit::put_hole(uint64_t from, uint64_t to) {
  if (from < to) put({from, to - from, BlobId(), 0});
}

void ExtentEdit::reach(uint64_t offset) { put_hole(record_.size_bytes, offset); }

}  // namespace tp::plane
