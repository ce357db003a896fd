#include <algorithm>

#include "front/s3/core/s3_request.h"
#include "front/s3/list/list_params.h"
#include "front/s3/list/list_text.h"
#include "front/s3/message/access_list.h"
#include "front/s3/message/object_headers.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/upload/upload_handlers.h"
#include "front/s3/upload/upload_token.h"

namespace tp::s3 {

namespace {

constexpr size_t kBytesPerUpload = 500;

// upload-id-marker says more of key-marker and nothing without it.
Result<plane::UploadQuery> parse_query(S3Request& request, const ListParams& params) {
  plane::UploadQuery query;
  query.prefix = params.prefix;
  query.delimiter = params.delimiter;
  query.max_entries = std::max(params.max_entries, 1u);
  TP_TRY(query.key_marker, name_param(request, "key-marker"));
  const std::string_view upload_marker = request.param("upload-id-marker");
  if (query.key_marker.empty() || upload_marker.empty()) return query;
  query.upload_marker = decode_upload_id(upload_marker);
  if (query.upload_marker) return query;
  request.add_error_detail("ArgumentName", "upload-id-marker");
  request.add_error_detail("ArgumentValue", upload_marker);
  return s3_fail(S3Code::kInvalidArgument, "Invalid uploadId marker");
}

void append_upload(wire::XmlWriter& xml, ListText& text, const plane::UserDirectory& users,
                   const plane::ListedUpload& upload) {
  const meta::UploadRecord& record = upload.record;
  xml.open("Upload");
  text.name_element("Key", upload.key);
  xml.element("UploadId", encode_upload_id(upload.upload));
  append_owner(xml, users, "Initiator", record.initiator);
  append_owner(xml, users, "Owner", record.owner);
  xml.element("StorageClass", storage_class_name(record.storage_class));
  text.time_element("Initiated", record.created);
  if (record.checksum_algorithm != ChecksumAlgorithm::kNone) {
    xml.element("ChecksumAlgorithm", checksum_name(record.checksum_algorithm));
    xml.element("ChecksumType", checksum_type_name(record.checksum_type));
  }
  xml.close();
}

}  // namespace

Task<void> list_multipart_uploads(S3Request& request) {
  TP_CO_TRY(const ListParams params, parse_list_params(request, "max-uploads"));
  TP_CO_TRY(const plane::UploadQuery query, parse_query(request, params));
  TP_CO_TRY(plane::UploadPage page, co_await request.plane.list_uploads(request.caller, request.bucket, query));
  if (params.max_entries == 0) page = plane::UploadPage();

  Bytes body;
  body.reserve(2048 + kBytesPerUpload * page.uploads.size());
  wire::XmlWriter xml(body);
  ListText text(body, params.url_encoded);
  xml.declaration();
  xml.open("ListMultipartUploadsResult", kNamespace);
  xml.element("Bucket", request.bucket);
  text.name_element("KeyMarker", query.key_marker);
  xml.element("UploadIdMarker", query.upload_marker ? request.param("upload-id-marker") : std::string_view());
  if (page.truncated) {
    text.name_element("NextKeyMarker", page.next_key);
    xml.element("NextUploadIdMarker", page.next_upload ? encode_upload_id(page.next_upload) : std::string());
  }
  if (!params.delimiter.empty()) text.name_element("Delimiter", params.delimiter);
  text.name_element("Prefix", params.prefix);
  if (params.url_encoded) xml.element("EncodingType", "url");
  xml.element("MaxUploads", params.max_entries);
  xml.element("IsTruncated", page.truncated);
  for (const plane::ListedUpload& upload : page.uploads) append_upload(xml, text, request.plane.users(), upload);
  for (const std::string& prefix : page.common_prefixes) {
    xml.open("CommonPrefixes");
    text.name_element("Prefix", prefix);
    xml.close();
  }
  xml.close();
  co_return co_await request.answer_xml(200, std::move(body));
}

}  // namespace tp::s3
