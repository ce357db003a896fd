#include "plane/state/dead_blobs.h"

#include <algorithm>
#include <utility>

namespace tp::plane {

ReadGuard::ReadGuard(DeadBlobs& dead_blobs) { dead_blobs.enter(*this); }

ReadGuard::ReadGuard(ReadGuard&& other) noexcept {
  if (other.owner_ != nullptr) other.owner_->replace(other, *this);
}

ReadGuard::~ReadGuard() {
  if (owner_ != nullptr) owner_->leave(*this);
}

DeadBlobs::DeadBlobs(blob::BlobStore& blobs, unsigned loop_count) : blobs_(blobs) {
  for (unsigned i = 0; i < loop_count; ++i) loops_.push_back(std::make_unique<LoopGuards>());
}

void DeadBlobs::enter(ReadGuard& guard) {
  guard.owner_ = this;
  guard.loop_ = rt::Loop::current().index();
  LoopGuards& guards = *loops_[guard.loop_];
  guard.epoch_ = epoch_.load();
  guard.previous_ = guards.last;
  if (guards.last != nullptr) {
    guards.last->next_ = &guard;
  } else {
    guards.first = &guard;
    // Sequentially consistent: visible before anything this reader looks up.
    guards.oldest.store(guard.epoch_);
  }
  guards.last = &guard;
}

void DeadBlobs::leave(ReadGuard& guard) {
  LoopGuards& guards = *loops_[guard.loop_];
  TP_CHECK(rt::Loop::current().index() == guard.loop_);
  (guard.next_ != nullptr ? guard.next_->previous_ : guards.last) = guard.previous_;
  if (guard.previous_ != nullptr) {
    guard.previous_->next_ = guard.next_;
    return;
  }
  guards.first = guard.next_;
  guards.oldest.store(guards.first != nullptr ? guards.first->epoch_ : UINT64_MAX);
}

void DeadBlobs::replace(ReadGuard& guard, ReadGuard& by) {
  LoopGuards& guards = *loops_[guard.loop_];
  by.owner_ = std::exchange(guard.owner_, nullptr);
  by.epoch_ = guard.epoch_;
  by.loop_ = guard.loop_;
  by.previous_ = guard.previous_;
  by.next_ = guard.next_;
  (by.previous_ != nullptr ? by.previous_->next_ : guards.first) = &by;
  (by.next_ != nullptr ? by.next_->previous_ : guards.last) = &by;
}

void DeadBlobs::retire(std::vector<blob::BlobRecord> blobs) {
  if (blobs.empty()) return;
  std::lock_guard lock(mutex_);
  waiting_ += blobs.size();
  // A guard made after this has a greater epoch, and its lookups see that the blobs are gone.
  retired_.push_back(Retired{epoch_.fetch_add(1), std::move(blobs)});
}

uint64_t DeadBlobs::oldest_guard() const {
  uint64_t oldest = UINT64_MAX;
  for (const auto& guards : loops_) oldest = std::min(oldest, guards->oldest.load());
  return oldest;
}

std::vector<std::pair<uint64_t, uint64_t>> DeadBlobs::waiting_in(uint8_t tier, SegmentId segment) const {
  std::vector<std::pair<uint64_t, uint64_t>> runs;
  std::lock_guard lock(mutex_);
  for (const Retired& retired : retired_) {
    for (const blob::BlobRecord& blob : retired.blobs) {
      if (blob.tier == tier && blob.segment == segment) runs.emplace_back(blob.offset, blob::taken_bytes(blob));
    }
  }
  return runs;
}

Task<uint64_t> DeadBlobs::collect() {
  uint64_t freed = 0;
  while (true) {
    std::vector<blob::BlobRecord> batch;
    {
      std::lock_guard lock(mutex_);
      if (retired_.empty() || retired_.front().epoch >= oldest_guard()) break;
      batch = std::move(retired_.front().blobs);
      retired_.pop_front();
    }
    for (const blob::BlobRecord& blob : batch) {
      // A failure leaves dead space behind, which the next start reclaims.
      if (auto result = co_await blobs_.free(blob); result) ++freed;
      --waiting_;
    }
  }
  co_return freed;
}

}  // namespace tp::plane
