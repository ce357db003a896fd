#include "front/s3/versions/version_headers.h"

#include "meta/versions/version_id.h"
#include "plane/versions/delete_marker.h"
#include "wire/text/timestamp.h"

namespace tp::s3 {

void append_version_id(wire::ResponseHeadWriter& head, std::string_view version) {
  if (!version.empty()) head.header("x-amz-version-id", version);
}

void append_version(S3Request& request, wire::ResponseHeadWriter& head, const meta::InodeRecord& record) {
  if (record.version == 0) {
    const auto volume = request.plane.volume(request.bucket);
    if (!volume || (*volume)->versioning == meta::Versioning::kOff) return;
  }
  append_version_id(head, meta::version_text(record.version));
}

void append_asked_version(const S3Request& request, wire::ResponseHeadWriter& head) {
  append_version_id(head, request.param("versionId"));
}

void append_delete_marker(wire::ResponseHeadWriter& head, const Error& error) {
  const auto marker = plane::delete_marker_of(error);
  if (!marker) return;
  head.header("x-amz-delete-marker", "true");
  append_version_id(head, marker->version);
  if (error.code == Code::kNotFound) return;
  head.header("Last-Modified", wire::http_date(marker->modified / rt::kSecond));
  head.header("Allow", "DELETE");
}

Result<void> check_version_text(S3Request& request, std::string_view text) {
  if (meta::parse_version_text(text)) return ok;
  request.add_error_detail("ArgumentName", "versionId");
  request.add_error_detail("ArgumentValue", text);
  return s3_fail(S3Code::kInvalidArgument,
                 text.empty() ? "Version id cannot be the empty string" : "Invalid version id specified");
}

Result<void> refuse_version_id(S3Request& request) {
  if (!request.has_param("versionId")) return ok;
  request.add_error_detail("ArgumentName", "versionId");
  request.add_error_detail("ArgumentValue", request.param("versionId"));
  return s3_fail(S3Code::kInvalidArgument, "This operation does not accept a version-id.");
}

Error copy_source_error(Error error) {
  if (!plane::delete_marker_of(error)) return error;
  if (error.code == Code::kNotFound) return s3_fail(S3Code::kNoSuchKey).error();
  return s3_fail(S3Code::kInvalidRequest,
                 "The source of a copy request may not specifically refer to a delete marker by version id.")
      .error();
}

}  // namespace tp::s3
