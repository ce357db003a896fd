#include "front/s3/core/s3_request.h"
#include "front/s3/message/tagging.h"
#include "front/s3/settings/setting_handlers.h"

namespace tp::s3 {

Task<void> get_bucket_tagging(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketTagging));
  if (volume->tags.empty()) co_return s3_fail(S3Code::kNoSuchTagSet);
  co_return co_await request.answer_xml(200, tagging_document(volume->tags));
}

}  // namespace tp::s3
