#include "front/s3/core/s3_request.h"
#include "front/s3/message/conditions.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/message/range.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/upload/upload_handlers.h"
#include "front/s3/upload/upload_params.h"
#include "front/s3/versions/version_headers.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

Task<void> upload_part_copy(S3Request& request) {
  TP_CO_TRY(const UploadId upload, parse_upload_id(request));
  TP_CO_TRY(const uint16_t number, parse_part_number(request));
  TP_CO_TRY_VOID(refuse_unsupported_headers(request));
  TP_CO_TRY(plane::ObjectRef source, parse_copy_source(request));
  std::optional<plane::Plane::SourceRange> range;
  if (request.has(HeaderId::kCopySourceRange)) {
    TP_CO_TRY(const ByteRange bytes, parse_copy_source_range(request.header(HeaderId::kCopySourceRange)));
    range = plane::Plane::SourceRange{bytes.offset, bytes.size_bytes};
  }
  plane::ReadConditions conditions = parse_read_conditions(request, kCopySourceFields);
  auto outcome = co_await request.plane.copy_part(request.caller, std::move(source), range, std::move(conditions),
                                                  request.object(), upload, number);
  if (!outcome) co_return std::unexpected(copy_source_error(std::move(outcome).error()));
  const plane::PutResult& part = *outcome;
  Bytes body;
  wire::XmlWriter xml(body);
  xml.declaration();
  xml.open("CopyPartResult", kNamespace);
  xml.element("LastModified", wire::iso8601(part.modified / rt::kSecond * rt::kSecond));
  xml.element("ETag", quoted_etag(part.etag));
  if (part.checksum.algorithm != ChecksumAlgorithm::kNone) {
    xml.element(checksum_element(part.checksum.algorithm), to_base64(part.checksum.value));
  }
  xml.close();
  wire::ResponseHeadWriter head = request.start(200);
  if (!part.source_version.empty()) head.header("x-amz-copy-source-version-id", part.source_version);
  head.header("Content-Type", "application/xml");
  co_return co_await request.http.finish(body);
}

}  // namespace tp::s3
