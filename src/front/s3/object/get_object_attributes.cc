#include "front/s3/message/object_headers.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/object/object_handlers.h"
#include "front/s3/versions/version_headers.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

namespace {

constexpr uint64_t kMaxPartsPage = 1000;

struct Question {
  bool etag = false, checksum = false, parts = false, storage_class = false, size = false;
  uint64_t max_parts = kMaxPartsPage;
  uint64_t part_marker = 0;
};

Result<void> add_attribute(Question& question, std::string_view name) {
  if (name == "ETag") {
    question.etag = true;
  } else if (name == "Checksum") {
    question.checksum = true;
  } else if (name == "ObjectParts") {
    question.parts = true;
  } else if (name == "StorageClass") {
    question.storage_class = true;
  } else if (name == "ObjectSize") {
    question.size = true;
  } else {
    return s3_fail(S3Code::kInvalidArgument, "Invalid attribute name specified.");
  }
  return ok;
}

Result<Question> parse_question(S3Request& request) {
  TP_TRY_VOID(request.check_version_id());
  Question question;
  bool any = false;
  // Some SDKs send one field with a list, others one field an attribute.
  for (const wire::HeaderField& field : request.head.headers) {
    if (!wire::equal_ignoring_case(field.name, header_name(HeaderId::kObjectAttributes))) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      std::string_view name = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), name.size() + 1));
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      TP_TRY_VOID(add_attribute(question, name));
      any = true;
    }
  }
  if (!any) {
    return s3_fail(S3Code::kInvalidRequest,
                   "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or "
                   "empty");
  }
  TP_TRY(const auto max_parts, request.number_header(HeaderId::kMaxParts, INT32_MAX));
  TP_TRY(const auto marker, request.number_header(HeaderId::kPartNumberMarker, INT32_MAX));
  question.max_parts = std::min(max_parts.value_or(kMaxPartsPage), kMaxPartsPage);
  question.part_marker = marker.value_or(0);
  return question;
}

void append_parts(wire::XmlWriter& xml, const Question& question, const meta::InodeRecord& record) {
  if (record.parts.empty()) return;
  // Only a composite checksum keeps its parts' digests: without them S3 says how many parts there are and no more.
  const bool listed = record.checksum.type == meta::ChecksumType::kComposite;
  xml.open("ObjectParts");
  if (listed) {
    uint64_t given = 0, last = question.part_marker;
    bool truncated = false;
    for (const meta::ObjectPart& part : record.parts) {
      if (part.number <= question.part_marker) continue;
      if (given == question.max_parts) {
        truncated = true;
        break;
      }
      xml.open("Part");
      xml.element("PartNumber", part.number);
      xml.element("Size", part.size_bytes);
      if (!part.checksum.empty()) {
        xml.element(checksum_element(record.checksum.algorithm), to_base64(part.checksum));
      }
      xml.close();
      last = part.number;
      ++given;
    }
    xml.element("IsTruncated", truncated);
    xml.element("MaxParts", question.max_parts);
    xml.element("NextPartNumberMarker", last);
    xml.element("PartNumberMarker", question.part_marker);
  }
  xml.element("PartsCount", record.parts.size());
  xml.close();
}

}  // namespace

Task<void> get_object_attributes(S3Request& request) {
  TP_CO_TRY(const Question question, parse_question(request));
  TP_CO_TRY(const plane::ObjectInfoPtr info, co_await request.plane.stat(request.caller, request.object(),
                                                                         plane::Action::kGetObjectAttributes));
  const meta::InodeRecord& record = info->record;
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("GetObjectAttributesResponse", kNamespace);
  if (question.etag) xml.element("ETag", record.etag);
  if (question.checksum && record.checksum.algorithm != ChecksumAlgorithm::kNone) {
    xml.open("Checksum");
    append_checksum_elements(xml, record.checksum, record.parts.size());
    xml.close();
  }
  if (question.parts) append_parts(xml, question, record);
  if (question.storage_class) xml.element("StorageClass", storage_class_name(record.storage_class));
  if (question.size) xml.element("ObjectSize", record.size_bytes);
  xml.close();
  wire::ResponseHeadWriter head = request.start(200);
  head.header("Last-Modified", wire::http_date(record.modified / rt::kSecond));
  append_version(request, head, record);
  head.header("Content-Type", "application/xml");
  co_return co_await request.http.finish(out);
}

}  // namespace tp::s3
