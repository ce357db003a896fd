#include "plane/snapshots/restore/restore_apply.h"

#include "plane/core/object_lookup.h"
#include "plane/locks/lock_rules.h"
#include "plane/reason.h"
#include "plane/snapshots/snapshot_steps.h"

namespace tp::plane {
namespace {

/// Of one transaction, in records about: others wait while it runs.
constexpr size_t kCostAtOnce = 1024;
constexpr size_t kBytesPerCost = 4096;
/// Longer chains of parents than any tree has are a loop.
constexpr size_t kMaxDepth = 100'000;

/// The record of a new inode that has what the old one had.
meta::InodeRecord record_of_restored(const meta::InodeRecord& was, rt::Nanos now) {
  meta::InodeRecord record = was;
  record.links = 1;
  record.further_names.clear();
  record.create_verifier = 0;
  record.version = 0;
  record.superseded = 0;
  record.superseded_at = 0;
  record.restored_until = 0;
  record.restore_days = 0;
  touch(record, now);
  return record;
}

}  // namespace

Result<RestoreApply> RestoreApply::begin(Core& core, meta::Txn& txn, const RestorePlan::Roots& roots) {
  TP_TRY(const auto all, load_snapshots(txn, roots.live->id));
  bool there = false;
  for (const meta::SnapshotRecord& record : all) there |= record.at == roots.snapshot->snapshot && !record.deleting;
  if (!there) return fail(Code::kNotFound, Reason::kNoSuchSnapshot, "the snapshot is gone");
  TP_TRY(Namespace names, Namespace::open(core, txn, *roots.live));
  return RestoreApply(std::move(names), txn, roots);
}

Result<size_t> RestoreApply::apply(const std::vector<RestoreStep>& steps, size_t from, RestoreReport* report) {
  size_t at = from;
  for (; at < steps.size() && cost_ < kCostAtOnce; ++at) {
    const RestoreStep& step = steps[at];
    const Bytes target = roots_.to + step.path;
    switch (step.kind) {
      case RestoreStep::Kind::kFile:
        TP_TRY_VOID(restore_file(step.inode, target, report));
        break;
      case RestoreStep::Kind::kDirectory:
        TP_TRY_VOID(restore_directory(step.inode, target));
        break;
      case RestoreStep::Kind::kRemoveFile:
        TP_TRY_VOID(remove_file(target, report));
        break;
      case RestoreStep::Kind::kRemoveDirectory:
        TP_TRY_VOID(remove_directory(target));
        break;
    }
    cost_ += 8;
  }
  return at - from;
}

Result<void> RestoreApply::require_free(const Bytes& key, const Namespace::Object& object) const {
  // Where versions are kept, what goes stays as one.
  if (names_.versioning() != meta::Versioning::kOff) return ok;
  auto free = require_unlocked(object.record, txn_.wall_now());
  if (!free) free.error().message = key + ": " + free.error().message;
  return free;
}

Result<void> RestoreApply::restore_file(InodeId inode, const Bytes& to, RestoreReport* report) {
  TP_TRY(const auto was, find_inode(before_, inode));
  if (!was) return fail(Code::kCorruption, "a name in the snapshot leads to an inode that is not there");
  TP_TRY(const auto old, names_.find(to));
  if (old && same_file(*was, old->record)) {
    ++report->unchanged;
    return ok;
  }
  if (old) TP_TRY_VOID(require_free(to, *old));
  ++report->restored;
  TP_TRY(const bool linked, link(*was, to, old));
  if (linked) return ok;
  const InodeId made = txn_.new_inode_id();
  meta::InodeRecord record = record_of_restored(*was, txn_.wall_now());
  // Before what is there goes: it may be the same file, of which nobody else has the blobs.
  TP_TRY_VOID(names_.share_data(before_, inode, made, record));
  TP_TRY_VOID(names_.put_object(to, made, record, old));
  names_.journal(meta::ChangeKind::kObjectPut, to, made, record.size_bytes);
  cost_ += record.place == meta::DataPlace::kSmall ? record.size_bytes / kBytesPerCost
                                                   : 2 * (record.size_bytes / blob::kMaxBlobBytes);
  return ok;
}

Result<std::optional<Bytes>> RestoreApply::target_of(const meta::LinkName& name) {
  Bytes path = name.name;
  InodeId at = name.parent;
  for (size_t depth = 0; at != roots_.snapshot->root; ++depth) {
    TP_TRY(const auto record, find_inode(before_, at));
    if (!record || !record->parent || depth == kMaxDepth) return std::nullopt;
    path = record->name + "/" + path;
    at = record->parent;
  }
  if (!path.starts_with(roots_.from)) return std::nullopt;
  return std::optional(roots_.to + path.substr(roots_.from.size()));
}

Result<bool> RestoreApply::link(const meta::InodeRecord& was, const Bytes& key,
                                const std::optional<Namespace::Object>& old) {
  if (was.further_names.empty()) return false;
  TP_TRY(const auto parent, names_.find_directory(directory_part(key)));
  if (!parent) return false;
  auto others = was.further_names;
  others.push_back({was.parent, was.name});
  for (const meta::LinkName& name : others) {
    TP_TRY(const auto target, target_of(name));
    if (!target || *target == key) continue;
    TP_TRY(auto other, names_.find(*target));
    if (!other || !same_file(was, other->record)) continue;
    if (old) TP_TRY_VOID(names_.remove_file(*old));
    TP_TRY_VOID(names_.add_link(*parent, file_part(key), other->inode, std::move(other->record)));
    names_.journal(meta::ChangeKind::kObjectPut, key, other->inode, was.size_bytes);
    return true;
  }
  return false;
}

Result<InodeId> RestoreApply::make_directories(const Bytes& path) {
  InodeId at = names_.volume().root;
  KeyPath walk(path);
  while (const auto name = walk.next_directory()) {
    TP_TRY(const auto child, names_.child_directory(at, *name));
    if (child) {
      at = *child;
      continue;
    }
    const InodeId made = txn_.new_inode_id();
    meta::InodeRecord record;
    record.type = meta::InodeType::kDirectory;
    record.mode = 0755;
    record.modified = record.changed = record.created = txn_.wall_now();
    TP_TRY_VOID(names_.add_directory(at, *name, made, record));
    at = made;
  }
  return at;
}

Result<void> RestoreApply::restore_directory(InodeId inode, const Bytes& to) {
  TP_TRY(const auto was, find_inode(before_, inode));
  if (!was) return fail(Code::kCorruption, "a directory in the snapshot is not there");
  TP_TRY(const auto there, names_.find_directory(to));
  // What S3 made with a key comes with what is in it.
  if (!there && was->implicit) return ok;
  TP_TRY(const InodeId directory, make_directories(to));
  TP_TRY(meta::InodeRecord record, names_.directory(directory));
  if (!was->implicit && record.implicit) {
    TP_TRY_VOID(names_.make_explicit(directory));
    TP_TRY(record, names_.directory(directory));
  }
  if (there && same_directory(*was, record)) return ok;
  record.posix = was->posix;
  record.mode = was->mode;
  record.uid = was->uid;
  record.gid = was->gid;
  record.owner = was->owner;
  record.attributes = was->attributes;
  touch(record, txn_.wall_now());
  if (!there) names_.journal(meta::ChangeKind::kDirectoryMade, to, directory, 0);
  return names_.update(directory, record);
}

Result<void> RestoreApply::remove_file(const Bytes& key, RestoreReport* report) {
  TP_TRY(const auto object, names_.find(key));
  if (!object) return ok;
  TP_TRY_VOID(require_free(key, *object));
  TP_TRY_VOID(names_.remove_current(key, object, object->record.owner));
  ++report->removed;
  return ok;
}

Result<void> RestoreApply::remove_directory(const Bytes& path) {
  TP_TRY(const auto directory, names_.find_directory(path));
  if (!directory || *directory == names_.volume().root) return ok;
  TP_TRY(const bool empty, names_.is_empty(*directory));
  if (!empty) return ok;  // somebody writes into it
  TP_TRY(const meta::InodeRecord record, names_.directory(*directory));
  TP_TRY_VOID(names_.remove_directory(*directory, record));
  names_.journal(meta::ChangeKind::kDirectoryRemoved, path, *directory, 0);
  return ok;
}

}  // namespace tp::plane
