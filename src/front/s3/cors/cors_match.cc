#include "front/s3/cors/cors_match.h"

namespace tp::s3 {

CorsMatch match_cors(S3Request& request) {
  CorsMatch match;
  if (request.bucket.empty()) return match;
  const Result<plane::VolumePtr> volume = request.plane.volume(request.bucket);
  if (!volume) return match;
  match.bucket_exists = true;
  if ((*volume)->cors.empty()) return match;
  const std::optional<CorsRules> rules = decode_cors_rules((*volume)->cors);
  if (!rules) return match;
  match.has_rules = true;
  const std::string_view method_name = request.has(HeaderId::kAccessControlRequestMethod)
                                           ? request.header(HeaderId::kAccessControlRequestMethod)
                                           : request.head.method_text;
  const std::optional<CorsMethod> method = cors_method(method_name);
  if (!method) return match;
  const CorsRule* rule = find_cors_rule(*rules, request.header(HeaderId::kOrigin), *method,
                                        request.header(HeaderId::kAccessControlRequestHeaders));
  if (rule != nullptr) match.rule = *rule;
  return match;
}

}  // namespace tp::s3
