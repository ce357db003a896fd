// A browser asks, unsigned, whether a page may send a request. Spec: S3 API, "OPTIONS object".
#include "front/s3/core/s3_front.h"
#include "front/s3/cors/cors_handlers.h"
#include "front/s3/cors/cors_match.h"

namespace tp::s3 {

namespace {

constexpr std::string_view kBucketNotFound = "CORSResponse: Bucket not found";
constexpr std::string_view kNotEnabled = "CORSResponse: CORS is not enabled for this bucket.";
// As S3 spells it.
constexpr std::string_view kNotAllowed =
    "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / "
    "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.";

// AccessForbidden is a code of this answer alone, so it has no row in the table of codes.
Task<void> forbid(S3Request& request, std::string_view message, std::string_view resource_type) {
  const std::string_view asked = request.header(HeaderId::kAccessControlRequestMethod);
  request.add_error_detail("Method", asked.empty() ? request.head.method_text : asked);
  request.add_error_detail("ResourceType", resource_type);
  S3Error error;
  error.code = S3Code::kAccessDenied;
  error.status = 403;
  error.name = "AccessForbidden";
  error.message = message;
  request.error_code = error.name;
  ErrorPlace place;
  place.details = request.error_details;
  place.request_id = request.id();
  place.host_id = request.front.host_id();
  Bytes document = error_document(error, place);
  co_return co_await request.answer_xml(403, std::move(document));
}

}  // namespace

Task<void> options_preflight(S3Request& request) {
  if (!request.has(HeaderId::kOrigin)) {
    co_return s3_fail(S3Code::kBadRequest, "Insufficient information. Origin request header needed.");
  }
  const CorsMatch match = match_cors(request);
  if (!match.bucket_exists) co_return co_await forbid(request, kBucketNotFound, "BUCKET");
  if (!match.has_rules) co_return co_await forbid(request, kNotEnabled, "BUCKET");
  const std::string_view method = request.header(HeaderId::kAccessControlRequestMethod);
  if (!cors_method(method)) {
    co_return s3_fail(S3Code::kBadRequest, "Invalid Access-Control-Request-Method: " +
                                               (method.empty() ? std::string("null") : std::string(method)));
  }
  if (!match.rule) co_return co_await forbid(request, kNotAllowed, request.key.empty() ? "BUCKET" : "OBJECT");
  co_return co_await request.answer_empty(200);
}

}  // namespace tp::s3
