#include "plane/content/rewrite_list.h"

#include "plane/core/namespace.h"

namespace tp::plane {

bool RewriteList::wants(const meta::InodeRecord& record) const {
  if (record.type != meta::InodeType::kFile || record.place != meta::DataPlace::kExtents) return false;
  const uint64_t slack = slack_bytes.load(std::memory_order_relaxed);
  return record.blob_bytes > slack && (record.blob_bytes - slack) / kFactor > counted_bytes(record);
}

void RewriteList::add(FileId file) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() < kMaxFiles && !failed_.contains(file)) waiting_.insert(file);
}

std::optional<FileId> RewriteList::take() {
  const std::lock_guard lock(mutex_);
  for (auto at = waiting_.begin(); at != waiting_.end(); ++at) {
    if (taken_.contains(*at)) continue;
    const FileId file = *at;
    waiting_.erase(at);
    taken_.insert(file);
    return file;
  }
  return std::nullopt;
}

void RewriteList::done(FileId file, bool failed) {
  const std::lock_guard lock(mutex_);
  taken_.erase(file);
  if (!failed) return;
  waiting_.erase(file);
  if (failed_.size() < kMaxFiles) failed_.insert(file);
}

void RewriteList::retry() {
  const std::lock_guard lock(mutex_);
  failed_.clear();
}

}  // namespace tp::plane
