// FrameCache: decoded bytes of other tiers' blobs in bounded memory, by blob and frame, so that small reads near each
// other decode a frame once. The longest unused goes. Any thread.
#pragma once

#include <list>
#include <mutex>
#include <unordered_map>

#include "base/ids.h"
#include "io/send_region.h"

namespace tp::blob {

class FrameCache {
 public:
  explicit FrameCache(uint64_t limit_bytes) : limit_bytes_(limit_bytes) {}
  FrameCache(const FrameCache&) = delete;
  FrameCache& operator=(const FrameCache&) = delete;

  /// The whole frame; an empty region if it is not there.
  io::SendRegion find(BlobId blob, uint32_t frame);
  /// `region`: the whole frame.
  void insert(BlobId blob, uint32_t frame, io::SendRegion region);
  uint64_t bytes() const;

 private:
  struct Entry {
    uint64_t key;
    BlobId blob;
    uint32_t frame;
    io::SendRegion region;
  };
  static uint64_t key_of(BlobId blob, uint32_t frame) { return blob.value * 0x9e3779b97f4a7c15ULL + frame; }

  const uint64_t limit_bytes_;
  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the latest first
  std::unordered_map<uint64_t, std::list<Entry>::iterator> by_key_;
  uint64_t bytes_ = 0;
};

}  // namespace tp::blob
