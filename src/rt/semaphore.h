// Semaphore: a loop-local count that coroutines wait for in order of arrival. Budgets (buffers, requests in flight) are
// semaphores: what is bounded has a name and a limit.
#pragma once

#include <coroutine>
#include <cstddef>
#include <list>

#include "rt/loop.h"

namespace tp::rt {

class Semaphore {
 public:
  explicit Semaphore(size_t count) : available_(count) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  struct Waiter : ResumeWork {
    Semaphore& semaphore;
    size_t count;
    Waiter(Semaphore& semaphore_in, size_t count_in) : semaphore(semaphore_in), count(count_in) {}
    bool await_ready() noexcept { return semaphore.try_acquire(count); }
    void await_suspend(std::coroutine_handle<> waiting) {
      handle = waiting;
      semaphore.waiters_.push_back(this);
    }
    void await_resume() noexcept {}
  };
  /// `co_await semaphore.acquire(n);` then release(n) once.
  Waiter acquire(size_t count = 1) { return Waiter(*this, count); }

  /// False if others wait already or too few are left.
  bool try_acquire(size_t count = 1) noexcept {
    if (!waiters_.empty() || available_ < count) return false;
    available_ -= count;
    return true;
  }
  void release(size_t count = 1) {
    available_ += count;
    while (!waiters_.empty() && waiters_.front()->count <= available_) {
      Waiter* waiter = waiters_.front();
      waiters_.pop_front();
      available_ -= waiter->count;
      Loop::current().defer(waiter);
    }
  }
  size_t available() const noexcept { return available_; }

 private:
  size_t available_;
  std::list<Waiter*> waiters_;
};

}  // namespace tp::rt
