// The headers of CreateBucket that ask for a cache volume: x-tokenplane-kind, -capacity, -dram, -policy, -shared and
// -profile. Ours, not S3's: docs/cache.md. Internal to front/s3.
#pragma once

#include "front/s3/core/s3_request.h"

namespace tp::s3 {

/// Takes them into `options`; without x-tokenplane-kind there is nothing to take.
Result<void> take_cache_headers(const S3Request& request, plane::CreateVolumeOptions* options);

}  // namespace tp::s3
