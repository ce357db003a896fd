// AlignedBytes: memory for direct I/O, shared so that a region can keep what it was read into; and run_all(), which
// waits for several tasks at once.
#pragma once

#include <cstdlib>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "io/file_system.h"
#include "rt/task_group.h"

namespace tp::blob {

struct AlignedBytes {
  std::shared_ptr<char> memory;
  size_t size = 0;

  /// Whole multiples of io::kDirectAlignment. kBusy: there is no memory.
  static Result<AlignedBytes> make(size_t size) {
    AlignedBytes bytes;
    bytes.memory.reset(static_cast<char*>(std::aligned_alloc(io::kDirectAlignment, size)), &std::free);
    bytes.size = size;
    if (bytes.memory == nullptr) return fail(Code::kBusy, "out of memory for " + std::to_string(size) + " bytes");
    return bytes;
  }
  char* data() const { return memory.get(); }
  MutableBytes span() const { return MutableBytes(memory.get(), size); }
};

inline Task<void> store_result(Task<void> task, Result<void>* result) {
  *result = co_await std::move(task);
  co_return ok;
}

/// Starts all of them on this loop and resumes when all have ended: their results, in order.
inline Task<std::vector<Result<void>>> run_all(std::vector<Task<void>> tasks) {
  std::vector<Result<void>> results(tasks.size());
  rt::TaskGroup group;
  for (size_t i = 0; i < tasks.size(); ++i) group.spawn(store_result(std::move(tasks[i]), &results[i]));
  co_await group.join();
  co_return results;
}

}  // namespace tp::blob
