#include "plane/core/plane_impl.h"
#include "plane/rights/rights.h"
#include "plane/uploads/upload_steps.h"

namespace tp::plane {

Task<void> PlaneImpl::abort_upload(Caller caller, ObjectRef object, UploadId upload) {
  TP_CO_TRY(const VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kAbortMultipartUpload, object.key, nullptr));
  auto body = [&](meta::Txn& txn) -> Result<void> {
    TP_TRY(Namespace space, Namespace::open(core_, txn, *volume));
    TP_TRY_VOID(load_upload(txn, volume->id, object.key, upload));
    TP_TRY_VOID(drop_upload(space, object.key, upload));
    space.journal(meta::ChangeKind::kUploadAborted, object.key, InodeId(), 0);
    return space.finish();
  };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
