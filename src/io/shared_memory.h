// SharedMemory: a large piece of memory whose pages can be lent to sockets, and detached from those who still hold
// them.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tp::io {

class SharedMemory {
 public:
  virtual ~SharedMemory() = default;
  virtual MutableBytes bytes() = 0;
  /// What detach() takes is aligned to this and a multiple of it. 0: pages cannot be detached, or lending them gains
  /// nothing here; they must not be lent then.
  virtual uint64_t detach_unit() const = 0;
  /// Gives the pages of [offset, offset + size) up: the range reads as zeros, and pages still in flight in a socket
  /// keep their old bytes. Done before a range that was lent is written again.
  virtual void detach(uint64_t offset, uint64_t size) = 0;
};

}  // namespace tp::io
