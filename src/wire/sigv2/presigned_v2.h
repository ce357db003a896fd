// Presigned URLs of the retired Signature Version 2: stock clients (awscli 2.9, boto3 of Debian 12) still make them for
// us-east-1 unless told otherwise, so they are honoured; the header form is not. HMAC-SHA1 over method, content
// headers, expiry, x-amz-* fields, path and sub-resources. Spec: S3 API, "Query string request authentication
// alternative" (V2).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/http/header.h"
#include "wire/text/uri.h"

namespace tp::wire {

/// What such a URL claims.
struct PresignedV2 {
  std::string access_key;
  std::string signature;  // base64 of 20 bytes
  int64_t expires = 0;    // seconds since the epoch
};

/// Nothing if the query is not of this form. kMalformedQuery for an Expires that is no time.
Result<std::optional<PresignedV2>> parse_presigned_v2(std::span<const QueryParam> params);

/// The parts of a request that V2 signs.
struct V2Request {
  std::string_view method;
  std::string_view virtual_bucket;  // the bucket that the host names; empty: path style
  std::string_view path;            // as sent, still percent-encoded
  std::span<const QueryParam> params;
  std::span<const HeaderField> headers;
};

/// The text that is signed: for clients that compare, and for tests.
std::string string_to_sign_v2(const V2Request& request, int64_t expires);
/// base64 of HMAC-SHA1.
std::string sign_v2(std::string_view string_to_sign, std::string_view secret);

/// kExpired, kSignatureMismatch (SigV4Error); `now` is in seconds since the epoch.
Result<void> verify_presigned_v2(const V2Request& request, const PresignedV2& claim, std::string_view secret,
                                 int64_t now);

}  // namespace tp::wire
