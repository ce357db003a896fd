// Runtime: the loops (one thread each) and the blocking pool of one process. Made first, destroyed last; whatever runs
// on its loops has been stopped and joined before stop().
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "rt/threads/blocking_pool.h"
#include "rt/loop.h"
#include "rt/task.h"
#include "rt/task_group.h"

namespace tp::rt {

class Runtime {
 public:
  struct Options {
    unsigned loops = 0;  // 0: one per core
    unsigned blocking_threads = 8;
    size_t blocking_queue_limit = 65536;
    Clock* clock = &SystemClock::instance();
  };
  explicit Runtime(Options options);
  Runtime() : Runtime(Options()) {}
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  unsigned loop_count() const noexcept { return static_cast<unsigned>(loops_.size()); }
  Loop& loop(unsigned index) { return *loops_[index]; }
  BlockingPool& pool() { return *pool_; }
  Clock& clock() { return *options_.clock; }

  /// Runs `task` on loop `index` and waits for it. Not from a loop's thread.
  template <class T>
  Result<T> block_on(Task<T> task, unsigned index = 0) {
    std::optional<Result<T>> result;
    run_root(collect(std::move(task), &result), index);
    return std::move(*result);
  }

 private:
  template <class T>
  static Task<void> collect(Task<T> task, std::optional<Result<T>>* out) {
    out->emplace(co_await std::move(task));
    co_return ok;
  }
  void run_root(Task<void> task, unsigned index);

  Options options_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::unique_ptr<BlockingPool> pool_;
  std::vector<std::thread> threads_;
};

}  // namespace tp::rt
