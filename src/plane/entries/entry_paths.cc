#include "plane/entries/entry_paths.h"

#include <algorithm>

namespace tp::plane {

InodeId EntryPaths::id_of(VolumeId volume, const Path& path) const {
  Bytes text;
  text.reserve(sizeof(uint64_t) + 1 + path.text.size());
  append_be(text, volume.value);
  text.push_back(path.directory ? 'd' : 'f');
  text.append(path.text);
  return InodeId(std::max(sip_hash(key_, text) & ~kEntryBit, kFirstCookie) | kEntryBit);
}

InodeId EntryPaths::remember(VolumeId volume, Path path) {
  const InodeId id = id_of(volume, path);
  const std::lock_guard lock(mutex_);
  if (const auto found = by_id_.find(id.value); found != by_id_.end()) {
    known_.splice(known_.begin(), known_, found->second);
    return id;
  }
  known_.push_front({id, volume, std::move(path)});
  by_id_[id.value] = known_.begin();
  bytes_ += weight(known_.front());
  while (bytes_ > kMaxBytes && known_.size() > 1) {
    bytes_ -= weight(known_.back());
    by_id_.erase(known_.back().id.value);
    known_.pop_back();
  }
  return id;
}

std::optional<EntryPaths::Path> EntryPaths::find(VolumeId volume, InodeId id) {
  const std::lock_guard lock(mutex_);
  const auto found = by_id_.find(id.value);
  if (found == by_id_.end() || found->second->volume != volume) return std::nullopt;
  known_.splice(known_.begin(), known_, found->second);
  return found->second->path;
}

}  // namespace tp::plane
