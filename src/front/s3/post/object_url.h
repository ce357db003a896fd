// object_url: where an object is, as answers that name a Location say it.
#pragma once

#include <string>
#include <string_view>

#include "front/s3/core/s3_request.h"

namespace tp::s3 {

/// "http://host/bucket/key", path style unless the client itself used the bucket as a host; percent-encoded.
std::string object_url(const S3Request& request, std::string_view key);

}  // namespace tp::s3
