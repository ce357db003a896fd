// The query parameters that name an upload and a part of it. Spec: S3 API, "UploadPart": URI request parameters.
#pragma once

#include "front/s3/core/s3_request.h"
#include "plane/object_types.h"

namespace tp::s3 {

/// ?uploadId: NoSuchUpload for text that never was one.
Result<UploadId> parse_upload_id(S3Request& request);
/// ?partNumber: InvalidArgument unless 1 to 10,000.
Result<uint16_t> parse_part_number(S3Request& request);

}  // namespace tp::s3
