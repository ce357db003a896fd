#include "plane/tree/names/directory_change.h"

#include "plane/reason.h"
#include "plane/rights/posix_owner.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/file_name.h"
#include "plane/tree/snapshots/snapshot_files.h"

namespace tp::plane {
namespace {

/// Longer ones could not be looked up by their whole path.
constexpr size_t kMaxPathBytes = 32 << 10;

}  // namespace

FileAttributes DirectoryChange::attributes(InodeId inode, const meta::InodeRecord& record) const {
  return attributes_of(core_, names_.volume(), inode, record);
}

Result<FileAttributes> DirectoryChange::enter(InodeId directory) {
  TP_TRY(const meta::InodeRecord record, names_.directory(directory));
  const FileAttributes found = attributes(directory, record);
  TP_TRY_VOID(plane::require(caller_, found, kMayExecute));
  return found;
}

Result<std::optional<Entry>> DirectoryChange::find(InodeId directory, BytesView shown) {
  return find_entry(core_, names_.txn(), {names_.volume().id, directory}, shown);
}

Result<Entry> DirectoryChange::require(InodeId directory, BytesView shown) {
  if (shown == kSnapshotDirectoryName) return snapshots_are_read_only();
  return require_entry(core_, names_.txn(), {names_.volume().id, directory}, shown);
}

Result<DirectoryChange::NewInode> DirectoryChange::start(const FileAttributes& directory, BytesView name,
                                                         meta::InodeType type, uint32_t default_mode,
                                                         const SetAttributes& set) {
  TP_TRY_VOID(check_new_name(name));
  TP_TRY_VOID(plane::require(caller_, directory, kMayWrite | kMayExecute));
  TP_TRY(const FileOwnership own, ownership_of_new(caller_, directory, type, default_mode, set));
  const rt::Nanos now = names_.txn().wall_now();
  NewInode made;
  made.inode = names_.txn().new_inode_id();
  meta::InodeRecord& record = made.record;
  record.type = type;
  record.posix = true;
  record.mode = own.mode;
  record.uid = own.uid;
  record.gid = own.gid;
  record.created = record.changed = now;
  record.modified = set.modified.value_or(now);
  record.accessed = set.accessed.value_or(0);
  record.owner = s3_owner_of(core_, names_.volume(), own.uid);
  return made;
}

Result<void> DirectoryChange::add(const FileAttributes& directory, BytesView name, NewInode& made) {
  TP_TRY(Bytes path, names_.path_of(directory.file.inode));
  path += name;
  if (path.size() > kMaxPathBytes) {
    return fail(Code::kInvalidArgument, Reason::kNameTooLong, "the path is too long");
  }
  if (made.record.type == meta::InodeType::kDirectory) {
    TP_TRY_VOID(names_.add_directory(directory.file.inode, name, made.inode, made.record));
    names_.journal(meta::ChangeKind::kDirectoryMade, path + "/", made.inode, 0);
    return ok;
  }
  TP_TRY_VOID(names_.add_file(directory.file.inode, name, made.inode, made.record));
  names_.journal(meta::ChangeKind::kObjectPut, path, made.inode, made.record.size_bytes);
  return ok;
}

Result<FileChange> DirectoryChange::around(const FileAttributes& before) {
  TP_TRY(const meta::InodeRecord record, names_.directory(before.file.inode));
  return FileChange{before, attributes(before.file.inode, record)};
}

}  // namespace tp::plane
