// DeadBlobs: blobs whose last reference is gone wait here until nobody can still be reading them. A reader holds a
// ReadGuard from before it looks an object up; a blob retired at epoch E is freed once every live guard is younger than
// E. Order that makes this safe: a reader registers, then looks up; a writer commits, outdates the caches, then
// retires.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "blob/blob_store.h"

namespace tp::plane {

class DeadBlobs;

/// Keeps the blobs that were live when it was made. Belongs to one loop.
class ReadGuard {
 public:
  ReadGuard() = default;
  explicit ReadGuard(DeadBlobs& dead_blobs);
  ReadGuard(ReadGuard&& other) noexcept;  // takes over its epoch
  ReadGuard& operator=(ReadGuard&&) = delete;
  ~ReadGuard();

 private:
  friend class DeadBlobs;
  DeadBlobs* owner_ = nullptr;
  uint64_t epoch_ = 0;
  unsigned loop_ = 0;
  ReadGuard* previous_ = nullptr;
  ReadGuard* next_ = nullptr;
};

class DeadBlobs {
 public:
  DeadBlobs(blob::BlobStore& blobs, unsigned loop_count);

  /// Any thread; after the change is durable and the caches are outdated.
  void retire(std::vector<blob::BlobRecord> blobs);
  /// Frees all that no guard keeps. One call at a time. Returns how many blobs were freed.
  Task<uint64_t> collect();
  uint64_t waiting() const { return waiting_.load(std::memory_order_relaxed); }
  /// Offset and length (blob::taken_bytes) of what waits to be freed in a segment. Not while collect() runs.
  std::vector<std::pair<uint64_t, uint64_t>> waiting_in(uint8_t tier, SegmentId segment) const;

 private:
  friend class ReadGuard;
  struct alignas(64) LoopGuards {
    std::atomic<uint64_t> oldest{UINT64_MAX};
    ReadGuard* first = nullptr;  // in order of registration, so also of epoch; loop thread only
    ReadGuard* last = nullptr;
  };
  struct Retired {
    uint64_t epoch;
    std::vector<blob::BlobRecord> blobs;
  };

  void enter(ReadGuard& guard);
  void leave(ReadGuard& guard);
  void replace(ReadGuard& guard, ReadGuard& by);
  uint64_t oldest_guard() const;

  blob::BlobStore& blobs_;
  std::atomic<uint64_t> epoch_{1};
  std::vector<std::unique_ptr<LoopGuards>> loops_;
  mutable std::mutex mutex_;
  std::deque<Retired> retired_;  // by epoch
  std::atomic<uint64_t> waiting_{0};
};

}  // namespace tp::plane
