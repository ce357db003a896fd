#include "front/s3/core/s3_request.h"
#include "front/s3/lifecycle/lifecycle_document.h"
#include "front/s3/lifecycle/lifecycle_handlers.h"

namespace tp::s3 {

Task<void> get_bucket_lifecycle_configuration(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetLifecycleConfiguration));
  if (volume->lifecycle.empty()) {
    request.add_error_detail("BucketName", request.bucket);
    co_return s3_fail(S3Code::kNoSuchLifecycleConfiguration);
  }
  TP_CO_TRY(const lifecycle::LifecycleRules rules, lifecycle::decode_rules(volume->lifecycle));
  const Bytes document = lifecycle_document(rules);
  wire::ResponseHeadWriter head = request.start(200);
  head.header("x-amz-transition-default-minimum-object-size", transition_minimum_name(rules.transition_minimum));
  head.header("Content-Type", "application/xml");
  co_return co_await request.http.finish(document);
}

}  // namespace tp::s3
