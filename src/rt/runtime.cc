#include "rt/runtime.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <future>

namespace tp::rt {

namespace {

// A loop that wakes up does not push aside what runs on its core: events gather meanwhile, and a turn handles more of
// them. Without the right to ask for it the loop runs as any thread does. docs/decisions/0004-batch-scheduling.md
void schedule_in_batches(pthread_t thread) {
  const sched_param none{};
  [[maybe_unused]] const int refused = pthread_setschedparam(thread, SCHED_BATCH, &none);
}

}  // namespace

Runtime::Runtime(Options options) : options_(options) {
  const unsigned count = options_.loops != 0 ? options_.loops : std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>(i, *options_.clock));
  pool_ = std::make_unique<BlockingPool>(options_.blocking_threads, options_.blocking_queue_limit);
  for (unsigned i = 0; i < count; ++i) {
    threads_.emplace_back([loop = loops_[i].get()] { loop->run(); });
    const std::string name = "loop-" + std::to_string(i);
    pthread_setname_np(threads_.back().native_handle(), name.c_str());
    schedule_in_batches(threads_.back().native_handle());
  }
}

Runtime::~Runtime() {
  pool_.reset();
  for (auto& loop : loops_) loop->stop();
  for (auto& thread : threads_) thread.join();
}

namespace {

// Starts a task inside a loop and sets a promise when the task and its group are done.
struct RootWork : Work {
  Task<void> task;
  TaskGroup group;
  std::promise<void> done;
};

Task<void> run_and_signal(Task<void> task, std::promise<void>* done) {
  [[maybe_unused]] const Result<void> dropped = co_await std::move(task);
  done->set_value();
  co_return ok;
}

}  // namespace

void Runtime::run_root(Task<void> task, unsigned index) {
  TP_CHECK(Loop::current_or_null() == nullptr);
  // The group's destructor wants the task's frame gone, which is so only after done: a second trip settles it.
  RootWork work;
  work.task = std::move(task);
  work.run = [](Work* self) {
    auto* root = static_cast<RootWork*>(self);
    root->group.spawn(run_and_signal(std::move(root->task), &root->done));
  };
  auto finished = work.done.get_future();
  loops_[index]->post(&work);
  finished.wait();
  struct FenceWork : Work {
    std::promise<void> done;
  } fence;
  fence.run = [](Work* self) { static_cast<FenceWork*>(self)->done.set_value(); };
  auto settled = fence.done.get_future();
  loops_[index]->post(&fence);
  settled.wait();
}

}  // namespace tp::rt
