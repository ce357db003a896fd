#include "front/nfs/mount/mount_list.h"

#include <algorithm>
#include <utility>

namespace tp::nfs {

void MountList::add(MountEntry entry) {
  const std::lock_guard lock(mutex_);
  if (std::find(entries_.begin(), entries_.end(), entry) != entries_.end()) return;
  if (entries_.size() == kMaxEntries) entries_.pop_front();
  entries_.push_back(std::move(entry));
}

void MountList::remove(const MountEntry& entry) {
  const std::lock_guard lock(mutex_);
  std::erase(entries_, entry);
}

void MountList::remove_host(const std::string& host) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const MountEntry& entry) { return entry.host == host; });
}

std::vector<MountEntry> MountList::entries() const {
  const std::lock_guard lock(mutex_);
  return {entries_.begin(), entries_.end()};
}

}  // namespace tp::nfs
