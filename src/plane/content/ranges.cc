// allocate, deallocate and seek: ranges of a file that become part of it, holes, or are looked for.
#include <algorithm>

#include "meta/keys.h"
#include "plane/content/parts/extent_editor.h"
#include "plane/content/parts/file_content.h"
#include "plane/content/resize.h"
#include "plane/core/object_lookup.h"
#include "plane/entries/entry_objects.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/inodes/inode_change.h"
#include "plane/tree/permissions.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

Result<void> check_range(uint64_t offset, uint64_t size_bytes) {
  if (size_bytes == 0) return fail(Code::kInvalidArgument, "the range is empty");
  if (offset <= kMaxFileBytes && size_bytes <= kMaxFileBytes - offset) return ok;
  return fail(Code::kTooLarge, Reason::kFileTooLarge, "the file would be too large");
}

Result<void> zero_small(Namespace& names, ExtentEditor& editor, InodeId inode, uint64_t from, uint64_t to) {
  TP_TRY(Bytes data, load_small_data(names.txn(), inode));
  data.replace(from, to - from, to - from, '\0');
  return editor.put_small(data);
}

/// The first offset from `offset` on that lies in data (or in a hole); nullopt if there is none before the end.
Result<std::optional<uint64_t>> find_kind(meta::RecordSource& source, InodeId inode, uint64_t offset, uint64_t size,
                                          bool data) {
  TP_TRY(const auto first, load_extents(source, inode, offset, offset + 1, 1));
  if (!first.empty() && static_cast<bool>(first[0].blob) == data) return std::optional(offset);
  std::optional<uint64_t> found;
  Result<void> parsed;
  auto take = [&](BytesView key, BytesView value) {
    auto extent = meta::decode_extent(get_be<uint64_t>(key.data() + key.size() - sizeof(uint64_t)), value);
    if (!extent) parsed = std::unexpected(std::move(extent.error()));
    else if (static_cast<bool>(extent->blob) == data) found = std::max(offset, extent->offset);
    return parsed.has_value() && !found;
  };
  TP_TRY_VOID(source.scan(kv::Space::kExtents, meta::extent_key(inode, offset), meta::extent_key(inode, size), take));
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return found;
}

}  // namespace

Task<FileChange> FilesImpl::allocate(FileCaller caller, FileId file, uint64_t offset, uint64_t size_bytes,
                                     AccessCheck check) {
  TP_CO_TRY_VOID(check_range(offset, size_bytes));
  const uint64_t end = offset + size_bytes;
  for (int attempt = 1;; ++attempt) {
    TP_CO_TRY_VOID(co_await flush(file, end));
    auto edit = [&](Namespace& names, const FileAttributes& before, meta::InodeRecord& record) -> Result<void> {
      TP_TRY_VOID(require_file(record));
      TP_TRY_VOID(require_bytes(caller, before, kMayWrite, check));
      if (end <= record.size_bytes) return ok;
      const meta::VolumeRecord& volume = names.volume();
      // The hole costs nothing, but what is promised must fit.
      if (volume.quota_bytes != 0 && names.counters().bytes + (end - record.size_bytes) > volume.quota_bytes) {
        return fail(Code::kNoSpace, Reason::kQuota, "the volume's quota does not allow it");
      }
      record.modified = names.txn().wall_now();
      return resize(names, file.inode, record, end);
    };
    auto changed = co_await change_inode(core_, file, std::move(edit));
    if (changed || changed.error().code != Code::kConflict || attempt == kAttempts) co_return changed;
  }
}

Task<FileChange> FilesImpl::deallocate(FileCaller caller, FileId file, uint64_t offset, uint64_t size_bytes,
                                       AccessCheck check) {
  TP_CO_TRY_VOID(check_range(offset, size_bytes));
  TP_CO_TRY_VOID(co_await flush(file));
  auto edit = [&](Namespace& names, const FileAttributes& before, meta::InodeRecord& record) -> Result<void> {
    TP_TRY_VOID(require_file(record));
    TP_TRY_VOID(require_bytes(caller, before, kMayWrite, check));
    const uint64_t end = std::min(offset + size_bytes, record.size_bytes);
    if (offset >= end) return ok;
    ExtentEditor editor(names, file.inode, record);
    if (record.place == meta::DataPlace::kSmall) TP_TRY_VOID(zero_small(names, editor, file.inode, offset, end));
    else TP_TRY_VOID(editor.put_hole(offset, end));
    editor.end();
    record.modified = names.txn().wall_now();
    return ok;
  };
  co_return co_await change_inode(core_, file, std::move(edit));
}

Task<Files::Sought> FilesImpl::seek(FileId file, uint64_t offset, bool data) {
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core_, file.volume));
  if (is_cache(*volume)) co_return co_await entries_.seek(volume, file.inode, offset, data);
  TP_CO_TRY_VOID(co_await flush(file));
  auto look = [&](meta::ReadView& view) -> Result<Sought> {
    TP_TRY(const auto record, find_inode(view, file.inode));
    if (!record) return fail(Code::kNotFound, Reason::kStale, "the file is gone");
    TP_TRY_VOID(require_file(*record));
    const uint64_t size = record->size_bytes;
    if (offset >= size) return fail(Code::kOutOfRange, "the offset is not within the file");
    std::optional<uint64_t> found;
    if (record->place == meta::DataPlace::kExtents) {
      TP_TRY(found, find_kind(view, file.inode, offset, size, data));
    } else if (data) {
      found = offset;
    }
    // The end of a file counts as a hole; data there is none behind it.
    Sought sought;
    sought.end_of_file = !found && data;
    sought.offset = found.value_or(size);
    return sought;
  };
  co_return co_await core_.read(*volume, std::move(look));
}

}  // namespace tp::plane
