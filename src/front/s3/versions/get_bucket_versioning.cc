#include "front/s3/core/s3_request.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/versions/version_handlers.h"

namespace tp::s3 {

// A bucket that never kept versions says so with an empty document.
Task<void> get_bucket_versioning(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketVersioning));
  Bytes body;
  wire::XmlWriter xml(body);
  xml.declaration();
  xml.open("VersioningConfiguration", kNamespace);
  if (volume->versioning != meta::Versioning::kOff) {
    xml.element("Status", volume->versioning == meta::Versioning::kEnabled ? "Enabled" : "Suspended");
  }
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
