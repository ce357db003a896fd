#include "front/s3/lock/lock_headers.h"

#include "front/s3/lock/lock_document.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

namespace {

std::unexpected<Error> invalid(S3Request& request, HeaderId id, std::string message) {
  request.add_error_detail("ArgumentName", header_name(id));
  if (request.has(id)) request.add_error_detail("ArgumentValue", request.header(id));
  return s3_fail(S3Code::kInvalidArgument, std::move(message));
}

}  // namespace

Result<void> parse_lock_headers(S3Request& request, plane::ObjectAttributes* attributes) {
  const bool has_mode = request.has(HeaderId::kObjectLockMode);
  if (has_mode != request.has(HeaderId::kObjectLockRetainUntilDate)) {
    const HeaderId missing = has_mode ? HeaderId::kObjectLockRetainUntilDate : HeaderId::kObjectLockMode;
    return invalid(request, missing,
                   "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied");
  }
  if (has_mode) {
    const auto mode = retention_mode_from_name(request.header(HeaderId::kObjectLockMode));
    if (!mode) return invalid(request, HeaderId::kObjectLockMode, "Unknown wormMode directive.");
    const auto until = wire::parse_iso8601(request.header(HeaderId::kObjectLockRetainUntilDate));
    if (!until) {
      return invalid(request, HeaderId::kObjectLockRetainUntilDate,
                     "The retain until date must be provided in ISO 8601 format");
    }
    if (*until <= request.wall_time) {
      return invalid(request, HeaderId::kObjectLockRetainUntilDate, "The retain until date must be in the future!");
    }
    attributes->retention = *mode;
    attributes->retain_until = *until;
  }
  if (request.has(HeaderId::kObjectLockLegalHold)) {
    const std::string_view status = request.header(HeaderId::kObjectLockLegalHold);
    if (status != "ON" && status != "OFF") {
      return invalid(request, HeaderId::kObjectLockLegalHold, "Legal Hold must be either of 'ON' or 'OFF'");
    }
    attributes->legal_hold = status == "ON";
  }
  return ok;
}

Result<void> require_lock_digest(const S3Request& request, const plane::ObjectAttributes& attributes,
                                 bool has_integrity_check) {
  if (has_integrity_check) return ok;
  bool locks = attributes.legal_hold || attributes.retention != meta::RetentionMode::kNone;
  if (!locks) {
    const auto volume = request.plane.volume(request.bucket);
    locks = volume && (*volume)->lock.mode != meta::RetentionMode::kNone;
  }
  if (!locks) return ok;
  return s3_fail(S3Code::kInvalidRequest, "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object "
                                          "requests with Object Lock parameters");
}

bool asks_to_bypass_governance(const S3Request& request) {
  return wire::equal_ignoring_case(request.header(HeaderId::kBypassGovernanceRetention), "true");
}

void append_lock_headers(S3Request& request, wire::ResponseHeadWriter& head, const meta::InodeRecord& record) {
  using plane::Action;
  const auto may = [&](Action action) {
    return request.plane.volume_for(request.caller, request.bucket, action).has_value();
  };
  if (record.retention != meta::RetentionMode::kNone && may(Action::kGetObjectRetention)) {
    head.header("x-amz-object-lock-mode", retention_mode_name(record.retention));
    head.header("x-amz-object-lock-retain-until-date", wire::iso8601(record.retain_until));
  }
  if (record.legal_hold && may(Action::kGetObjectLegalHold)) head.header("x-amz-object-lock-legal-hold", "ON");
}

}  // namespace tp::s3
