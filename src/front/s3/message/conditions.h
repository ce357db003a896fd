// Conditional requests: S3's fields to the plane's conditions. Spec: RFC 9110 §13; S3 user guide, "Conditional
// requests".
#pragma once

#include "front/s3/core/s3_request.h"
#include "plane/object_types.h"

namespace tp::s3 {

/// The four fields that a set of read conditions comes in.
struct ConditionFields {
  HeaderId if_match, if_none_match, if_modified_since, if_unmodified_since;
};
inline constexpr ConditionFields kReadFields = {HeaderId::kIfMatch, HeaderId::kIfNoneMatch, HeaderId::kIfModifiedSince,
                                                HeaderId::kIfUnmodifiedSince};
inline constexpr ConditionFields kCopySourceFields = {
    HeaderId::kCopySourceIfMatch, HeaderId::kCopySourceIfNoneMatch, HeaderId::kCopySourceIfModifiedSince,
    HeaderId::kCopySourceIfUnmodifiedSince};
inline constexpr ConditionFields kRenameSourceFields = {
    HeaderId::kRenameSourceIfMatch, HeaderId::kRenameSourceIfNoneMatch, HeaderId::kRenameSourceIfModifiedSince,
    HeaderId::kRenameSourceIfUnmodifiedSince};

/// A date that does not parse counts as absent, as RFC 9110 has it.
plane::ReadConditions parse_read_conditions(const S3Request& request, const ConditionFields& fields);

/// If-Match and If-None-Match of a write. If-None-Match takes "*" alone: NotImplemented otherwise, as S3 answers.
Result<plane::WriteConditions> parse_write_conditions(const S3Request& request);
/// If-Match, x-amz-if-match-last-modified-time and x-amz-if-match-size of a delete.
Result<plane::WriteConditions> parse_delete_conditions(S3Request& request);

/// "bucket/key?versionId=version" of x-amz-copy-source, decoded.
Result<plane::ObjectRef> parse_copy_source(const S3Request& request);

}  // namespace tp::s3
