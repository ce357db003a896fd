// SharedMemory: anonymous memory that is also a file, so that sendfile can take pages from it without a copy.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace tp::io {

class SharedMemory {
 public:
  virtual ~SharedMemory() = default;
  virtual MutableBytes bytes() = 0;
  /// For SendRegion::descriptor; -1 if there is none.
  virtual int descriptor() const = 0;
  /// Detaches the pages of [offset, offset + size): the range reads as zeros and pages still in flight in a socket keep
  /// their old bytes. Done before a range that was sent by descriptor is written again.
  virtual void discard(uint64_t offset, uint64_t size) = 0;
};

}  // namespace tp::io
