// ObjectReader: one object's bytes at one point in time. Whatever happens to the name meanwhile, it keeps reading what
// it opened: it holds a guard that keeps the collector from the object's blobs. Belongs to one loop.
#pragma once

#include <memory>

#include "io/send_region.h"
#include "plane/object_types.h"
#include "rt/task.h"

namespace tp::plane {

class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual const ObjectInfo& info() const = 0;

  /// Positions on [offset, offset + size); within the object. Before the first next(); may be called again.
  virtual void set_range(uint64_t offset, uint64_t size_bytes) = 0;

  /// The next verified bytes of the range, in order, reading ahead meanwhile; empty at its end. kCorruption, kIo.
  virtual Task<io::SendRegion> next() = 0;
  /// The same if it needs no waiting; empty if it does (or at the end: see remaining()).
  virtual io::SendRegion try_next() = 0;
  virtual uint64_t remaining() const = 0;
};

}  // namespace tp::plane
