// BackgroundPool: a BlockingPool for work that nobody waits for, such as compressing what moves to another tier: its
// threads run at the lowest priority, so that they take what is left of the cores. Owner: who has such work.
#pragma once

#include "rt/threads/blocking_pool.h"

namespace tp::rt {

class BackgroundPool {
 public:
  explicit BackgroundPool(unsigned threads = 1, size_t queue_limit = 4096) : pool_(threads, queue_limit) {}

  /// As BlockingPool::run.
  template <class Call>
  auto run(Call call) -> Task<typename std::invoke_result_t<Call&>::value_type> {
    auto yielding = [&call] {
      lower_priority();
      return call();
    };
    co_return co_await pool_.run(std::move(yielding));
  }

 private:
  /// Of the calling thread, for good.
  static void lower_priority();

  BlockingPool pool_;
};

}  // namespace tp::rt
