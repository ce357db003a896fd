// AsyncMutex: a lock that coroutines of any loop wait for in order of arrival, and may hold across suspensions.
#pragma once

#include <deque>
#include <mutex>
#include <utility>

#include "rt/loop.h"
#include "rt/work.h"

namespace tp::rt {

class AsyncMutex {
 public:
  AsyncMutex() = default;
  AsyncMutex(const AsyncMutex&) = delete;
  AsyncMutex& operator=(const AsyncMutex&) = delete;

  /// The right; given back, on any loop, when it goes.
  class Guard {
   public:
    explicit Guard(AsyncMutex* mutex) : mutex_(mutex) {}
    Guard(Guard&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    Guard& operator=(Guard&&) = delete;
    ~Guard() {
      if (mutex_ != nullptr) mutex_->unlock();
    }

   private:
    AsyncMutex* mutex_;
  };

  struct Waiter : ResumeWork {
    AsyncMutex& mutex;
    Loop* home = nullptr;
    explicit Waiter(AsyncMutex& mutex_in) : mutex(mutex_in) {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
      handle = waiting;
      home = &Loop::current();
      const std::lock_guard lock(mutex.state_);
      if (!std::exchange(mutex.held_, true)) return false;
      mutex.waiters_.push_back(this);
      return true;
    }
    Guard await_resume() noexcept { return Guard(&mutex); }
  };
  /// `auto guard = co_await mutex.lock();` resumes on the loop that waits.
  Waiter lock() { return Waiter(*this); }

 private:
  void unlock() {
    Waiter* next = nullptr;
    {
      const std::lock_guard lock(state_);
      if (waiters_.empty()) {
        held_ = false;
        return;
      }
      next = waiters_.front();
      waiters_.pop_front();
    }
    next->home->post(next);
  }

  std::mutex state_;
  bool held_ = false;
  std::deque<Waiter*> waiters_;
};

}  // namespace tp::rt
