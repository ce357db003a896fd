#include "rt/threads/blocking_pool.h"

namespace tp::rt {

BlockingPool::BlockingPool(unsigned threads, size_t queue_limit) : queue_limit_(queue_limit) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

BlockingPool::~BlockingPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) thread.join();
}

bool BlockingPool::submit(Job* job) {
  {
    const std::lock_guard lock(mutex_);
    if (queued_ >= queue_limit_ || stopping_) return false;
    job->next = nullptr;
    if (tail_ != nullptr) {
      tail_->next = job;
    } else {
      head_ = job;
    }
    tail_ = job;
    ++queued_;
  }
  ready_.notify_one();
  return true;
}

void BlockingPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ready_.wait(lock, [this] { return head_ != nullptr || stopping_; });
    if (head_ == nullptr) return;
    Job* job = head_;
    head_ = job->next;
    if (head_ == nullptr) tail_ = nullptr;
    --queued_;
    lock.unlock();
    job->run(job);
    lock.lock();
  }
}

}  // namespace tp::rt
