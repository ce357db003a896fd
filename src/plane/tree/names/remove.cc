// remove and remove_directory.
#include "plane/locks/lock_rules.h"
#include "plane/reason.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/names/directory_change.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

Result<void> remove_file_entry(DirectoryChange& change, Entry entry) {
  Namespace& names = change.names();
  TP_TRY(Bytes key, names.path_of(entry.parent));
  key += entry.name;
  names.journal(meta::ChangeKind::kObjectRemoved, key, entry.inode, entry.record.size_bytes);
  return names.remove_file(object_of(std::move(entry)));
}

Result<void> remove_directory_entry(DirectoryChange& change, const Entry& entry) {
  Namespace& names = change.names();
  TP_TRY(const bool empty, names.is_empty(entry.inode));
  if (!empty) return fail(Code::kNotEmpty, "the directory is not empty");
  TP_TRY(const Bytes key, names.path_of(entry.inode));
  names.journal(meta::ChangeKind::kDirectoryRemoved, key, entry.inode, 0);
  return names.remove_directory(entry.inode, entry.record);
}

Result<FileChange> remove_entry(Core& core, meta::Txn& txn, const FileCaller& caller, FileId directory, BytesView name,
                                bool wants_directory) {
  TP_TRY(const VolumeEntryPtr volume, writable_volume(core, directory.volume));
  TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
  DirectoryChange change(core, names, caller);
  TP_TRY(const FileAttributes before, change.enter(directory.inode));
  TP_TRY(Entry entry, change.require(directory.inode, name));
  TP_TRY_VOID(require_removal(caller, before, change.attributes(entry)));
  if (entry.directory != wants_directory) {
    return wants_directory ? fail(Code::kInvalidArgument, Reason::kNotDirectory, "it is not a directory")
                           : fail(Code::kInvalidArgument, Reason::kIsDirectory, "it is a directory");
  }
  TP_TRY_VOID(require_unlocked(entry.record, txn.wall_now()));
  TP_TRY_VOID(wants_directory ? remove_directory_entry(change, entry) : remove_file_entry(change, std::move(entry)));
  TP_TRY(FileChange around, change.around(before));
  TP_TRY_VOID(names.finish());
  return around;
}

}  // namespace

Task<FileChange> FilesImpl::remove(FileCaller caller, FileId directory, Bytes name) {
  auto body = [&](meta::Txn& txn) { return remove_entry(core_, txn, caller, directory, name, false); };
  co_return co_await core_.change(std::move(body));
}

Task<FileChange> FilesImpl::remove_directory(FileCaller caller, FileId directory, Bytes name) {
  auto body = [&](meta::Txn& txn) { return remove_entry(core_, txn, caller, directory, name, true); };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
