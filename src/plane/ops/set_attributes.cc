// set_tags and set_access: changes of an object's record that leave its bytes and its inode alone.
#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/rights/rights.h"
#include "plane/versions/named_version.h"
#include "plane/versions/version_lookup.h"

namespace tp::plane {
namespace {

Result<void> change_record(Core& core, meta::Txn& txn, const VolumeEntry& volume, const ObjectRef& object,
                           const std::function<Result<void>(meta::InodeRecord&)>& edit) {
  TP_TRY(Namespace names, Namespace::open(core, txn, volume));
  TP_TRY(auto version, find_named(names, object.key, object.version));
  if (!version) {
    return fail(Code::kNotFound, object.version.empty() ? Reason::kNoSuchKey : Reason::kNoSuchVersion,
                "there is no such object");
  }
  meta::InodeRecord& record = version->object.record;
  TP_TRY_VOID(edit(record));
  touch(record, txn.wall_now());
  TP_TRY_VOID(names.update_version(object.key, *version));
  return names.finish();
}

Action asked_of(const ObjectRef& object, Action action) {
  return object.version.empty() ? action : version_action(action);
}

}  // namespace

Task<void> PlaneImpl::set_tags(Caller caller, ObjectRef object, meta::TagSet tags) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(object.volume));
  Action action = tags.empty() ? Action::kDeleteObjectTagging : Action::kPutObjectTagging;
  TP_CO_TRY_VOID(co_await find_object(caller, object, action, false));
  // Judged again in the transaction: between the two the key may have become somebody else's object.
  auto edit = [&](meta::InodeRecord& record) -> Result<void> {
    TP_TRY_VOID(require_on_object(caller, *volume, asked_of(object, action), object.key, &record));
    record.tags = tags;
    return ok;
  };
  auto body = [this, &volume, &object, &edit](meta::Txn& txn) {
    return change_record(core_, txn, *volume, object, edit);
  };
  co_return co_await core_.change(std::move(body));
}

Task<void> PlaneImpl::set_access(Caller caller, ObjectRef object, meta::AccessList access) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(check_access_list(*volume, access));
  TP_CO_TRY_VOID(co_await find_object(caller, object, Action::kPutObjectAcl, false));
  auto edit = [&](meta::InodeRecord& record) -> Result<void> {
    const Action asked = asked_of(object, Action::kPutObjectAcl);
    TP_TRY_VOID(require_on_object(caller, *volume, asked, object.key, &record));
    record.access = access;
    return ok;
  };
  auto body = [this, &volume, &object, &edit](meta::Txn& txn) {
    return change_record(core_, txn, *volume, object, edit);
  };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
