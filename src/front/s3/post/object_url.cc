#include "front/s3/post/object_url.h"

namespace tp::s3 {

namespace {

// Whether the bucket stood in the host's name: then the path holds the key alone.
bool is_virtual_hosted(const S3Request& request) {
  Bytes decoded;
  const std::string_view path = request.head.path;
  if (!path.starts_with('/')) return false;
  wire::append_percent_decoded(decoded, path.substr(1), wire::Plus::kLiteral);
  return decoded == request.key;
}

}  // namespace

std::string object_url(const S3Request& request, std::string_view key) {
  std::string url = request.http.encrypted() ? "https://" : "http://";
  url += request.head.host;
  url += '/';
  if (!is_virtual_hosted(request)) {
    wire::append_percent_encoded(url, request.bucket, wire::Slash::kEncode);
    url += '/';
  }
  wire::append_percent_encoded(url, key, wire::Slash::kKeep);
  return url;
}

}  // namespace tp::s3
