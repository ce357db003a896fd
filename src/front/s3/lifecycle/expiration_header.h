// x-amz-expiration: when an object goes by its bucket's rules, and by which of them. x-amz-abort-date of an upload.
// Spec: S3 API, GetObject, CreateMultipartUpload; docs/lifecycle.md.
#pragma once

#include "front/s3/core/s3_request.h"
#include "meta/inode_record.h"

namespace tp::s3 {

/// Of an object just read; nothing for an earlier version, or where no rule applies.
void append_expiration(S3Request& request, wire::ResponseHeadWriter& head, const meta::InodeRecord& record);

/// The same of what the request has just put at its key, asked before its answer begins: "" for nothing. Looks the
/// object up where the bucket has rules, which the caller must have the right to.
Task<std::string> expiration_of_new(S3Request& request);
void append_expiration(wire::ResponseHeadWriter& head, std::string_view expiration);

}  // namespace tp::s3
