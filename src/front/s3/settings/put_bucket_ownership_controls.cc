#include "front/s3/core/s3_request.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/settings/ownership_document.h"
#include "front/s3/settings/setting_handlers.h"

namespace tp::s3 {

Task<void> put_bucket_ownership_controls(S3Request& request) {
  TP_CO_TRY(BodyReader reader, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY(const Bytes body, co_await reader.read_document(kMaxSettingBytes));
  TP_CO_TRY(const meta::Ownership ownership, parse_ownership_document(body));
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kPutBucketOwnershipControls));
  if (ownership == meta::Ownership::kBucketOwnerEnforced && grants_to_others(volume->access, volume->owner)) {
    co_return s3_fail(S3Code::kInvalidBucketAclWithObjectOwnership);
  }
  plane::VolumeChange change;
  change.ownership = ownership;
  TP_CO_TRY_VOID(co_await request.plane.set_volume(request.caller, request.bucket, std::move(change)));
  co_return co_await request.answer_empty(200);
}

}  // namespace tp::s3
