// BatchWorker: one thread that takes everything queued at once and handles it together: what arrives while it is busy
// forms the next batch. The group committer is one. Invariant: items are handled in the order of submission, each once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tp::rt {

class BatchWorker {
 public:
  /// Lives in its submitter; the handler owns it from the moment it gets it.
  struct Item {
    Item* next = nullptr;
  };
  /// Gets a list linked by `next`, oldest first, never empty.
  using Handler = std::move_only_function<void(Item* first)>;
  struct Limits {
    size_t queue = 65536;
    size_t batch = 1024;
  };

  BatchWorker(const std::string& name, Limits limits, Handler handler);
  /// Handles what is queued, then joins the thread.
  ~BatchWorker();
  BatchWorker(const BatchWorker&) = delete;
  BatchWorker& operator=(const BatchWorker&) = delete;

  /// Any thread. False if the queue is full or the worker is going away.
  bool submit(Item* item);
  /// Submitted and not yet handed to the handler.
  size_t queued() const;

 private:
  void work();
  Item* take_batch();

  const Limits limits_;
  Handler handler_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  Item* head_ = nullptr;
  Item** tail_ = &head_;
  size_t queued_ = 0;
  bool waiting_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace tp::rt
