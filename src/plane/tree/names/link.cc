#include "plane/locks/lock_rules.h"
#include "plane/reason.h"
#include "plane/tree/file_name.h"
#include "plane/tree/files_impl.h"
#include "plane/tree/names/directory_change.h"
#include "plane/tree/tree_volume.h"

namespace tp::plane {
namespace {

Result<void> check_linkable(const Entry& file) {
  if (file.directory) return fail(Code::kInvalidArgument, Reason::kIsDirectory, "a directory has one name");
  // What has lost its last name is on its way out.
  if (file.record.links == 0) return fail(Code::kNotFound, Reason::kStale, "the file has no name any more");
  if (file.record.links >= kMaxLinks) {
    return fail(Code::kInvalidArgument, Reason::kTooManyLinks, "the file has too many names");
  }
  return ok;
}

Result<FileChange> link_file(Core& core, meta::Txn& txn, const FileCaller& caller, FileId file, FileId directory,
                             BytesView name) {
  TP_TRY(const VolumeEntryPtr volume, writable_volume(core, directory.volume));
  TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
  DirectoryChange change(core, names, caller);
  TP_TRY(const FileAttributes before, change.enter(directory.inode));
  TP_TRY(Entry entry, find_by_id(core, txn, file));
  TP_TRY_VOID(check_linkable(entry));
  TP_TRY_VOID(require_unlocked(entry.record, txn.wall_now()));
  TP_TRY(const auto taken, change.find(directory.inode, name));
  if (taken) return fail(Code::kAlreadyExists, "the name is taken");
  TP_TRY_VOID(check_new_name(name));
  TP_TRY_VOID(require(caller, before, kMayWrite | kMayExecute));
  TP_TRY(Bytes key, names.path_of(directory.inode));
  key += name;
  names.journal(meta::ChangeKind::kObjectPut, key, entry.inode, entry.record.size_bytes);
  TP_TRY_VOID(names.add_link(directory.inode, name, entry.inode, std::move(entry.record)));
  TP_TRY(FileChange around, change.around(before));
  TP_TRY_VOID(names.finish());
  return around;
}

}  // namespace

Task<FileChange> FilesImpl::link(FileCaller caller, FileId file, FileId directory, Bytes name) {
  if (file.volume != directory.volume) {
    co_return fail(Code::kInvalidArgument, Reason::kCrossVolume, "a file's names are in one volume");
  }
  auto body = [&](meta::Txn& txn) { return link_file(core_, txn, caller, file, directory, name); };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
