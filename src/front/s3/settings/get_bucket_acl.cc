#include "front/s3/core/s3_request.h"
#include "front/s3/message/access_list.h"
#include "front/s3/settings/setting_handlers.h"

namespace tp::s3 {

Task<void> get_bucket_acl(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketAcl));
  co_return co_await request.answer_xml(200, access_document(request, volume->owner, volume->access));
}

}  // namespace tp::s3
