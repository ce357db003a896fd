#include "plane/core/plane_impl.h"
#include "plane/rights/rights.h"
#include "plane/tiers/move_queue.h"

namespace tp::plane {
namespace {

constexpr rt::Nanos kDay = 24 * 3600 * rt::kSecond;

/// True: it was readable already, and stays so longer.
Result<bool> ask_for(Namespace& names, const StorageClass& storage, InodeId inode, meta::InodeRecord record,
                     uint32_t days) {
  const rt::Nanos now = names.txn().wall_now();
  const bool readable = record.restored_until > now;
  if (record.restore_days != 0) {
    return fail(Code::kConflict, Reason::kRestoreInProgress, "the object is being restored already");
  }
  touch(record, now);
  if (readable || record.place != meta::DataPlace::kExtents) {
    // Nothing has to come from anywhere: small data is at hand in any class.
    const rt::Nanos until = now + (readable ? 0 : storage.restore_delay) + days * kDay;
    record.restored_until = (until + kDay - 1) / kDay * kDay;
    if (record.place == meta::DataPlace::kExtents) queue_move(names, inode, record, record.restored_until);
    TP_TRY_VOID(names.update(inode, record));
    return readable;
  }
  record.restore_days = days;
  queue_move(names, inode, record, now + storage.restore_delay);
  TP_TRY_VOID(names.update(inode, record));
  return false;
}

}  // namespace

Task<bool> PlaneImpl::restore_object(Caller caller, ObjectRef object, uint32_t days) {
  if (days == 0) co_return fail(Code::kInvalidArgument, "an object is restored for a day at least");
  TP_CO_TRY(const CachedObjectPtr found, co_await find_object(caller, object, Action::kRestoreObject, false));
  TP_CO_TRY(const VolumeEntryPtr volume, core_.volumes.find(object.volume));
  const StorageClass* storage = core_.classes.find(found->info.record.storage_class);
  if (storage == nullptr || !storage->offline) {
    co_return fail(Code::kPermissionDenied, Reason::kInvalidStorageClass,
                   "restore is not allowed for the object's storage class");
  }
  const InodeId inode = found->info.inode;
  auto body = [this, &volume, storage, inode, days](meta::Txn& txn) -> Result<bool> {
    TP_TRY(Namespace names, Namespace::open(core_, txn, *volume));
    TP_TRY(auto record, names.inode(inode));
    TP_TRY(const bool readable, ask_for(names, *storage, inode, std::move(record), days));
    TP_TRY_VOID(names.finish());
    return readable;
  };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
