// error_from_errno: what the kernel said, as an Error. The one place where errno becomes a Code.
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include "base/error.h"

namespace tp::local {

inline Code code_from_errno(int number) noexcept {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Code::kNoSpace;
    case ENOENT:
    case ENOTDIR:
      return Code::kNotFound;
    case EEXIST:
      return Code::kAlreadyExists;
    case ENOTEMPTY:
      return Code::kNotEmpty;
    case EACCES:
    case EPERM:
      return Code::kPermissionDenied;
    case EROFS:
      return Code::kReadOnly;
    case EINVAL:
    case EISDIR:
    case ENAMETOOLONG:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return Code::kInvalidArgument;
    case EADDRINUSE:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
      return Code::kBusy;
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
    case ESHUTDOWN:
      return Code::kClosed;
    case ETIMEDOUT:
      return Code::kTimeout;
    case ECONNREFUSED:
    case ENETUNREACH:
    case EHOSTUNREACH:
      return Code::kUnavailable;
    case EOPNOTSUPP:
    case ENOSYS:
      return Code::kNotImplemented;
    case ECANCELED:
      return Code::kCancelled;
    default:
      return Code::kIo;
  }
}

inline Error error_from_errno(int number, std::string what) {
  return Error(code_from_errno(number), std::move(what) + ": " + std::generic_category().message(number));
}

}  // namespace tp::local
