// Completion<T>: one result that another thread (a committer, a pool, a ring) hands to a coroutine on its home loop.
// It lives in the waiting coroutine's frame: create it on the home loop, pass its address out, then await it exactly
// once.
#pragma once

#include <coroutine>
#include <optional>

#include "rt/loop.h"

namespace tp::rt {

template <class T = void>
class Completion : private Work {
 public:
  Completion() : home_(Loop::current()) {
    run = [](Work* self) { static_cast<Completion*>(self)->arrive(); };
  }
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  /// Any thread, exactly once. Nothing of this object may be touched by the caller afterwards.
  void complete(Result<T> result) {
    result_.emplace(std::move(result));
    home_.post(this);
  }
  /// The same from the home loop's own thread.
  void complete_here(Result<T> result) {
    result_.emplace(std::move(result));
    home_.defer(this);
  }

  Loop& home() const noexcept { return home_; }

  bool await_ready() const noexcept { return arrived_; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiter_ = handle; }
  Result<T> await_resume() { return std::move(*result_); }

 private:
  void arrive() {
    arrived_ = true;
    if (waiter_) waiter_.resume();
  }

  Loop& home_;
  std::optional<Result<T>> result_;
  std::coroutine_handle<> waiter_;
  bool arrived_ = false;
};

}  // namespace tp::rt
