// An object's attributes between HTTP fields and records: what a PUT, copy or upload gives an object, and what a GET or
// HEAD says of it. Spec: S3 user guide, "Working with object metadata"; API pages of PutObject and GetObject.
#pragma once

#include <string>
#include <string_view>

#include "front/s3/core/s3_request.h"
#include "plane/object_types.h"

namespace tp::s3 {

inline constexpr size_t kMaxUserMetadataBytes = 2048;

/// Everything a new object gets from the request's fields: system headers, user metadata, tags, storage class, ACL.
/// Errors: MetadataTooLarge, InvalidStorageClass, InvalidArgument, InvalidTag, NotImplemented (encryption), ...
Result<plane::ObjectAttributes> parse_object_attributes(S3Request& request);

/// The parts of it, for operations that take only some.
Result<meta::HeaderList> parse_system_headers(S3Request& request);
Result<meta::HeaderList> parse_user_metadata(S3Request& request);
/// "" is STANDARD.
Result<std::string> parse_storage_class(S3Request& request);
/// Refuses what this store cannot do and must not ignore: server-side encryption.
Result<void> refuse_unsupported_headers(const S3Request& request);

/// x-amz-expected-bucket-owner and its kind: AccessDenied if the bucket has another owner.
Result<void> check_expected_owner(S3Request& request, std::string_view bucket, HeaderId header_id);

/// response-content-type and its kind, which replace stored fields in one answer. Refused for anonymous callers.
struct ResponseOverrides {
  std::string_view content_type, content_language, expires, cache_control, content_disposition, content_encoding;
  bool any = false;
};
Result<ResponseOverrides> parse_overrides(const S3Request& request);

/// What GET and HEAD say of an object, Content-Length and Content-Range excepted.
void append_object_headers(wire::ResponseHeadWriter& head, const meta::InodeRecord& record,
                           const ResponseOverrides& overrides);
/// ETag, quoted.
void append_etag(wire::ResponseHeadWriter& head, std::string_view etag);
std::string quoted_etag(std::string_view etag);
/// x-amz-checksum-ALGORITHM and x-amz-checksum-type; nothing for kNone. A composite value ends in "-parts".
void append_checksum(wire::ResponseHeadWriter& head, const meta::Checksum& checksum, size_t parts);
/// Base64, with "-parts" if composite.
std::string checksum_text(const meta::Checksum& checksum, size_t parts);
/// The S3 name: "STANDARD" for "".
std::string_view storage_class_name(std::string_view stored) noexcept;

}  // namespace tp::s3
