// Whether a sanitizer watches, which makes everything ten times as slow: tests that try every N try every few of them
// then. Every single one is tried by the plain build.
#pragma once

#include <cstdint>

namespace tp::test {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// Every `stride`-th if a sanitizer watches, else each.
constexpr uint64_t stride_if_sanitized(uint64_t stride) {
  return kSanitized ? stride : 1;
}

}  // namespace tp::test
