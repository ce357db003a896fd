#include "plane/state/directory_cache.h"

namespace tp::plane {

Bytes DirectoryCache::key_of(InodeId parent, BytesView name) {
  Bytes key;
  key.reserve(sizeof(uint64_t) + name.size());
  append_be(key, parent.value);
  key.append(name);
  return key;
}

std::optional<InodeId> DirectoryCache::find(InodeId parent, BytesView name) const {
  auto found = entries_.find(key_of(parent, name));
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

void DirectoryCache::put(InodeId parent, BytesView name, InodeId directory) {
  // Forgetting is always right, so the bound needs no finer rule.
  if (entries_.size() >= limit_) entries_.clear();
  entries_.insert_or_assign(key_of(parent, name), directory);
}

void DirectoryCache::erase(InodeId parent, BytesView name) { entries_.erase(key_of(parent, name)); }

}  // namespace tp::plane
