// RpcBudget: the bytes that all connections of a loop hold in records and replies. Records wait for it in order of
// arrival; replies are counted and do not wait, for only what ends gives anything back. So it is exceeded by at most
// what the calls answer that were let in. Belongs to one loop.
#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>

#include "rt/loop.h"

namespace tp::net {

class RpcBudget {
 public:
  explicit RpcBudget(size_t limit_bytes) : limit_bytes_(limit_bytes) {}
  RpcBudget(const RpcBudget&) = delete;
  RpcBudget& operator=(const RpcBudget&) = delete;

  /// False if it is used up or others wait.
  bool try_take(size_t bytes) {
    if (!waiters_.empty() || used_bytes_ >= limit_bytes_) return false;
    used_bytes_ += bytes;
    return true;
  }
  struct Waiter : rt::ResumeWork {
    RpcBudget& budget;
    size_t bytes;
    Waiter(RpcBudget& budget_in, size_t bytes_in) : budget(budget_in), bytes(bytes_in) {}
    bool await_ready() noexcept { return budget.try_take(bytes); }
    void await_suspend(std::coroutine_handle<> waiting) {
      handle = waiting;
      budget.waiters_.push_back(this);
    }
    void await_resume() noexcept {}
  };
  /// `co_await budget.take(n);` then give(n) once.
  Waiter take(size_t bytes) { return {*this, bytes}; }

  /// Without waiting, whatever is used.
  void add(size_t bytes) { used_bytes_ += bytes; }
  void give(size_t bytes) {
    used_bytes_ -= bytes;
    while (!waiters_.empty() && used_bytes_ < limit_bytes_) {
      Waiter* waiter = waiters_.front();
      waiters_.pop_front();
      used_bytes_ += waiter->bytes;
      rt::Loop::current().defer(waiter);
    }
  }
  bool waited_for() const { return !waiters_.empty(); }

 private:
  const size_t limit_bytes_;
  size_t used_bytes_ = 0;
  std::deque<Waiter*> waiters_;
};

}  // namespace tp::net
