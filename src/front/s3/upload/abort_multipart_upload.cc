#include "front/s3/core/s3_request.h"
#include "front/s3/upload/upload_handlers.h"
#include "front/s3/upload/upload_params.h"

namespace tp::s3 {

Task<void> abort_multipart_upload(S3Request& request) {
  if (request.has(HeaderId::kIfMatchInitiatedTime)) {
    co_return s3_fail(S3Code::kNotImplemented, "x-amz-if-match-initiated-time is not implemented.");
  }
  TP_CO_TRY(const UploadId upload, parse_upload_id(request));
  TP_CO_TRY_VOID(co_await request.plane.abort_upload(request.caller, request.object(), upload));
  co_return co_await request.answer_empty(204);
}

}  // namespace tp::s3
