// set_retention and set_legal_hold: the locks of one version.
#include "plane/core/namespace.h"
#include "plane/core/plane_impl.h"
#include "plane/locks/lock_rights.h"
#include "plane/versions/named_version.h"

namespace tp::plane {
namespace {

using LockEdit = std::function<Result<void>(meta::InodeRecord& record, rt::Nanos now)>;

Result<void> change_lock(Core& core, meta::Txn& txn, const VolumeEntry& volume, const ObjectRef& object,
                         const LockEdit& edit) {
  TP_TRY(Namespace names, Namespace::open(core, txn, volume));
  TP_TRY(auto found, find_named(names, object.key, object.version));
  // Gone since it was looked up.
  if (!found) {
    const Reason reason = object.version.empty() ? Reason::kNoSuchKey : Reason::kNoSuchVersion;
    return fail(Code::kNotFound, reason, "there is no such key or version");
  }
  meta::InodeRecord& record = found->object.record;
  TP_TRY_VOID(edit(record, txn.wall_now()));
  touch(record, txn.wall_now());
  TP_TRY_VOID(names.update_version(object.key, *found));
  return names.finish();
}

Result<void> require_lock(const VolumeEntry& volume) {
  if (volume.lock.enabled) return ok;
  return fail(Code::kInvalidArgument, Reason::kLockNotEnabled, "the volume has no Object Lock");
}

}  // namespace

Task<void> PlaneImpl::set_retention(Caller caller, ObjectRef object, meta::RetentionMode mode, rt::Nanos until,
                                    bool bypass_governance) {
  TP_CO_TRY(const VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kPutObjectRetention, object.key, nullptr));
  TP_CO_TRY_VOID(require_lock(*volume));
  TP_CO_TRY(const CachedObjectPtr found, co_await find_object(caller, object, Action::kPutObjectRetention, false));
  // What a file protocol's client has been promised is part of what is locked.
  TP_CO_TRY_VOID(co_await files_.flush({volume->id, found->info.inode}));
  const Retention wanted{mode, mode == meta::RetentionMode::kNone ? 0 : until};
  const bool bypass = may_bypass(caller, *volume, object.key, bypass_governance);
  auto edit = [wanted, bypass](meta::InodeRecord& record, rt::Nanos now) -> Result<void> {
    TP_TRY_VOID(check_retention_change(record, wanted, now, bypass));
    record.retention = wanted.mode;
    record.retain_until = wanted.until;
    return ok;
  };
  auto body = [&](meta::Txn& txn) { return change_lock(core_, txn, *volume, object, edit); };
  co_return co_await core_.change(std::move(body));
}

Task<void> PlaneImpl::set_legal_hold(Caller caller, ObjectRef object, bool on) {
  TP_CO_TRY(const VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kPutObjectLegalHold, object.key, nullptr));
  TP_CO_TRY_VOID(require_lock(*volume));
  TP_CO_TRY(const CachedObjectPtr found, co_await find_object(caller, object, Action::kPutObjectLegalHold, false));
  TP_CO_TRY_VOID(co_await files_.flush({volume->id, found->info.inode}));
  auto edit = [on](meta::InodeRecord& record, rt::Nanos) -> Result<void> {
    record.legal_hold = on;
    return ok;
  };
  auto body = [&](meta::Txn& txn) { return change_lock(core_, txn, *volume, object, edit); };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
