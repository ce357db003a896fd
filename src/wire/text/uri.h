// Percent-encoding and query strings. Strict: a '%' without two hexadecimal digits is an error, never a literal.
// Spec: RFC 3986 §2; encoding as SigV4's UriEncode (unreserved characters stay, all else is %XX in upper case).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::wire {

enum class Slash : uint8_t { kEncode, kKeep };
enum class Plus : uint8_t { kLiteral, kSpace };

void append_percent_encoded(Bytes& out, BytesView raw, Slash slash);
std::string percent_encode(BytesView raw, Slash slash);

/// False on a bad escape; `out` then holds what came before it. The result may be any bytes: NUL, bad UTF-8.
bool append_percent_decoded(Bytes& out, std::string_view text, Plus plus);
Result<Bytes> percent_decode(std::string_view text, Plus plus = Plus::kLiteral);

struct QueryParam {
  std::string name;
  std::string value;
  bool has_value = false;  // whether an '=' followed the name: "?acl" has none, "?acl=" has
};

inline constexpr size_t kMaxQueryParams = 1000;

/// The parameters in the order sent, decoded, with '+' as a space; empty parts ("a&&b") are skipped.
/// Errors: kMalformed for a bad escape or more than kMaxQueryParams parameters.
Result<std::vector<QueryParam>> parse_query(std::string_view query);
/// The first parameter of that exact name, or null.
const QueryParam* find_query_param(std::span<const QueryParam> params, std::string_view name) noexcept;

}  // namespace tp::wire
