#include "front/s3/bucket/bucket_handlers.h"
#include "front/s3/core/s3_request.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {

// The default region is spoken of as an empty element.
Task<void> get_bucket_location(S3Request& request) {
  TP_CO_TRY(const plane::VolumePtr volume,
            request.plane.volume_for(request.caller, request.bucket, plane::Action::kGetBucketLocation));
  Bytes body;
  wire::XmlWriter xml(body);
  xml.declaration();
  xml.open("LocationConstraint", kNamespace);
  xml.text(volume->location);
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
