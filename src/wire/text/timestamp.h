// The three spellings of time that S3 uses. HTTP and AMZ dates are whole seconds since the epoch, ISO 8601 times are
// nanoseconds since the epoch; years 1970 to 9999 (out of range: clamped when written, refused when read). All are UTC.
// Spec: RFC 9110 §5.6.7 (HTTP dates), ISO 8601 as in the S3 API, "Authenticating Requests" (AMZ dates).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tp::wire {

inline constexpr int64_t kMaxUnixSeconds = 253402300799;  // 9999-12-31T23:59:59Z

/// "Mon, 23 Nov 2026 06:00:00 GMT"
void append_http_date(Bytes& out, int64_t unix_seconds);
std::string http_date(int64_t unix_seconds);
/// IMF-fixdate, RFC 850 or asctime. A two-digit year means 1970 to 2069. The weekday must be one, but is not compared.
std::optional<int64_t> parse_http_date(std::string_view text) noexcept;

/// "2026-11-23T06:00:00.000Z": milliseconds, rounded down.
void append_iso8601(Bytes& out, int64_t unix_ns);
std::string iso8601(int64_t unix_ns);
/// "2026-11-23T06:00:00Z", with up to nine decimals of the second, an offset such as +01:00 for the Z, or a date alone.
std::optional<int64_t> parse_iso8601(std::string_view text) noexcept;

/// "20261123T060000Z"; its first eight characters are the date of a credential scope.
void append_amz_date(Bytes& out, int64_t unix_seconds);
std::string amz_date(int64_t unix_seconds);
std::optional<int64_t> parse_amz_date(std::string_view text) noexcept;

}  // namespace tp::wire
