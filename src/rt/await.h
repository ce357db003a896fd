// The small awaitables: yield to other work, sleep, move to another loop.
#pragma once

#include <coroutine>

#include "rt/loop.h"
#include "rt/task.h"

namespace tp::rt {

/// `co_await yield();` lets everything else that is ready run first.
struct YieldAwaiter {
  ResumeWork work;
  bool await_ready() noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    work.handle = handle;
    Loop::current().defer(&work);
  }
  void await_resume() noexcept {}
};
inline YieldAwaiter yield() { return {}; }

/// `co_await resume_on(loop);` continues on the other loop's thread. Everything the frame holds moves with it.
struct ResumeOnAwaiter {
  Loop& target;
  ResumeWork work;
  bool await_ready() noexcept { return Loop::current_or_null() == &target; }
  void await_suspend(std::coroutine_handle<> handle) {
    work.handle = handle;
    target.post(&work);
  }
  void await_resume() noexcept {}
};
inline ResumeOnAwaiter resume_on(Loop& target) { return {target, {}}; }

/// `co_await sleep_for(duration);` on the current loop.
struct SleepAwaiter {
  struct ResumeTimer : Timer {
    std::coroutine_handle<> handle;
  };
  Nanos duration;
  ResumeTimer timer;
  bool await_ready() noexcept { return duration <= 0; }
  void await_suspend(std::coroutine_handle<> handle) {
    timer.handle = handle;
    timer.run = [](Work* self) { static_cast<ResumeTimer*>(self)->handle.resume(); };
    Loop& loop = Loop::current();
    loop.arm(timer, loop.clock().now() + duration);
  }
  void await_resume() noexcept {}
};
inline SleepAwaiter sleep_for(Nanos duration) { return {duration, {}}; }

}  // namespace tp::rt
