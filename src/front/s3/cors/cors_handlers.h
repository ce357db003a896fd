// A bucket's CORS rules: reading and changing them, and the browser's preflight.
#pragma once

#include "front/s3/core/operation.h"

namespace tp::s3 {

Task<void> delete_bucket_cors(S3Request& request);
Task<void> get_bucket_cors(S3Request& request);
Task<void> put_bucket_cors(S3Request& request);
Task<void> options_preflight(S3Request& request);

}  // namespace tp::s3
