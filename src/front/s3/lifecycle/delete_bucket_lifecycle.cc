#include "front/s3/core/s3_request.h"
#include "front/s3/lifecycle/lifecycle_handlers.h"

namespace tp::s3 {

Task<void> delete_bucket_lifecycle(S3Request& request) {
  plane::VolumeChange change;
  change.lifecycle = "";
  TP_CO_TRY_VOID(co_await request.plane.set_volume(request.caller, request.bucket, std::move(change)));
  co_return co_await request.answer_empty(204);
}

}  // namespace tp::s3
