#include "front/s3/core/router.h"
#include "front/s3/lock/lock_headers.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/message/xml_response.h"
#include "front/s3/object/object_handlers.h"
#include "meta/versions/version_id.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

namespace {

constexpr size_t kMaxEntries = 1000;

struct Entry {
  std::string key;
  std::string version_id;
  plane::WriteConditions conditions;
  std::optional<Error> error;  // refused before the plane was asked
  size_t index = 0;            // in the plane's batch
};
struct Batch {
  bool quiet = false;
  std::vector<Entry> entries;
};

std::optional<Error> refusal(const Entry& entry) {
  if (!entry.version_id.empty() && !meta::parse_version_text(entry.version_id)) {
    return s3_fail(S3Code::kNoSuchVersion).error();
  }
  if (auto checked = check_lookup_key(entry.key); !checked) return std::move(checked).error();
  return std::nullopt;
}

Result<plane::WriteConditions> parse_entry_conditions(const wire::XmlNode& object) {
  plane::WriteConditions conditions;
  if (const wire::XmlNode etag = object.child("ETag")) {
    std::string text = etag.text();
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
    conditions.if_match = std::move(text);
  }
  if (const wire::XmlNode time = object.child("LastModifiedTime")) {
    const std::string text = time.text();
    conditions.if_modified_time = wire::parse_iso8601(text);
    if (const auto seconds = wire::parse_http_date(text)) conditions.if_modified_time = *seconds * rt::kSecond;
    if (!conditions.if_modified_time) return s3_fail(S3Code::kMalformedXml);
    *conditions.if_modified_time -= *conditions.if_modified_time % rt::kSecond;
  }
  if (const wire::XmlNode size = object.child("Size")) {
    const std::string text = size.text();
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos) {
      return s3_fail(S3Code::kMalformedXml);
    }
    conditions.if_size = std::stoull(text);
  }
  return conditions;
}

Result<Batch> parse_batch(BytesView xml) {
  TP_TRY(const wire::XmlDocument document, parse_document(xml, "Delete"));
  Batch batch;
  for (wire::XmlNode node = document.root().first_child(); node; node = node.next_sibling()) {
    if (node.name() == "Quiet") {
      batch.quiet = wire::equal_ignoring_case(node.text(), "true");
      continue;
    }
    if (node.name() != "Object" || !node.child("Key") || batch.entries.size() == kMaxEntries) {
      return s3_fail(S3Code::kMalformedXml);
    }
    Entry entry;
    entry.key = node.child_text("Key");
    entry.version_id = node.child_text("VersionId");
    TP_TRY(entry.conditions, parse_entry_conditions(node));
    entry.error = refusal(entry);
    batch.entries.push_back(std::move(entry));
  }
  if (batch.entries.empty()) return s3_fail(S3Code::kMalformedXml);
  return batch;
}

void append_error(wire::XmlWriter& xml, const Entry& entry, const Error& error) {
  const S3Error answer = s3_error_of(error);
  xml.open("Error");
  xml.element("Key", entry.key);
  if (!entry.version_id.empty()) xml.element("VersionId", entry.version_id);
  xml.element("Code", answer.name);
  xml.element("Message", answer.message);
  xml.close();
}

void append_removed(wire::XmlWriter& xml, const Entry& entry, const plane::DeleteResult& removed) {
  xml.open("Deleted");
  xml.element("Key", entry.key);
  if (!entry.version_id.empty()) xml.element("VersionId", entry.version_id);
  if (removed.delete_marker) {
    xml.element("DeleteMarker", true);
    xml.element("DeleteMarkerVersionId", removed.version);
  }
  xml.close();
}

}  // namespace

Task<void> delete_objects(S3Request& request) {
  TP_CO_TRY(BodyReader body, BodyReader::create(request, BodyReader::Kind::kDocument));
  if (!body.has_integrity_check()) {
    co_return s3_fail(S3Code::kInvalidRequest,
                      "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
  }
  TP_CO_TRY(const Bytes xml_in, co_await body.read_document(kMaxDocumentBytes));
  TP_CO_TRY(Batch batch, parse_batch(xml_in));
  std::vector<plane::DeleteEntry> asked;
  for (Entry& entry : batch.entries) {
    entry.index = asked.size();
    entry.conditions.bypass_governance = asks_to_bypass_governance(request);
    if (!entry.error) asked.push_back({entry.key, std::move(entry.conditions), entry.version_id});
  }
  std::vector<Result<plane::DeleteResult>> results;
  TP_CO_TRY(results, co_await request.plane.remove_many(request.caller, request.bucket, std::move(asked)));
  Bytes out;
  wire::XmlWriter xml(out);
  xml.declaration();
  xml.open("DeleteResult", kNamespace);
  for (const Entry& entry : batch.entries) {
    if (entry.error) {
      append_error(xml, entry, *entry.error);
    } else if (!results[entry.index]) {
      append_error(xml, entry, results[entry.index].error());
    } else if (!batch.quiet) {
      append_removed(xml, entry, *results[entry.index]);
    }
  }
  xml.close();
  co_return co_await request.answer_xml(200, std::move(out));
}

}  // namespace tp::s3
