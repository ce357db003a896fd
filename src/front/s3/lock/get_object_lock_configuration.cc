#include "front/s3/core/s3_request.h"
#include "front/s3/lock/lock_document.h"
#include "front/s3/lock/lock_handlers.h"

namespace tp::s3 {

Task<void> get_object_lock_configuration(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketObjectLockConfiguration));
  if (!volume->lock.enabled) {
    request.add_error_detail("BucketName", request.bucket);
    co_return s3_fail(S3Code::kObjectLockConfigurationNotFoundError);
  }
  co_return co_await request.answer_xml(200, lock_configuration_document(volume->lock));
}

}  // namespace tp::s3
