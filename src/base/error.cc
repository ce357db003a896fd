#include "base/error.h"

#include <array>

namespace tp {

namespace {
constexpr std::array<std::string_view, kCodeCount> kNames = {
    "kInvalidArgument", "kMalformed",       "kNotFound",    "kAlreadyExists", "kNotEmpty",  "kPreconditionFailed",
    "kNotModified",     "kConflict",        "kPermissionDenied", "kUnauthenticated", "kOutOfRange", "kTooLarge",
    "kNoSpace",         "kReadOnly",        "kIo",          "kCorruption",    "kBusy",      "kUnavailable",
    "kTimeout",         "kCancelled",       "kClosed",      "kWouldBlock",    "kNotImplemented", "kInternal"};
}  // namespace

std::string_view code_name(Code code) noexcept { return kNames[static_cast<size_t>(code)]; }

Error Error::with_context(std::string_view what) && {
  message.insert(0, ": ");
  message.insert(0, what);
  return std::move(*this);
}

std::string Error::to_string() const {
  std::string text(code_name(code));
  text += ": ";
  text += message;
  return text;
}

}  // namespace tp
