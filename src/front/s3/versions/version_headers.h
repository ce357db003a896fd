// What requests and answers say of versions: ?versionId, x-amz-version-id and its kind.
#pragma once

#include <string_view>

#include "front/s3/core/s3_request.h"

namespace tp::s3 {

/// x-amz-version-id of an object that is read: nothing in a bucket that never kept versions.
void append_version(S3Request& request, wire::ResponseHeadWriter& head, const meta::InodeRecord& record);
/// The same of an id that the plane gave; nothing for none.
void append_version_id(wire::ResponseHeadWriter& head, std::string_view version);
/// The same of an operation that names a version, or does not: what ?versionId says.
void append_asked_version(const S3Request& request, wire::ResponseHeadWriter& head);
/// Of an error that a delete marker is the reason of: x-amz-delete-marker and what belongs to it.
void append_delete_marker(wire::ResponseHeadWriter& head, const Error& error);

/// InvalidArgument, with its details, unless the text is one that a version may have.
Result<void> check_version_text(S3Request& request, std::string_view text);
/// Of operations that make versions: InvalidArgument if the request names one.
Result<void> refuse_version_id(S3Request& request);
/// The error of an operation that reads a copy's source: what says that it is a delete marker is said in S3's words.
Error copy_source_error(Error error);

}  // namespace tp::s3
