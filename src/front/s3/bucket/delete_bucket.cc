#include "front/s3/bucket/bucket_handlers.h"
#include "front/s3/core/s3_request.h"

namespace tp::s3 {

Task<void> delete_bucket(S3Request& request) {
  TP_CO_TRY_VOID(co_await request.plane.delete_volume(request.caller, request.bucket));
  co_return co_await request.answer_empty(204);
}

}  // namespace tp::s3
