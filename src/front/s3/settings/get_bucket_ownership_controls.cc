#include "front/s3/core/s3_request.h"
#include "front/s3/settings/ownership_document.h"
#include "front/s3/settings/setting_handlers.h"

namespace tp::s3 {

Task<void> get_bucket_ownership_controls(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketOwnershipControls));
  co_return co_await request.answer_xml(200, ownership_document(volume->ownership));
}

}  // namespace tp::s3
