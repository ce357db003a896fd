#include "front/s3/bucket/bucket_handlers.h"
#include "front/s3/core/s3_front.h"
#include "front/s3/core/s3_request.h"

namespace tp::s3 {

Task<void> head_bucket(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kListBucket));
  const std::string& region = volume->location.empty() ? request.front.options().region : volume->location;
  wire::ResponseHeadWriter head = request.start(200);
  head.header("x-amz-bucket-region", region);
  head.header("x-amz-access-point-alias", "false");
  head.header("Content-Type", "application/xml");
  co_return co_await request.http.finish({});
}

}  // namespace tp::s3
