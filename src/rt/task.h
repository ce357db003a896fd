// Task<T>: a lazy coroutine that yields Result<T> when awaited. It starts when awaited, resumes its awaiter by
// symmetric transfer, and is owned by whoever holds the Task. `co_return value`, `co_return fail(...)`, or `co_return
// ok` for void.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/result.h"

namespace tp::rt {

/// The error for an exception that left a coroutine: a library threw where nobody caught it.
Error error_of_current_exception() noexcept;

template <class T = void>
class [[nodiscard]] Task {
 public:
  using Value = T;

  struct promise_type {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    std::optional<Result<T>> result;

    Task get_return_object() noexcept { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    struct FinalAwaiter {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        return self.promise().continuation;
      }
      void await_resume() noexcept {}
    };
    FinalAwaiter final_suspend() noexcept { return {}; }
    template <class U>
    void return_value(U&& value) {
      result.emplace(std::forward<U>(value));
    }
    void return_value(Result<T>&& value) { result.emplace(std::move(value)); }
    void return_value(Ok) requires std::is_void_v<T> { result.emplace(); }
    void return_value(std::unexpected<Error> error) { result.emplace(std::move(error)); }
    void unhandled_exception() noexcept { result.emplace(std::unexpected(error_of_current_exception())); }
  };

  Task() = default;
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  struct Awaiter {
    std::coroutine_handle<promise_type> handle;
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
      handle.promise().continuation = awaiting;
      return handle;
    }
    Result<T> await_resume() { return std::move(*handle.promise().result); }
  };
  Awaiter operator co_await() && noexcept {
    TP_CHECK(handle_);
    return Awaiter{handle_};
  }

  explicit operator bool() const noexcept { return static_cast<bool>(handle_); }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace tp::rt

namespace tp {
using rt::Task;
}
