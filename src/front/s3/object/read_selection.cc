#include "front/s3/object/read_selection.h"

#include "front/s3/lifecycle/expiration_header.h"
#include "front/s3/lock/lock_headers.h"
#include "front/s3/message/conditions.h"
#include "front/s3/versions/version_headers.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

Result<ReadQuestion> parse_read_question(S3Request& request) {
  ReadQuestion question;
  TP_TRY_VOID(request.check_version_id());
  if (request.has(HeaderId::kSseCustomerAlgorithm)) TP_TRY_VOID(refuse_unsupported_headers(request));
  question.conditions = parse_read_conditions(request, kReadFields);
  question.checksum_mode = wire::equal_ignoring_case(request.header(HeaderId::kChecksumMode), "ENABLED");
  if (request.query.empty()) return question;
  TP_TRY(question.overrides, parse_overrides(request));
  if (request.has_param("partNumber")) {
    if (request.has(HeaderId::kRange)) {
      return s3_fail(S3Code::kInvalidRequest, "Cannot specify both Range header and partNumber query parameter");
    }
    TP_TRY(question.part_number, request.number_param("partNumber", 1, 1, plane::kMaxPartNumber));
  }
  return question;
}

namespace {

// A range is of the object that the client has a piece of already: of another one it gets the whole (RFC 9110
// §13.1.5).
bool range_applies(const S3Request& request, const meta::InodeRecord& record) {
  if (!request.has(HeaderId::kRange)) return false;
  if (!request.has(HeaderId::kIfRange)) return true;
  const std::string_view condition = request.header(HeaderId::kIfRange);
  if (condition.starts_with('"')) return condition == quoted_etag(record.etag);
  const auto date = wire::parse_http_date(condition);
  return date && *date == record.modified / rt::kSecond;
}

Result<void> select_part(ReadSelection& selection, uint64_t number, const meta::InodeRecord& record) {
  if (record.parts.empty()) {
    if (number != 1) return s3_fail(S3Code::kInvalidPartNumber);
    if (record.size_bytes > 0) selection.range = ByteRange{0, record.size_bytes};
    return ok;
  }
  uint64_t offset = 0;
  for (const meta::ObjectPart& part : record.parts) {
    if (part.number == number) {
      selection.part = &part;
      if (part.size_bytes > 0) selection.range = ByteRange{offset, part.size_bytes};
      return ok;
    }
    offset += part.size_bytes;
  }
  return s3_fail(S3Code::kInvalidPartNumber);
}

Result<void> select_range(S3Request& request, ReadSelection& selection, const meta::InodeRecord& record) {
  auto range = parse_range(request.header(HeaderId::kRange), record.size_bytes);
  if (!range) {
    request.add_error_detail("RangeRequested", request.header(HeaderId::kRange));
    request.add_error_detail("ActualObjectSize", std::to_string(record.size_bytes));
    return std::unexpected(std::move(range).error());
  }
  selection.range = *range;
  return ok;
}

}  // namespace

Result<ReadSelection> select_bytes(S3Request& request, const ReadQuestion& question,
                                   const meta::InodeRecord& record) {
  ReadSelection selection;
  if (!question.conditions.empty()) {
    switch (evaluate(question.conditions, record)) {
      case plane::ReadVerdict::kProceed: break;
      case plane::ReadVerdict::kNotModified: selection.status = 304; return selection;
      case plane::ReadVerdict::kFailed: return s3_fail(S3Code::kPreconditionFailed);
    }
  }
  if (question.part_number) {
    TP_TRY_VOID(select_part(selection, *question.part_number, record));
  } else if (range_applies(request, record)) {
    TP_TRY_VOID(select_range(request, selection, record));
  }
  selection.bytes = selection.range.value_or(ByteRange{0, record.size_bytes});
  if (selection.range) selection.status = 206;
  return selection;
}

namespace {

void append_part_headers(wire::ResponseHeadWriter& head, const ReadQuestion& question, const ReadSelection& selection,
                         const meta::InodeRecord& record) {
  if (question.part_number && !record.parts.empty()) {
    head.header("x-amz-mp-parts-count", uint64_t{record.parts.size()});
  }
  if (!question.checksum_mode) return;
  if (selection.part != nullptr) {
    // A part's own digest is of the part alone, whatever the object's is.
    const meta::Checksum checksum{record.checksum.algorithm, meta::ChecksumType::kFullObject, selection.part->checksum};
    if (record.checksum.type == meta::ChecksumType::kComposite) append_checksum(head, checksum, 1);
    return;
  }
  const bool whole = selection.bytes.size_bytes == record.size_bytes;
  if (whole) append_checksum(head, record.checksum, record.parts.size());
}

}  // namespace

void start_read_answer(S3Request& request, const ReadQuestion& question, const ReadSelection& selection,
                       const meta::InodeRecord& record) {
  wire::ResponseHeadWriter head = request.start(selection.status);
  if (selection.status == 304) {
    head.header("Last-Modified", wire::http_date(record.modified / rt::kSecond));
    append_etag(head, record.etag);
    for (const auto& [name, value] : record.headers) {
      if (name == "cache-control" || name == "expires") head.header(name, value);
    }
    return;
  }
  append_object_headers(head, record, question.overrides);
  append_version(request, head, record);
  append_lock_headers(request, head, record);
  append_expiration(request, head, record);
  if (selection.range) head.header("Content-Range", content_range(*selection.range, record.size_bytes));
  if (question.checksum_mode || question.part_number) append_part_headers(head, question, selection, record);
}

}  // namespace tp::s3
