#include "rt/task_group.h"

#include <exception>

namespace tp::rt {

// A coroutine that starts at once and frees itself at its end: the root of every spawned task.
struct TaskGroup::Root {
  struct promise_type {
    Root get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

TaskGroup::Root TaskGroup::run(TaskGroup* group, Task<void> task) {
  {
    Task<void> owned = std::move(task);
    [[maybe_unused]] const Result<void> dropped = co_await std::move(owned);
  }
  group->finished();
}

void TaskGroup::spawn(Task<void> task) {
  ++running_;
  run(this, std::move(task));
}

void TaskGroup::finished() {
  if (--running_ > 0 || !joiner_) return;
  // Through the loop, so that the last task's frame is gone before the joiner (who may free the group) runs.
  resume_joiner_.handle = std::exchange(joiner_, {});
  Loop::current().defer(&resume_joiner_);
}

}  // namespace tp::rt
