#include "rt/threads/batch_worker.h"

#include <pthread.h>

#include <utility>

namespace tp::rt {

BatchWorker::BatchWorker(const std::string& name, Limits limits, Handler handler)
    : limits_(limits), handler_(std::move(handler)), thread_([this] { work(); }) {
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

BatchWorker::~BatchWorker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_one();
  thread_.join();
}

bool BatchWorker::submit(Item* item) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queued_ >= limits_.queue) return false;
    item->next = nullptr;
    *tail_ = item;
    tail_ = &item->next;
    ++queued_;
    wake = std::exchange(waiting_, false);
  }
  if (wake) ready_.notify_one();
  return true;
}

size_t BatchWorker::queued() const {
  const std::lock_guard lock(mutex_);
  return queued_;
}

// Called with the lock held and the queue not empty.
BatchWorker::Item* BatchWorker::take_batch() {
  Item* first = head_;
  Item* last = first;
  size_t taken = 1;
  for (; taken < limits_.batch && last->next != nullptr; ++taken) last = last->next;
  head_ = last->next;
  last->next = nullptr;
  if (head_ == nullptr) tail_ = &head_;
  queued_ -= taken;
  return first;
}

void BatchWorker::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (head_ == nullptr && !stopping_) {
      waiting_ = true;
      ready_.wait(lock);
    }
    waiting_ = false;
    if (head_ == nullptr) return;
    Item* batch = take_batch();
    lock.unlock();
    handler_(batch);
    lock.lock();
  }
}

}  // namespace tp::rt
