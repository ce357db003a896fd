// match_cors: which of its bucket's CORS rules a request from a web page falls under, actual or preflight.
// Spec: S3 user guide, "Using cross-origin resource sharing": how a rule is found.
#pragma once

#include <optional>

#include "front/s3/core/s3_request.h"
#include "front/s3/cors/cors_rules.h"

namespace tp::s3 {

struct CorsMatch {
  bool bucket_exists = false;
  bool has_rules = false;
  std::optional<CorsRule> rule;
};

/// Of a request with an Origin. Access-Control-Request-Method stands for the method where it was sent.
CorsMatch match_cors(S3Request& request);

}  // namespace tp::s3
