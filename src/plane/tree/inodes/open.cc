// open and open_file: files that stay as long as somebody has them open.
#include "plane/entries/entry_objects.h"
#include "plane/locks/lock_rules.h"
#include "plane/reason.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/names/entry.h"
#include "plane/tree/names/open_by_name.h"
#include "plane/tree/permissions.h"
#include "plane/tree/tree_volume.h"
#include "plane/versions/superseded.h"

namespace tp::plane {

Task<Opened> FilesImpl::open(FileCaller caller, FileId directory, Bytes name, OpenRequest request) {
  if (!is_live_volume(directory.volume)) {
    Opened kept;
    TP_CO_TRY(kept.created.attributes,
              co_await snapshots_.open(std::move(caller), directory, std::move(name), std::move(request)));
    TP_CO_TRY(const FileAttributes at, co_await attributes(directory));
    kept.created.directory = {at, at};
    kept.pin = FilePin(*this, kept.created.attributes.file);
    co_return kept;
  }
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core_, directory.volume));
  if (is_cache(*volume)) {
    Opened entry;
    TP_CO_TRY(entry.created.attributes,
              co_await entries_.open(volume, std::move(caller), directory.inode, std::move(name), std::move(request)));
    TP_CO_TRY(const FileAttributes at, co_await entries_.attributes(volume, directory.inode));
    entry.created.directory = {at, at};
    entry.pin = FilePin(*this, entry.created.attributes.file);
    co_return entry;
  }
  OpenByName wish;
  wish.caller = std::move(caller);
  wish.directory = directory;
  wish.name = std::move(name);
  wish.create = std::move(request.create);
  wish.permissions = request.permissions;
  wish.pin = true;
  Opened opened;
  TP_CO_TRY(opened.created, co_await run_open(core_, *this, std::move(wish)));
  opened.pin = FilePin(*this, opened.created.attributes.file);
  co_return opened;
}

namespace {

Result<FileAttributes> find_and_pin(Core& core, meta::Txn& txn, const FileCaller& caller, FileId file,
                                    uint32_t permissions, bool* pinned) {
  const bool writes = (permissions & kMayWrite) != 0;
  TP_TRY(const VolumeEntryPtr volume, writes ? writable_volume(core, file.volume) : volume_of(core, file.volume));
  TP_TRY(const Entry entry, find_by_id(core, txn, file));
  if (entry.directory) return fail(Code::kInvalidArgument, Reason::kIsDirectory, "it is a directory");
  if (entry.record.type != meta::InodeType::kFile) {
    return fail(Code::kInvalidArgument, Reason::kNotFile, "it is not a regular file");
  }
  const FileAttributes found = attributes_of(core, *volume, entry);
  TP_TRY_VOID(require(caller, found, permissions));
  if (writes) TP_TRY_VOID(require_current(entry.record));
  if (writes) TP_TRY_VOID(require_unlocked(entry.record, txn.wall_now()));
  core.pins.pin(file);
  *pinned = true;
  // A file that lost its name before a restart: the last unpin must know.
  if (entry.record.links == 0) core.pins.keep_nameless(file, core.runtime.clock().now());
  return found;
}

}  // namespace

Task<Opened> FilesImpl::open_file(FileCaller caller, FileId file, uint32_t permissions) {
  if (!is_live_volume(file.volume)) {
    Opened kept;
    TP_CO_TRY(kept.created.attributes, co_await snapshots_.open_file(std::move(caller), file, permissions));
    kept.pin = FilePin(*this, file);
    co_return kept;
  }
  TP_CO_TRY(const VolumeEntryPtr volume, volume_of(core_, file.volume));
  if (is_cache(*volume)) {
    OpenRequest request;
    request.permissions = permissions;
    Opened entry;
    TP_CO_TRY(entry.created.attributes,
              co_await entries_.open(volume, std::move(caller), file.inode, std::nullopt, std::move(request)));
    entry.pin = FilePin(*this, file);
    co_return entry;
  }
  bool pinned = false;
  auto body = [&](meta::Txn& txn) { return find_and_pin(core_, txn, caller, file, permissions, &pinned); };
  auto found = co_await core_.change(std::move(body));
  if (!found) {
    if (pinned) unpin(file);
    co_return std::unexpected(std::move(found).error());
  }
  Opened opened;
  opened.created.attributes = *found;
  opened.pin = FilePin(*this, file);
  co_return opened;
}

}  // namespace tp::plane
