// The Access-Control-* fields of every answer: append_cors_headers of bucket_handlers.h.
#include "front/s3/bucket/bucket_handlers.h"
#include "front/s3/core/s3_request.h"
#include "front/s3/cors/cors_match.h"

namespace tp::s3 {

namespace {

void append_separated(std::string& list, std::string_view text) {
  if (!list.empty()) list += ", ";
  list += text;
}

// The names that the preflight asked for, in lower case: the rule lets all of them through, or it would not match.
std::string requested_headers(std::string_view names) {
  std::string list;
  while (!names.empty()) {
    const size_t comma = names.find(',');
    std::string name;
    for (const char c : names.substr(0, comma)) {
      if (c != ' ' && c != '\t') name += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
    }
    if (!name.empty()) append_separated(list, name);
    names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
  }
  return list;
}

}  // namespace

void append_cors_headers(S3Request& request, wire::ResponseHeadWriter& head) {
  if (!request.has(HeaderId::kOrigin)) return;
  const CorsMatch match = match_cors(request);
  if (!match.rule) return;
  const std::string_view origin = allowed_origin(*match.rule, request.header(HeaderId::kOrigin));
  head.header("Access-Control-Allow-Origin", origin);
  std::string methods;
  for (const CorsMethod method : cors_methods(match.rule->methods)) append_separated(methods, cors_method_name(method));
  head.header("Access-Control-Allow-Methods", methods);
  const std::string headers = requested_headers(request.header(HeaderId::kAccessControlRequestHeaders));
  if (!headers.empty()) head.header("Access-Control-Allow-Headers", headers);
  std::string exposed;
  for (const std::string& name : match.rule->expose_headers) append_separated(exposed, name);
  if (!exposed.empty()) head.header("Access-Control-Expose-Headers", exposed);
  if (match.rule->max_age_seconds) head.header("Access-Control-Max-Age", uint64_t{*match.rule->max_age_seconds});
  // A wildcard answer is the same for every page, and browsers refuse it together with credentials.
  if (origin != "*") head.header("Access-Control-Allow-Credentials", "true");
  head.header("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

}  // namespace tp::s3
