#include "front/s3/core/s3_request.h"
#include "front/s3/cors/cors_document.h"
#include "front/s3/cors/cors_handlers.h"
#include "front/s3/message/body_reader.h"

namespace tp::s3 {

Task<void> put_bucket_cors(S3Request& request) {
  TP_CO_TRY(BodyReader reader, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY(const Bytes document, co_await reader.read_document(kMaxCorsDocumentBytes));
  TP_CO_TRY(const CorsRules rules, parse_cors_document(document));
  plane::VolumeChange change;
  change.cors = encode_cors_rules(rules);
  TP_CO_TRY_VOID(co_await request.plane.set_volume(request.caller, request.bucket, std::move(change)));
  co_return co_await request.answer_empty(200);
}

}  // namespace tp::s3
