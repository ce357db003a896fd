#include "front/s3/core/s3_request.h"
#include "front/s3/lock/lock_document.h"
#include "front/s3/lock/lock_handlers.h"

namespace tp::s3 {

Task<void> get_object_retention(S3Request& request) {
  TP_CO_TRY_VOID(request.check_version_id());
  TP_CO_TRY(const plane::ObjectInfoPtr info,
            co_await request.plane.stat(request.caller, request.object(), plane::Action::kGetObjectRetention));
  TP_CO_TRY(const plane::VolumePtr volume, request.plane.volume(request.bucket));
  if (!volume->lock.enabled) {
    co_return s3_fail(S3Code::kInvalidRequest, "Bucket is missing Object Lock Configuration");
  }
  if (info->record.retention == meta::RetentionMode::kNone) {
    co_return s3_fail(S3Code::kNoSuchObjectLockConfiguration);
  }
  const RetentionDocument retention{info->record.retention, info->record.retain_until};
  co_return co_await request.answer_xml(200, retention_document(retention));
}

}  // namespace tp::s3
