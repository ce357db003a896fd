// Work: one intrusive unit that a Loop runs. It lives in its owner (a coroutine frame, a timer), so posting allocates
// nothing; the owner keeps it alive until it has run.
#pragma once

#include <coroutine>

namespace tp::rt {

struct Work {
  Work* next = nullptr;
  void (*run)(Work*) = nullptr;
};

/// Work that resumes a coroutine.
struct ResumeWork : Work {
  std::coroutine_handle<> handle;
  ResumeWork() : ResumeWork(std::coroutine_handle<>()) {}
  explicit ResumeWork(std::coroutine_handle<> handle_in) : handle(handle_in) {
    run = [](Work* self) { static_cast<ResumeWork*>(self)->handle.resume(); };
  }
};

}  // namespace tp::rt
