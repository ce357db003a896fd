#include <array>
#include <limits>

#include "front/s3/core/s3_request.h"
#include "front/s3/lifecycle/expiration_header.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/message/conditions.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/post/object_url.h"
#include "front/s3/upload/complete_document.h"
#include "front/s3/upload/upload_handlers.h"
#include "front/s3/upload/upload_params.h"
#include "front/s3/versions/version_headers.h"

namespace tp::s3 {

namespace {

// The checksum fields of this request are about the object, not about the request's own body: the reader of documents
// must not look at them.
constexpr std::array kChecksumHeaders = {
    HeaderId::kChecksumCrc32, HeaderId::kChecksumCrc32c, HeaderId::kChecksumCrc64Nvme, HeaderId::kChecksumMd5,
    HeaderId::kChecksumSha1,  HeaderId::kChecksumSha256, HeaderId::kChecksumSha512,    HeaderId::kChecksumXxh128,
    HeaderId::kChecksumXxh3,  HeaderId::kChecksumXxh64,
};

Result<void> parse_object_checksum(const S3Request& request, plane::CompleteOptions& options) {
  for (const HeaderId header : kChecksumHeaders) {
    if (!request.has(header)) continue;
    if (options.checksum) {
      return s3_fail(S3Code::kInvalidRequest, "Expecting a single x-amz-checksum- header. Multiple checksum Types are "
                                              "not allowed.");
    }
    const auto algorithm = checksum_of_header(header_name(header));
    std::string_view text = request.header(header);
    // A composite checksum is written with the number of its parts, which the document says as well.
    if (const size_t dash = text.find('-'); dash != std::string_view::npos) text = text.substr(0, dash);
    Bytes raw;
    if (!algorithm || !from_base64(text, &raw) || raw.size() != digest_size(*algorithm)) {
      return s3_fail(S3Code::kInvalidRequest,
                     "Value for " + std::string(header_name(header)) + " header is invalid.");
    }
    options.checksum = std::move(raw);
  }
  if (!request.has(HeaderId::kChecksumType)) return ok;
  options.checksum_type = checksum_type_from_name(request.header(HeaderId::kChecksumType));
  if (options.checksum_type) return ok;
  return s3_fail(S3Code::kInvalidRequest, "Value for x-amz-checksum-type header is invalid.");
}

Result<plane::CompleteOptions> parse_options(S3Request& request, BytesView document) {
  plane::CompleteOptions options;
  TP_TRY(options.parts, parse_complete_document(document));
  TP_TRY(options.conditions, parse_write_conditions(request));
  TP_TRY_VOID(parse_object_checksum(request, options));
  TP_TRY(options.object_size_bytes,
         request.number_header(HeaderId::kMpObjectSize, std::numeric_limits<int64_t>::max()));
  return options;
}

}  // namespace

Task<void> complete_multipart_upload(S3Request& request) {
  TP_CO_TRY(const UploadId upload, parse_upload_id(request));
  TP_CO_TRY(BodyReader reader, BodyReader::create(request, BodyReader::Kind::kDocument));
  TP_CO_TRY(const Bytes document, co_await reader.read_document(kMaxCompleteBytes));
  TP_CO_TRY(plane::CompleteOptions options, parse_options(request, document));
  const size_t parts = options.parts.size();
  TP_CO_TRY(const plane::PutResult object, co_await request.plane.complete_upload(request.caller, request.object(),
                                                                                  upload, std::move(options)));
  TP_CO_TRY(const std::string expiration, co_await expiration_of_new(request));
  Bytes body;
  wire::XmlWriter xml(body);
  xml.declaration();
  xml.open("CompleteMultipartUploadResult", kNamespace);
  xml.element("Location", object_url(request, request.key));
  xml.element("Bucket", request.bucket);
  xml.element("Key", request.key);
  xml.element("ETag", quoted_etag(object.etag));
  append_checksum_elements(xml, object.checksum, parts);
  xml.close();
  wire::ResponseHeadWriter head = request.start(200);
  append_version_id(head, object.version);
  append_expiration(head, expiration);
  head.header("Content-Type", "application/xml");
  co_return co_await request.http.finish(body);
}

}  // namespace tp::s3
