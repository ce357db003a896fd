#include "front/s3/core/s3_request.h"
#include "front/s3/message/access_list.h"
#include "front/s3/settings/setting_handlers.h"

namespace tp::s3 {

Task<void> put_bucket_acl(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kPutBucketAcl));
  const AccessOwners owners{volume->owner, volume->owner};
  plane::VolumeChange change;
  TP_CO_TRY(change.access, co_await read_access_list(request, owners));
  TP_CO_TRY_VOID(co_await request.plane.set_volume(request.caller, request.bucket, std::move(change)));
  co_return co_await request.answer_empty(200);
}

}  // namespace tp::s3
