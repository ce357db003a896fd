// lookup, parent, read_link: what is read of names.
#include "meta/keys.h"
#include "plane/entries/entry_objects.h"
#include "plane/reason.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/names/entry.h"
#include "plane/tree/permissions.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

constexpr int kLookupAttempts = 16;

Result<Entry> find_directory(const Core& core, meta::RecordSource& source, FileId directory) {
  TP_TRY(Entry entry, find_by_id(core, source, directory));
  if (!entry.directory) return fail(Code::kInvalidArgument, Reason::kNotDirectory, "it is not a directory");
  return entry;
}

Result<FileAttributes> look_up(const Core& core, meta::RecordSource& source, const VolumeEntry& volume,
                               const FileCaller& caller, InodeId directory, BytesView name) {
  TP_TRY(const Entry parent, find_directory(core, source, {volume.id, directory}));
  TP_TRY_VOID(require(caller, attributes_of(core, volume, parent), kMayExecute));
  if (name == "." || (name == ".." && directory == volume.root)) return attributes_of(core, volume, parent);
  if (name == "..") {
    TP_TRY(const Entry above, find_by_id(core, source, {volume.id, parent.record.parent}));
    return attributes_of(core, volume, above);
  }
  TP_TRY(const Entry entry, require_entry(core, source, {volume.id, directory}, name));
  return attributes_of(core, volume, entry);
}

}  // namespace

Task<FileAttributes> FilesImpl::lookup(FileCaller caller, FileId directory, Bytes name) {
  if (is_snapshot_list(directory.volume)) co_return co_await snapshots_.lookup(std::move(caller), directory, name);
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core_, directory.volume));
  if (is_cache(*volume)) {
    co_return co_await entries_.lookup(volume, std::move(caller), directory.inode, std::move(name));
  }
  if (!volume->snapshot && name == kSnapshotDirectoryName) {
    co_return co_await snapshots_.enter(std::move(caller), directory);
  }
  if (volume->snapshot && name == ".." && directory.inode == volume->root) {
    co_return co_await snapshots_.attributes(snapshot_list_of({volume->live, directory.inode}));
  }
  for (int attempt = 1;; ++attempt) {
    auto read = [&](meta::ReadView& view) { return look_up(core_, view, *volume, caller, directory.inode, name); };
    auto found = co_await core_.read(*volume, std::move(read));
    if (found || found.error().code != Code::kConflict) co_return found;
    // A change between two reads of a lookup is over at the next; what stays torn is torn on disk.
    if (attempt == kLookupAttempts) co_return fail(Code::kCorruption, found.error().message);
  }
}

Task<FileAttributes> FilesImpl::parent(FileCaller caller, FileId directory) {
  return lookup(std::move(caller), directory, "..");
}

Task<Bytes> FilesImpl::read_link(FileCaller, FileId link) {
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core_, link.volume));
  if (is_cache(*volume)) co_return fail(Code::kInvalidArgument, Reason::kNotFile, "it is not a symbolic link");
  auto read = [&](meta::ReadView& view) -> Result<Bytes> {
    TP_TRY(const Entry entry, find_by_id(core_, view, link));
    if (entry.record.type != meta::InodeType::kSymlink) {
      return fail(Code::kInvalidArgument, entry.directory ? Reason::kIsDirectory : Reason::kNotFile,
                  "it is not a symbolic link");
    }
    if (entry.record.place != meta::DataPlace::kSmall) return Bytes();
    TP_TRY(const auto value, view.get(kv::Space::kData, meta::data_key(link.inode)));
    if (!value) return fail(Code::kNotFound, Reason::kStale, "the link is gone");
    TP_TRY(const BytesView target, meta::decode_small_data(link.inode, *value));
    return Bytes(target);
  };
  co_return co_await core_.read(*volume, std::move(read));
}

}  // namespace tp::plane
