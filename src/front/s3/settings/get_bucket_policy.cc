#include "front/s3/core/s3_request.h"
#include "front/s3/settings/setting_handlers.h"

namespace tp::s3 {

Task<void> get_bucket_policy(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketPolicy));
  if (volume->policy.empty()) co_return s3_fail(S3Code::kNoSuchBucketPolicy);
  wire::ResponseHeadWriter head = request.start(200);
  head.header("Content-Type", "application/json");
  co_return co_await request.http.finish(volume->policy);
}

}  // namespace tp::s3
