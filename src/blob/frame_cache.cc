#include "blob/frame_cache.h"

namespace tp::blob {

io::SendRegion FrameCache::find(BlobId blob, uint32_t frame) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key_of(blob, frame));
  if (found == by_key_.end() || found->second->blob != blob || found->second->frame != frame) return {};
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->region;
}

void FrameCache::insert(BlobId blob, uint32_t frame, io::SendRegion region) {
  const std::lock_guard lock(mutex_);
  if (region.bytes.size() > limit_bytes_) return;
  const uint64_t key = key_of(blob, frame);
  if (const auto old = by_key_.find(key); old != by_key_.end()) {
    bytes_ -= old->second->region.bytes.size();
    entries_.erase(old->second);
    by_key_.erase(old);
  }
  bytes_ += region.bytes.size();
  entries_.push_front({key, blob, frame, std::move(region)});
  by_key_[key] = entries_.begin();
  while (bytes_ > limit_bytes_) {
    bytes_ -= entries_.back().region.bytes.size();
    by_key_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

uint64_t FrameCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace tp::blob
