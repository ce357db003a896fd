#include "front/s3/core/s3_request.h"
#include "front/s3/lock/lock_document.h"
#include "front/s3/lock/lock_handlers.h"

namespace tp::s3 {

// Of a version that nobody ever held S3 says that it has no configuration: here that is a hold that is off.
Task<void> get_object_legal_hold(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  TP_CO_TRY(const plane::ObjectInfoPtr info,
            co_await request.plane.stat(request.caller, request.object(), plane::Action::kGetObjectLegalHold));
  TP_CO_TRY(const plane::VolumePtr volume, request.plane.volume(request.bucket));
  if (!volume->lock.enabled) {
    co_return s3_fail(S3Code::kInvalidRequest, "Bucket is missing Object Lock Configuration");
  }
  co_return co_await request.answer_xml(200, legal_hold_document(info->record.legal_hold));
}

}  // namespace tp::s3
