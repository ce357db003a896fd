// Multipart uploads, one operation a file; and the row of the browser's form upload in post/.
#pragma once

#include <span>

#include "front/s3/core/operation.h"

namespace tp::s3 {

Task<void> abort_multipart_upload(S3Request& request);
Task<void> complete_multipart_upload(S3Request& request);
Task<void> create_multipart_upload(S3Request& request);
Task<void> list_multipart_uploads(S3Request& request);
Task<void> list_parts(S3Request& request);
Task<void> upload_part(S3Request& request);
Task<void> upload_part_copy(S3Request& request);

std::span<const HandlerRow> upload_handlers();

}  // namespace tp::s3
