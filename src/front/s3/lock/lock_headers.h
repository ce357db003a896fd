// The fields that bring Object Lock with a request and tell of it in an answer. Spec: S3 API, PutObject, GetObject.
#pragma once

#include "front/s3/core/s3_request.h"
#include "plane/object_types.h"

namespace tp::s3 {

/// x-amz-object-lock-mode, -retain-until-date, -legal-hold of a PUT, POST, copy or upload: InvalidArgument where they
/// make no sense. Whether the bucket takes them is the plane's decision.
Result<void> parse_lock_headers(S3Request& request, plane::ObjectAttributes* attributes);
/// InvalidRequest unless a PUT that is to be locked, by its own fields or the bucket's default, says what its bytes
/// are.
Result<void> require_lock_digest(const S3Request& request, const plane::ObjectAttributes& attributes,
                                 bool has_integrity_check);
/// x-amz-bypass-governance-retention.
bool asks_to_bypass_governance(const S3Request& request);

/// The same fields of an object, for those who may read them.
void append_lock_headers(S3Request& request, wire::ResponseHeadWriter& head, const meta::InodeRecord& record);

}  // namespace tp::s3
