// copy_range and clone_range: bytes of one file in another without moving them: their extents, shared; small data is
// copied.
#include <algorithm>

#include "plane/content/parts/extent_editor.h"
#include "plane/content/parts/file_content.h"
#include "plane/core/object_lookup.h"
#include "plane/entries/entry_objects.h"
#include "plane/locks/lock_rules.h"
#include "plane/tiers/move_queue.h"
#include "plane/tree/attributes.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/permissions.h"
#include "plane/tree/tree_volume.h"
#include "plane/versions/superseded.h"

namespace tp::plane {
namespace {

struct RangeCopy {
  Core& core;
  FileCaller caller;
  FileId source, target;
  uint64_t from = 0, to = 0, size_bytes = 0;
  AccessCheck check = AccessCheck::kByMode;
  bool clone = false;  // all of the range or nothing, and not onto itself

  /// `records`: the source's volume's.
  Result<std::vector<meta::Extent>> shared_extents(meta::RecordSource& records) const;
  Result<void> put_small(meta::RecordSource& records, Namespace& names, ExtentEditor& editor,
                         const meta::InodeRecord& source_record, const meta::InodeRecord& record) const;
  Result<void> put(meta::RecordSource& records, Namespace& names, const meta::InodeRecord& source_record,
                   meta::InodeRecord& record) const;
  Result<uint64_t> apply(meta::Txn& txn) const;
};

Result<Bytes> small_data(meta::RecordSource& records, InodeId inode, const meta::InodeRecord& record) {
  if (record.place != meta::DataPlace::kSmall) return Bytes();
  return load_small_data(records, inode);
}

/// As extents of the target.
Result<std::vector<meta::Extent>> RangeCopy::shared_extents(meta::RecordSource& records) const {
  TP_TRY(auto extents, load_extents(records, source.inode, from, from + size_bytes, SIZE_MAX));
  for (meta::Extent& extent : extents) {
    const uint64_t begin = std::max(extent.offset, from);
    const uint64_t end = std::min(extent.offset + extent.length_bytes, from + size_bytes);
    if (extent.blob) extent.blob_offset += begin - extent.offset;
    extent.offset = to + (begin - from);
    extent.length_bytes = end - begin;
  }
  return extents;
}

Result<void> RangeCopy::put_small(meta::RecordSource& records, Namespace& names, ExtentEditor& editor,
                                  const meta::InodeRecord& source_record, const meta::InodeRecord& record) const {
  TP_TRY(const Bytes old, small_data(records, source.inode, source_record));
  TP_TRY(Bytes data, small_data(names.txn(), target.inode, record));
  data.resize(std::max<uint64_t>(data.size(), to + size_bytes));
  data.replace(to, size_bytes, old, from, size_bytes);
  return editor.put_small(data);
}

/// kConflict: one has small data and the other cannot; they need extents.
Result<void> RangeCopy::put(meta::RecordSource& records, Namespace& names, const meta::InodeRecord& source_record,
                            meta::InodeRecord& record) const {
  const bool small_source = source_record.place == meta::DataPlace::kSmall;
  const bool small_target = record.place != meta::DataPlace::kExtents;
  const bool fits = small_source && small_target && to + size_bytes <= kSmallDataBytes;
  if (!fits && (small_source || record.place == meta::DataPlace::kSmall)) {
    return fail(Code::kConflict, "small data must become extents first");
  }
  ExtentEditor editor(names, target.inode, record);
  if (fits) {
    TP_TRY_VOID(put_small(records, names, editor, source_record, record));
  } else {
    TP_TRY(const auto extents, shared_extents(records));
    TP_TRY_VOID(editor.share(extents));
  }
  editor.end();
  return ok;
}

Result<uint64_t> RangeCopy::apply(meta::Txn& txn) const {
  TP_TRY(const VolumeEntryPtr volume, writable_volume(core, target.volume));
  TP_TRY(const VolumeEntryPtr source_volume, volume_of(core, source.volume));
  TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
  meta::TxnView records(txn, source_volume->layer);
  TP_TRY(const auto stored, find_inode(records, source.inode));
  if (!stored) return fail(Code::kNotFound, Reason::kStale, "the file is gone");
  const meta::InodeRecord& source_record = *stored;
  TP_TRY(meta::InodeRecord record, names.inode(target.inode));
  TP_TRY_VOID(require_file(source_record));
  TP_TRY_VOID(require_online(core, source_record));
  TP_TRY_VOID(require_file(record));
  const FileAttributes read_from = attributes_of(core, *source_volume, source.inode, source_record);
  const FileAttributes before = attributes_of(core, *volume, target.inode, record);
  TP_TRY_VOID(require_bytes(caller, read_from, kMayRead, check));
  TP_TRY_VOID(require_bytes(caller, before, kMayWrite, check));
  TP_TRY_VOID(require_current(record));
  TP_TRY_VOID(require_unlocked(record, txn.wall_now()));
  if (from > source_record.size_bytes || size_bytes > source_record.size_bytes - from) {
    return fail(Code::kInvalidArgument, "the range is not within the source");
  }
  if (size_bytes == 0) return 0;
  const uint64_t apart = from > to ? from - to : to - from;
  if (clone && source == target && apart < size_bytes) {
    return fail(Code::kInvalidArgument, "the ranges overlap");
  }
  if (to > kMaxFileBytes || size_bytes > kMaxFileBytes - to) {
    return fail(Code::kTooLarge, Reason::kFileTooLarge, "the file would be too large");
  }
  TP_TRY_VOID(put(records, names, source_record, record));
  record.modified = txn.wall_now();
  touch(record, std::max(txn.wall_now(), before.changed + 1));
  TP_TRY_VOID(names.update(target.inode, record));
  TP_TRY_VOID(names.finish());
  return size_bytes;
}

/// Small data of a snapshot, which cannot become extents there: its bytes are written.
Task<uint64_t> write_small(FilesImpl& files, const RangeCopy* copy, FileContentPtr source) {
  const auto bytes = std::make_shared<const Bytes>(source->small.substr(copy->from, copy->size_bytes));
  Payload payload;
  payload.bytes = *bytes;
  payload.owner = bytes;
  FileCaller caller = copy->caller;
  TP_CO_TRY_VOID(co_await files.write(std::move(caller), copy->target, copy->to, std::move(payload),
                                      Stability::kFileSync, copy->check));
  co_return bytes->size();
}

/// Its size 0: to the source's end, where a copy ends in any case.
Task<uint64_t> run_copy(FilesImpl& files, RangeCopy copy) {
  TP_CO_TRY(const VolumeEntryPtr source_volume, volume_of(copy.core, copy.source.volume));
  const uint64_t asked = copy.size_bytes;
  uint64_t coming = 0;
  for (int attempt = 1;; ++attempt) {
    if (!source_volume->snapshot) TP_CO_TRY_VOID(co_await files.flush(copy.source, coming));
    if (!(copy.source == copy.target)) TP_CO_TRY_VOID(co_await files.flush(copy.target, coming));
    if (asked == 0 || !copy.clone) {
      TP_CO_TRY(const FileAttributes found, co_await files.attributes(copy.source));
      if (copy.from > found.size_bytes) co_return fail(Code::kInvalidArgument, "the range begins behind the source");
      const uint64_t rest = found.size_bytes - copy.from;
      copy.size_bytes = asked == 0 ? rest : std::min(asked, rest);
    }
    auto body = [&copy](meta::Txn& txn) { return copy.apply(txn); };
    auto copied = co_await copy.core.change(std::move(body));
    if (copied || copied.error().code != Code::kConflict || attempt == kAttempts) co_return copied;
    // Small data on one side: as extents it can be shared.
    coming = UINT64_MAX;
    if (!source_volume->snapshot) continue;
    const FileStatePtr source = copy.core.open_files.state(copy.source);
    TP_CO_TRY(FileContentPtr content, co_await load_content(copy.core, source));
    if (content->record.place != meta::DataPlace::kSmall) continue;
    co_return co_await write_small(files, &copy, std::move(content));
  }
}

}  // namespace

Task<uint64_t> FilesImpl::copy_range(FileCaller caller, FileId source, uint64_t source_offset, FileId target,
                                     uint64_t target_offset, uint64_t size_bytes, AccessCheck check) {
  TP_CO_TRY(const VolumeEntryPtr source_volume, volume_of(core_, source.volume));
  if (is_cache(*source_volume)) co_return fail(Code::kNotImplemented, "entries of a cache volume are read, not copied");
  RangeCopy copy{core_, std::move(caller), source, target, source_offset, target_offset, size_bytes, check, false};
  co_return co_await run_copy(*this, std::move(copy));
}

Task<void> FilesImpl::clone_range(FileCaller caller, FileId source, uint64_t source_offset, FileId target,
                                  uint64_t target_offset, uint64_t size_bytes, AccessCheck check) {
  RangeCopy copy{core_, std::move(caller), source, target, source_offset, target_offset, size_bytes, check, true};
  TP_CO_TRY_VOID(co_await run_copy(*this, std::move(copy)));
  co_return ok;
}

}  // namespace tp::plane
