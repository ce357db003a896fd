// HttpReason: why a message head or body was refused; it stands in Error::reason. Every such error is Code::kMalformed
// or Code::kTooLarge, and after it the connection cannot be used further: where the next message starts is unknown.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tp::wire {

enum class HttpReason : uint16_t {
  kBadRequest = 0x1001,           // 400: the syntax is wrong
  kBadContentLength,              // 400: not a number, or several that differ
  kConflictingFraming,            // 400: Transfer-Encoding beside Content-Length, or in HTTP/1.0
  kBadTransferEncoding,           // 501: a coding other than "chunked"
  kUriTooLong,                    // 414
  kHeadersTooLarge,               // 431
  kVersionNotSupported,           // 505
  kBadChunk,                      // 400: a chunk header, its CRLF, or the trailer section
};

/// The status a server answers with for an error of wire/http; 400 for a reason it does not know.
inline int http_status(const Error& error) noexcept {
  switch (static_cast<HttpReason>(error.reason)) {
    case HttpReason::kBadRequest:
    case HttpReason::kBadContentLength:
    case HttpReason::kConflictingFraming:
    case HttpReason::kBadChunk: return 400;
    case HttpReason::kBadTransferEncoding: return 501;
    case HttpReason::kUriTooLong: return 414;
    case HttpReason::kHeadersTooLarge: return 431;
    case HttpReason::kVersionNotSupported: return 505;
  }
  return 400;
}

[[nodiscard]] inline std::unexpected<Error> http_fail(HttpReason reason, std::string_view message) {
  const bool size = reason == HttpReason::kUriTooLong || reason == HttpReason::kHeadersTooLarge;
  return fail(size ? Code::kTooLarge : Code::kMalformed, reason, std::string(message));
}

}  // namespace tp::wire
