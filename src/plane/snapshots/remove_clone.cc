#include "plane/reason.h"
#include "plane/snapshots/freeing/free_clone.h"
#include "plane/snapshots/freeing/free_snapshot.h"
#include "plane/snapshots/snapshot_steps.h"
#include "plane/snapshots/snapshots_impl.h"

namespace tp::plane {

Task<void> SnapshotsImpl::remove_clone(Caller caller, std::string volume) {
  TP_CO_TRY(const VolumeEntryPtr found, find_for_snapshots(core_, caller, volume));
  if (!found->base_at) {
    co_return fail(Code::kInvalidArgument, found->name + " is no clone: empty it and delete it as a bucket");
  }
  if (found->lock.enabled) {
    co_return fail(Code::kPermissionDenied, Reason::kLocked, "Object Lock may keep versions of " + found->name);
  }
  TP_CO_TRY_VOID(co_await free_marked_snapshots(core_, found->id));
  auto body = [this, &found](meta::Txn& txn) { return mark_clone_removed(core_, txn, *found); };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
