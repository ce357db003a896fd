// The two listings of a bucket's objects. What each does is in the S3 API reference under its name.
#pragma once

#include "front/s3/core/operation.h"

namespace tp::s3 {

Task<void> list_objects(S3Request& request);
Task<void> list_objects_v2(S3Request& request);

}  // namespace tp::s3
