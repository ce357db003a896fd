// TP_CHECK: an always-on assertion for our own bugs. Never used on bytes that came from a socket or a disk.
#pragma once

namespace tp {
/// Prints the failed condition and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;
}  // namespace tp

#define TP_CHECK(condition)                                          \
  do {                                                               \
    if (!(condition)) [[unlikely]]                                   \
      ::tp::check_failed(#condition, __FILE__, __LINE__);            \
  } while (0)
