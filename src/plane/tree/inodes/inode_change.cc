#include "plane/tree/inodes/inode_change.h"

#include "plane/locks/lock_rules.h"
#include "plane/tree/attributes.h"
#include "plane/tree/tree_volume.h"
#include "plane/versions/superseded.h"

namespace tp::plane {
namespace {

Result<FileChange> apply(Core& core, meta::Txn& txn, FileId file, const InodeEdit& edit) {
  TP_TRY(const VolumeEntryPtr volume, writable_volume(core, file.volume));
  TP_TRY(Namespace names, Namespace::open(core, txn, *volume));
  TP_TRY(meta::InodeRecord record, names.inode(file.inode));
  TP_TRY_VOID(require_current(record));
  TP_TRY_VOID(require_unlocked(record, txn.wall_now()));
  FileChange change;
  change.before = attributes_of(core, *volume, file.inode, record);
  TP_TRY_VOID(edit(names, change.before, record));
  touch(record, std::max(txn.wall_now(), change.before.changed + 1));
  TP_TRY_VOID(names.update(file.inode, record));
  change.after = attributes_of(core, *volume, file.inode, record);
  TP_TRY_VOID(names.finish());
  return change;
}

}  // namespace

Task<FileChange> change_inode(Core& core, FileId file, InodeEdit edit) {
  auto body = [&](meta::Txn& txn) { return apply(core, txn, file, edit); };
  co_return co_await core.change(std::move(body));
}

Result<void> keep_directory(Namespace& names, InodeId inode, meta::InodeRecord& record) {
  if (record.type != meta::InodeType::kDirectory || !record.implicit) return ok;
  record.implicit = false;
  return names.make_explicit(inode);
}

}  // namespace tp::plane
