// BlockingPool: threads for calls that block (RocksDB misses, fallocate, DNS). A coroutine awaits run(fn) and resumes
// on its home loop. The queue is bounded: beyond the limit run() fails with kBusy.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "rt/completion.h"
#include "rt/task.h"

namespace tp::rt {

class BlockingPool {
 public:
  BlockingPool(unsigned threads, size_t queue_limit);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// Runs `call` (returning Result<T>) on a pool thread; the caller resumes on the loop it came from.
  template <class Call>
  auto run(Call call) -> Task<typename std::invoke_result_t<Call&>::value_type> {
    using T = typename std::invoke_result_t<Call&>::value_type;
    Completion<T> done;
    CallJob<T, Call> job(call, done);
    if (!submit(&job)) co_return fail(Code::kBusy, "blocking pool queue is full");
    co_return co_await done;
  }

 private:
  struct Job {
    Job* next = nullptr;
    void (*run)(Job*) = nullptr;
  };
  template <class T, class Call>
  struct CallJob : Job {
    Call& call;
    Completion<T>& done;
    CallJob(Call& call_in, Completion<T>& done_in) : call(call_in), done(done_in) {
      this->run = [](Job* self) {
        auto* job = static_cast<CallJob*>(self);
        Completion<T>& completion = job->done;
        try {
          completion.complete(job->call());
        } catch (...) {
          completion.complete(std::unexpected(error_of_current_exception()));
        }
      };
    }
  };

  bool submit(Job* job);
  void work();

  std::mutex mutex_;
  std::condition_variable ready_;
  Job* head_ = nullptr;
  Job* tail_ = nullptr;
  size_t queued_ = 0;
  const size_t queue_limit_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tp::rt
