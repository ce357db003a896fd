#include "front/s3/core/s3_request.h"
#include "front/s3/cors/cors_document.h"
#include "front/s3/cors/cors_handlers.h"

namespace tp::s3 {

Task<void> get_bucket_cors(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketCors));
  if (volume->cors.empty()) {
    request.add_error_detail("BucketName", request.bucket);
    co_return s3_fail(S3Code::kNoSuchCorsConfiguration);
  }
  const std::optional<CorsRules> rules = decode_cors_rules(volume->cors);
  if (!rules) co_return fail(Code::kCorruption, "the bucket's CORS rules do not parse");
  co_return co_await request.answer_xml(200, cors_document(*rules));
}

}  // namespace tp::s3
