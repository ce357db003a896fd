// TaskGroup: owns the tasks that were spawned into it, on one loop, and joins them. Nothing in the server is detached:
// whatever spawns holds a group and awaits join() before it goes.
#pragma once

#include <coroutine>

#include "rt/loop.h"
#include "rt/task.h"

namespace tp::rt {

class TaskGroup {
 public:
  TaskGroup() = default;
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;
  ~TaskGroup() { TP_CHECK(running_ == 0); }

  /// Starts `task` at once on the current loop; its result is dropped, so it handles its own errors.
  void spawn(Task<void> task);
  size_t running() const noexcept { return running_; }

  /// Resumes when nothing runs any more. One joiner at a time.
  struct JoinAwaiter {
    TaskGroup& group;
    bool await_ready() noexcept { return group.running_ == 0; }
    void await_suspend(std::coroutine_handle<> handle) noexcept { group.joiner_ = handle; }
    void await_resume() noexcept {}
  };
  JoinAwaiter join() noexcept { return {*this}; }

 private:
  struct Root;
  static Root run(TaskGroup* group, Task<void> task);
  void finished();

  size_t running_ = 0;
  std::coroutine_handle<> joiner_;
  ResumeWork resume_joiner_;
};

}  // namespace tp::rt
