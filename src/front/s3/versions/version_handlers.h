// Versioning's own operations. What each does is in the S3 API reference under its name; versionId is a parameter of
// the operations on objects.
#pragma once

#include <span>

#include "front/s3/core/operation.h"

namespace tp::s3 {

Task<void> get_bucket_versioning(S3Request& request);
Task<void> list_object_versions(S3Request& request);
Task<void> put_bucket_versioning(S3Request& request);

std::span<const HandlerRow> version_handlers();

}  // namespace tp::s3
