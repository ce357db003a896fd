#include <algorithm>
#include <limits>

#include "front/s3/core/s3_request.h"
#include "front/s3/list/list_text.h"
#include "front/s3/message/access_list.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/upload/upload_handlers.h"
#include "front/s3/upload/upload_params.h"
#include "front/s3/upload/upload_token.h"

namespace tp::s3 {

namespace {

constexpr uint32_t kMaxListedParts = 1000;
constexpr size_t kBytesPerPart = 300;

void append_part(wire::XmlWriter& xml, ListText& text, const plane::ListedPart& part, ChecksumAlgorithm algorithm) {
  xml.open("Part");
  xml.element("PartNumber", part.number);
  text.time_element("LastModified", part.modified);
  xml.element("ETag", quoted_etag(part.etag));
  xml.element("Size", part.size_bytes);
  if (algorithm != ChecksumAlgorithm::kNone && !part.checksum.empty()) {
    xml.element(checksum_element(algorithm), to_base64(part.checksum));
  }
  xml.close();
}

}  // namespace

Task<void> list_parts(S3Request& request) {
  constexpr uint64_t kLargest = std::numeric_limits<int32_t>::max();
  TP_CO_TRY(const UploadId upload, parse_upload_id(request));
  TP_CO_TRY(const uint64_t asked_parts, request.number_param("max-parts", kMaxListedParts, 0, kLargest));
  TP_CO_TRY(const uint64_t asked_marker, request.number_param("part-number-marker", 0, 0, kLargest));
  const auto max_parts = static_cast<uint32_t>(std::min<uint64_t>(asked_parts, kMaxListedParts));
  const auto marker = static_cast<uint16_t>(std::min<uint64_t>(asked_marker, plane::kMaxPartNumber));
  TP_CO_TRY(plane::PartPage page, co_await request.plane.list_parts(request.caller, request.object(), upload, marker,
                                                                    std::max(max_parts, 1u)));
  if (max_parts == 0) {
    page.parts.clear();
    page.truncated = false;
  }
  Bytes body;
  body.reserve(2048 + kBytesPerPart * page.parts.size());
  wire::XmlWriter xml(body);
  ListText text(body, /*url_encoded=*/false);
  xml.declaration();
  xml.open("ListPartsResult", kNamespace);
  xml.element("Bucket", request.bucket);
  xml.element("Key", request.key);
  xml.element("UploadId", encode_upload_id(upload));
  append_owner(xml, request.plane.users(), "Initiator", page.upload.initiator);
  append_owner(xml, request.plane.users(), "Owner", page.upload.owner);
  xml.element("StorageClass", storage_class_name(page.upload.storage_class));
  xml.element("PartNumberMarker", marker);
  xml.element("NextPartNumberMarker", page.parts.empty() ? 0 : page.parts.back().number);
  xml.element("MaxParts", max_parts);
  xml.element("IsTruncated", page.truncated);
  if (page.upload.checksum_algorithm != ChecksumAlgorithm::kNone) {
    xml.element("ChecksumAlgorithm", checksum_name(page.upload.checksum_algorithm));
    xml.element("ChecksumType", checksum_type_name(page.upload.checksum_type));
  }
  for (const plane::ListedPart& part : page.parts) append_part(xml, text, part, page.upload.checksum_algorithm);
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
