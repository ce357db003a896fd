// MoveList: the files that the mover is to look at, in memory. Each has a record too (docs/formats/records.md, move),
// so what is kept here is bounded and may be forgotten. Safe from any thread.
#pragma once

#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "plane/file_types.h"

namespace tp::plane {

class MoveList {
 public:
  /// From after_commit().
  void add(FileId file) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < kMaxFiles) waiting_.insert({file.volume.value, file.inode.value});
  }
  std::vector<FileId> take(size_t most) {
    const std::lock_guard lock(mutex_);
    std::vector<FileId> files;
    while (!waiting_.empty() && files.size() < most) {
      files.push_back({VolumeId(waiting_.begin()->first), InodeId(waiting_.begin()->second)});
      waiting_.erase(waiting_.begin());
    }
    return files;
  }
  size_t size() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

 private:
  static constexpr size_t kMaxFiles = 65536;
  mutable std::mutex mutex_;
  std::set<std::pair<uint64_t, uint64_t>> waiting_;
};

}  // namespace tp::plane
