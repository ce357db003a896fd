#include "plane/content/parts/extent_editor.h"

#include <algorithm>
#include <map>

#include "meta/keys.h"
#include "plane/core/blob_records.h"
#include "plane/core/object_lookup.h"

namespace tp::plane {
namespace {

uint64_t end_of(const meta::Extent& extent) { return extent.offset + extent.length_bytes; }

/// Opaque, and of a form that nobody takes for an MD5.
std::string etag_of(InodeId inode, rt::Nanos changed) {
  Bytes tag;
  append_be(tag, inode.value);
  append_be(tag, static_cast<uint64_t>(changed));
  return to_hex(tag) + "-nfs";
}

}  // namespace

ExtentEditor::ExtentEditor(Namespace& names, InodeId inode, meta::InodeRecord& record)
    : names_(names), inode_(inode), record_(record), counted_before_(counted_bytes(record)) {
  if (record.place == meta::DataPlace::kExtents && record.blob_bytes == 0) record.blob_bytes = counted_before_;
}

void ExtentEditor::drop_small() {
  if (record_.place == meta::DataPlace::kSmall) names_.erase_small_data(inode_);
  record_.place = meta::DataPlace::kNone;
  record_.size_bytes = 0;
}

Result<void> ExtentEditor::put_small(BytesView data) {
  if (record_.place == meta::DataPlace::kExtents) return fail(Code::kInternal, "the file has extents");
  drop_small();
  if (data.empty()) return ok;
  names_.put_small_data(inode_, data);
  record_.place = meta::DataPlace::kSmall;
  record_.size_bytes = data.size();
  return ok;
}

Result<void> ExtentEditor::cut(uint64_t from, uint64_t to) {
  TP_TRY(const auto extents, load_extents(names_.txn(), inode_, from, to, SIZE_MAX));
  for (const meta::Extent& extent : extents) {
    const uint64_t begin = extent.offset, end = end_of(extent);
    if (end <= from || begin >= to) continue;
    std::vector<meta::Extent> pieces;
    if (begin < from) pieces.push_back({begin, from - begin, extent.blob, extent.blob_offset});
    if (end > to) pieces.push_back({to, end - to, extent.blob, extent.blob ? extent.blob_offset + (to - begin) : 0});
    TP_TRY(const uint64_t freed, names_.cut_extent(inode_, extent, pieces));
    record_.blob_bytes -= std::min(record_.blob_bytes, freed);
    if (!extent.blob) {
      record_.hole_bytes -= std::min(record_.hole_bytes, std::min(end, to) - std::max(begin, from));
    }
  }
  return ok;
}

Result<void> ExtentEditor::make_room(uint64_t from, uint64_t to) {
  if (record_.place == meta::DataPlace::kSmall) return fail(Code::kInternal, "the file has small data");
  record_.place = meta::DataPlace::kExtents;
  if (from > record_.size_bytes) {
    names_.put_extent(inode_, {record_.size_bytes, from - record_.size_bytes, BlobId(), 0});
    record_.hole_bytes += from - record_.size_bytes;
  } else if (from < record_.size_bytes) {
    TP_TRY_VOID(cut(from, std::min(to, record_.size_bytes)));
  }
  record_.size_bytes = std::max(record_.size_bytes, to);
  return ok;
}

Result<void> ExtentEditor::put_new(const std::vector<blob::BlobRecord>& blobs,
                                   const std::vector<meta::Extent>& extents) {
  for (const meta::Extent& extent : extents) {
    if (extent.length_bytes < kSmallExtentBytes) record_.blob_bytes += kSmallExtentCostBytes;
  }
  return put_copies(blobs, extents);
}

Result<void> ExtentEditor::put_copies(const std::vector<blob::BlobRecord>& blobs,
                                      const std::vector<meta::Extent>& extents) {
  std::map<BlobId, uint64_t> references;
  for (const meta::Extent& extent : extents) ++references[extent.blob];
  for (const blob::BlobRecord& blob : blobs) {
    names_.put_blob(blob);
    const uint64_t count = references[blob.id];
    if (count > 1) {
      names_.txn().put(kv::Space::kBlobs, meta::blob_references_key(blob.id), encode_references(count));
    }
    record_.blob_bytes += blob.length_bytes;
  }
  for (const meta::Extent& extent : extents) {
    TP_TRY_VOID(make_room(extent.offset, end_of(extent)));
    names_.put_extent(inode_, extent);
  }
  return ok;
}

Result<void> ExtentEditor::share(const std::vector<meta::Extent>& extents) {
  // First: the range that goes may hold the last other reference.
  for (const meta::Extent& extent : extents) TP_TRY_VOID(names_.add_reference(extent.blob));
  for (const meta::Extent& extent : extents) {
    TP_TRY_VOID(make_room(extent.offset, end_of(extent)));
    names_.put_extent(inode_, extent);
    (extent.blob ? record_.blob_bytes : record_.hole_bytes) += extent.length_bytes;
  }
  return ok;
}

Result<void> ExtentEditor::put_hole(uint64_t from, uint64_t to) {
  if (from >= to) return ok;
  TP_TRY_VOID(make_room(from, to));
  names_.put_extent(inode_, {from, to - from, BlobId(), 0});
  record_.hole_bytes += to - from;
  return ok;
}

Result<void> ExtentEditor::truncate(uint64_t size_bytes) {
  TP_TRY_VOID(cut(size_bytes, record_.size_bytes));
  record_.size_bytes = size_bytes;
  if (size_bytes > 0) return ok;
  record_.place = meta::DataPlace::kNone;
  record_.hole_bytes = record_.blob_bytes = 0;
  return ok;
}

void ExtentEditor::end() {
  meta::VolumeCounters& counters = names_.counters();
  counters.bytes -= std::min(counters.bytes, counted_before_);
  counters.bytes += counted_bytes(record_);
  record_.etag = etag_of(inode_, std::max(names_.txn().wall_now(), record_.changed + 1));
  record_.checksum = {};
  record_.parts.clear();
  Core& core = names_.core();
  if (!core.open_files.rewrites.wants(record_)) return;
  const FileId file{names_.volume().id, inode_};
  Bytes volume;
  append_be(volume, file.volume.value);
  names_.txn().put(kv::Space::kMeta, meta::rewrite_key(file.volume, inode_), std::move(volume));
  names_.txn().after_commit([&core, file] { core.open_files.rewrites.add(file); });
}

}  // namespace tp::plane
