#include "plane/reason.h"
#include "plane/snapshots/snapshot_steps.h"
#include "plane/snapshots/snapshots_impl.h"

namespace tp::plane {
namespace {

/// Marked: gone for everybody; the janitor frees its history.
Result<void> mark(Core& core, meta::Txn& txn, const VolumeEntry& volume, const std::string& name) {
  TP_TRY(meta::SnapshotRecord record, load_snapshot(txn, volume.id, name));
  if (record.clones != 0) {
    return fail(Code::kConflict, Reason::kSnapshotInUse,
                std::to_string(record.clones) + " volumes are clones of the snapshot: remove them first");
  }
  record.deleting = true;
  TP_TRY_VOID(write_snapshot(core, txn, record));
  journal_snapshot(txn, meta::ChangeKind::kSnapshotRemoved, record);
  return ok;
}

}  // namespace

Task<void> SnapshotsImpl::remove(Caller caller, std::string volume, std::string name) {
  TP_CO_TRY(const VolumeEntryPtr found, find_for_snapshots(core_, caller, volume));
  auto body = [this, &found, &name](meta::Txn& txn) { return mark(core_, txn, *found, name); };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
