// attributes and access: what is read of a file by its id.
#include "plane/entries/entry_objects.h"
#include "plane/locks/lock_rules.h"
#include "plane/reason.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/names/entry.h"
#include "plane/tree/permissions.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {

Task<FileAttributes> FilesImpl::attributes(FileId file) {
  if (is_snapshot_list(file.volume)) co_return co_await snapshots_.attributes(file);
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core_, file.volume));
  if (is_cache(*volume)) co_return co_await entries_.attributes(volume, file.inode);
  auto read = [&](meta::ReadView& view) -> Result<FileAttributes> {
    TP_TRY(const Entry entry, find_by_id(core_, view, file));
    return attributes_of(core_, *volume, entry);
  };
  co_return co_await core_.read(*volume, std::move(read));
}

namespace {

/// Nobody may write what is locked, whatever its mode says. Of volumes that have no locks nothing is read.
Task<bool> writable_file(Core& core, FileId file) {
  const auto volume = writable_volume(core, file.volume);
  if (!volume) co_return false;
  if (!(*volume)->lock.enabled && !(*volume)->base_at) co_return true;
  auto read = [&](meta::ReadView& view) -> Result<bool> {
    TP_TRY(const Entry entry, find_by_id(core, view, file));
    return !is_locked(entry.record, core.runtime.clock().wall_now());
  };
  co_return co_await core.read(**volume, std::move(read));
}

}  // namespace

Task<uint32_t> FilesImpl::access(FileCaller caller, FileId file, uint32_t wanted) {
  TP_CO_TRY(const FileAttributes found, co_await attributes(file));
  constexpr uint32_t kWrite = kMayWrite;
  if ((wanted & kWrite) != 0) {
    TP_CO_TRY(const bool writable, co_await writable_file(core_, file));
    if (!writable) wanted &= ~kWrite;
  }
  co_return permissions_of(caller, found) & wanted;
}

}  // namespace tp::plane
