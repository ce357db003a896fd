// attributes and access: what is read of a file by its id.
#include "plane/entries/entry_objects.h"
#include "plane/reason.h"
#include "plane/snapshot_files.h"
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

Task<uint32_t> FilesImpl::access(FileCaller caller, FileId file, uint32_t wanted) {
  TP_CO_TRY(const FileAttributes found, co_await attributes(file));
  if (!writable_volume(core_, file.volume)) wanted &= ~static_cast<uint32_t>(kMayWrite);
  co_return permissions_of(caller, found) & wanted;
}

}  // namespace tp::plane
