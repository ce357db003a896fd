// ObjectWriter: streams one new object, appended run or part into the store in bounded memory. Nothing is visible
// before commit(); destroyed without it, nothing remains. Belongs to one loop.
#pragma once

#include <memory>

#include "plane/object_types.h"
#include "rt/task.h"

namespace tp::plane {

class ObjectWriter {
 public:
  virtual ~ObjectWriter() = default;

  /// Space for the next bytes, at least 1 byte; waits for buffers, which is the back pressure. kTooLarge past the
  /// limit.
  virtual Task<MutableBytes> space() = 0;
  /// The first `size` bytes of the space just given are the object's next bytes.
  virtual Task<void> filled(size_t size) = 0;
  uint64_t written_bytes() const { return written_bytes_; }

  /// Checks digests and conditions, then makes the object visible, durable and whole in one transaction.
  /// kPreconditionFailed, kNotFound (If-Match on a key that is gone), kConflict, kInvalidArgument with a Reason.
  virtual Task<PutResult> commit(ExpectedDigests expected) = 0;

 protected:
  uint64_t written_bytes_ = 0;
};

}  // namespace tp::plane
