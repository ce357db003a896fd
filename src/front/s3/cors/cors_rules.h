// CorsRules: which web pages may use a bucket from a browser, and what a request from one is told.
// Invariant: a pattern has at most one '*'. The store keeps the rules as bytes in VolumeRecord::cors, in the encoding
// below. Spec: S3 API, "PutBucketCors"; user guide, "Using cross-origin resource sharing"; WHATWG Fetch, "CORS
// protocol".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace tp::s3 {

enum class CorsMethod : uint8_t { kGet = 1, kHead = 2, kPut = 4, kPost = 8, kDelete = 16 };

/// Nothing for a method that CORS rules cannot name. Case matters, as in HTTP.
std::optional<CorsMethod> cors_method(std::string_view name);
std::string_view cors_method_name(CorsMethod method);
/// The methods of a set of bits.
std::vector<CorsMethod> cors_methods(uint8_t methods);

struct CorsRule {
  std::string id;
  uint8_t methods = 0;                         // CorsMethod bits
  std::vector<std::string> allowed_origins;    // patterns
  std::vector<std::string> allowed_headers;    // patterns, compared in any case
  std::vector<std::string> expose_headers;
  std::optional<uint32_t> max_age_seconds;
  friend bool operator==(const CorsRule&, const CorsRule&) = default;
};
using CorsRules = std::vector<CorsRule>;

/// The bytes kept in VolumeRecord::cors: a version byte, then the rules with counts and lengths of two bytes.
Bytes encode_cors_rules(const CorsRules& rules);
/// Nothing for bytes that encode_cors_rules did not make.
std::optional<CorsRules> decode_cors_rules(BytesView bytes);

/// Whether `text` fits `pattern`, whose one '*' stands for any text.
bool matches_cors_pattern(std::string_view pattern, std::string_view text, bool ignore_case);

/// The first rule that lets `origin` use `method` with all of `request_headers` (comma-separated names); null if none.
const CorsRule* find_cors_rule(std::span<const CorsRule> rules, std::string_view origin, CorsMethod method,
                               std::string_view request_headers);

/// What Access-Control-Allow-Origin says: "*" where the rule lets every origin in, else the origin itself.
std::string_view allowed_origin(const CorsRule& rule, std::string_view origin);

}  // namespace tp::s3
