#include "front/s3/core/s3_request.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/settings/setting_handlers.h"
#include "plane/rights/policy.h"

namespace tp::s3 {

Task<void> get_bucket_policy_status(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketPolicy));
  if (volume->policy.empty()) co_return s3_fail(S3Code::kNoSuchBucketPolicy);
  TP_CO_TRY(const auto policy, plane::Policy::parse(volume->policy, request.bucket));
  Bytes body;
  wire::XmlWriter xml(body);
  xml.declaration();
  xml.open("PolicyStatus", kNamespace);
  xml.element("IsPublic", policy->is_public());
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
