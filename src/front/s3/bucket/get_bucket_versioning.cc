#include "front/s3/bucket/bucket_handlers.h"
#include "front/s3/core/s3_request.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

// No bucket has versions yet; S3 says so with an empty document.
Task<void> get_bucket_versioning(S3Request& request) {
  TP_CO_TRY_VOID(request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketVersioning));
  Bytes body;
  wire::XmlWriter xml(body);
  xml.declaration();
  xml.open("VersioningConfiguration", kNamespace);
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
