#include "plane/state/directory_cache.h"

namespace tp::plane {

Bytes DirectoryCache::key_of(FileId parent, BytesView name) {
  Bytes key;
  key.reserve(2 * sizeof(uint64_t) + name.size());
  append_be(key, parent.volume.value);
  append_be(key, parent.inode.value);
  key.append(name);
  return key;
}

std::optional<InodeId> DirectoryCache::find(FileId parent, BytesView name) const {
  auto found = entries_.find(key_of(parent, name));
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

void DirectoryCache::put(FileId parent, BytesView name, InodeId directory) {
  // Forgetting is always right, so the bound needs no finer rule.
  if (entries_.size() >= limit_) entries_.clear();
  entries_.insert_or_assign(key_of(parent, name), directory);
}

void DirectoryCache::erase(FileId parent, BytesView name) { entries_.erase(key_of(parent, name)); }

}  // namespace tp::plane
