// LookAhead: the first keys of the requests that wait in a connection's input, found without parsing them: a hint for
// the cache. Anything unusual ends the search.
#pragma once

#include <array>
#include <span>

#include "base/bytes.h"

namespace tp::redis {

class LookAhead {
 public:
  static constexpr size_t kMostRequests = 16;
  /// The second word of each whole request at the front of `input`, until one that is not whole, is not an array of at
  /// most eight words or has none. Views into `input`.
  std::span<const BytesView> keys(BytesView input);

 private:
  std::array<BytesView, kMostRequests> keys_;
};

}  // namespace tp::redis
