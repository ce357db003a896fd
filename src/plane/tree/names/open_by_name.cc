#include "plane/tree/names/open_by_name.h"

#include "base/hash/md5.h"
#include "plane/content/resize.h"
#include "plane/locks/lock_rules.h"
#include "plane/reason.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/names/directory_change.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

constexpr uint32_t kDefaultMode = 0644;

/// 0 in a record says that there was no exclusive create.
uint64_t stored_verifier(uint64_t verifier) {
  return verifier != 0 ? verifier : ~uint64_t{0};
}

Result<void> check_found(const Entry& entry, const FileAttributes& found, const OpenByName& wish, rt::Nanos now) {
  if (wish.create && wish.create->kind != CreateRequest::Kind::kUnchecked) {
    const bool replayed = wish.create->kind == CreateRequest::Kind::kExclusive && !entry.directory &&
                          entry.record.create_verifier == stored_verifier(wish.create->verifier);
    if (!replayed) return fail(Code::kAlreadyExists, "the name is taken");
    // Who has just made it may do with it what it asked for.
    return ok;
  }
  if (entry.directory) return fail(Code::kInvalidArgument, Reason::kIsDirectory, "it is a directory");
  if (entry.record.type != meta::InodeType::kFile) {
    return fail(Code::kInvalidArgument, Reason::kNotFile, "it is not a regular file");
  }
  TP_TRY_VOID(require(wish.caller, found, wish.permissions));
  return (wish.permissions & kMayWrite) != 0 ? require_unlocked(entry.record, now) : ok;
}

Result<FileAttributes> make_file(DirectoryChange& change, const FileAttributes& directory, const OpenByName& wish) {
  const SetAttributes& set = wish.create->set;
  TP_TRY(auto made, change.start(directory, wish.name, meta::InodeType::kFile, kDefaultMode, set));
  made.record.etag = to_hex(as_view(md5({})));
  if (wish.create->kind == CreateRequest::Kind::kExclusive) {
    made.record.create_verifier = stored_verifier(wish.create->verifier);
  }
  TP_TRY_VOID(change.add(directory, wish.name, made));
  if (set.size_bytes.value_or(0) > 0) {
    TP_TRY_VOID(resize(change.names(), made.inode, made.record, *set.size_bytes));
    touch(made.record, change.names().txn().wall_now());
    TP_TRY_VOID(change.names().update(made.inode, made.record));
  }
  return change.attributes(made.inode, made.record);
}

}  // namespace

Result<Created> open_by_name(Core& core, meta::Txn& txn, const OpenByName& wish, InodeId* pinned) {
  const bool writes = wish.create || (wish.permissions & kMayWrite) != 0;
  TP_TRY(const VolumeEntryPtr volume,
         writes ? writable_volume(core, wish.directory.volume) : volume_of(core, wish.directory.volume));
  TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
  DirectoryChange change(core, names, wish.caller);
  TP_TRY(const FileAttributes directory, change.enter(wish.directory.inode));
  if (wish.name == kSnapshotDirectoryName) {
    return fail(Code::kInvalidArgument, Reason::kIsDirectory, "it is the directory of snapshots");
  }
  TP_TRY(const auto entry, change.find(wish.directory.inode, wish.name));
  Created created;
  created.directory = {directory, directory};
  if (entry) {
    created.attributes = change.attributes(*entry);
    TP_TRY_VOID(check_found(*entry, created.attributes, wish, txn.wall_now()));
  } else {
    if (!wish.create) return no_such_file();
    TP_TRY(created.attributes, make_file(change, directory, wish));
    created.made = true;
    TP_TRY(created.directory, change.around(directory));
    TP_TRY_VOID(names.finish());
  }
  if (wish.pin) {
    // Here, where names are dropped too: from now on the file stays.
    *pinned = created.attributes.file.inode;
    core.pins.pin(created.attributes.file);
  }
  return created;
}

Task<Created> run_open(Core& core, Files& files, OpenByName wish) {
  InodeId pinned;
  auto body = [&](meta::Txn& txn) { return open_by_name(core, txn, wish, &pinned); };
  auto created = co_await core.change(std::move(body));
  if (created && !created->made && wish.create && wish.create->kind == CreateRequest::Kind::kUnchecked &&
      wish.create->set.size_bytes == 0) {
    SetAttributes truncation;
    truncation.size_bytes = 0;
    auto cut = co_await files.set_attributes(wish.caller, created->attributes.file, truncation, std::nullopt,
                                             AccessCheck::kByMode);
    if (cut)
      created->attributes = cut->after;
    else
      created = std::unexpected(std::move(cut).error());
  }
  if (!created && pinned) files.unpin({wish.directory.volume, pinned});
  co_return created;
}

}  // namespace tp::plane
