// Error: what went wrong, whether a retry helps, and whether the change was applied. Every floor returns it inside
// Result<T>; each front maps `code` (and `reason` where its protocol says more) to its own answer in one table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tp {

enum class Code : uint8_t {
  kInvalidArgument,     // the caller's request cannot be carried out as asked
  kMalformed,           // bytes from outside do not parse
  kNotFound,
  kAlreadyExists,
  kNotEmpty,
  kPreconditionFailed,
  kNotModified,         // a conditional read whose answer is "you have it"
  kConflict,            // a concurrent change won; the client may try again
  kPermissionDenied,
  kUnauthenticated,
  kOutOfRange,
  kTooLarge,
  kNoSpace,
  kReadOnly,            // the store refuses changes until it has been reopened
  kIo,
  kCorruption,          // stored bytes do not match their checksum or format
  kBusy,                // a limit is reached: slow down
  kUnavailable,
  kTimeout,
  kCancelled,
  kClosed,              // the peer went away
  kWouldBlock,          // a cached-only read that would need the disk
  kNotImplemented,
  kInternal,
};
inline constexpr int kCodeCount = static_cast<int>(Code::kInternal) + 1;

/// "kNotFound" and so on, for logs.
std::string_view code_name(Code code) noexcept;

enum class Applied : uint8_t { kNo, kMaybe, kYes };

struct Error {
  Code code = Code::kInternal;
  Applied applied = Applied::kNo;
  uint16_t reason = 0;  // a floor's own finer enum (plane/reason.h); 0 says nothing more
  std::string message;

  Error() = default;
  Error(Code code_in, std::string message_in) : code(code_in), message(std::move(message_in)) {}
  template <class Reason>
    requires std::is_enum_v<Reason>
  Error(Code code_in, Reason reason_in, std::string message_in)
      : code(code_in), reason(static_cast<uint16_t>(reason_in)), message(std::move(message_in)) {}

  /// Whether the same request may succeed later without a change by the caller.
  bool retryable() const noexcept {
    return code == Code::kBusy || code == Code::kUnavailable || code == Code::kTimeout || code == Code::kConflict;
  }
  /// The error with "what: " before its message: added once per floor.
  Error with_context(std::string_view what) &&;
  /// "kIo: message", for logs.
  std::string to_string() const;
};

}  // namespace tp
