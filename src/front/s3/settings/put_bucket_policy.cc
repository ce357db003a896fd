#include "front/s3/core/s3_request.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/settings/setting_handlers.h"

namespace tp::s3 {

namespace {
constexpr size_t kMaxPolicyBytes = 20 << 10;  // S3's own limit
}

// What the policy means, and whether it means anything, is the plane's to say.
Task<void> put_bucket_policy(S3Request& request) {
  TP_CO_TRY(BodyReader reader, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY(Bytes policy, co_await reader.read_document(kMaxPolicyBytes));
  if (policy.empty()) co_return s3_fail(S3Code::kMalformedPolicy, "Policies must be valid JSON and not empty.");
  plane::VolumeChange change;
  change.policy = std::move(policy);
  TP_CO_TRY_VOID(co_await request.plane.set_volume(request.caller, request.bucket, std::move(change)));
  co_return co_await request.answer_empty(204);
}

}  // namespace tp::s3
