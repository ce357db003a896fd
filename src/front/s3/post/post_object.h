// POST Object: a browser's form upload. Spec: S3 API, "POST Object", "Browser-based uploads using POST (SigV4)".
#pragma once

#include "front/s3/core/operation.h"

namespace tp::s3 {

Task<void> post_object(S3Request& request);

}  // namespace tp::s3
