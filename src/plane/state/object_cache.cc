#include "plane/state/object_cache.h"

#include <functional>

namespace tp::plane {
namespace {

size_t memory_of(const meta::HeaderList& list) {
  size_t bytes = 0;
  for (const auto& [name, value] : list) bytes += sizeof(name) * 2 + name.size() + value.size();
  return bytes;
}

}  // namespace

size_t CachedObject::memory_bytes() const {
  const meta::InodeRecord& record = info.record;
  size_t bytes = sizeof(CachedObject) + 2 * record.name.size() + record.etag.size() + record.owner.size();
  bytes += memory_of(record.headers) + memory_of(record.user_metadata) + memory_of(record.tags);
  bytes += record.access.size() * sizeof(meta::Grant) + record.parts.size() * sizeof(meta::ObjectPart);
  bytes += small_record.capacity();
  for (const LocatedExtent& located : extents)
    bytes += sizeof(located) + located.blob.checksums.size() * sizeof(uint32_t);
  return bytes;
}

ObjectCache::ObjectCache(size_t limit_bytes) : shard_limit_bytes_(limit_bytes / kShards) {}

uint64_t ObjectCache::hash_of(const Key& key) {
  uint64_t hash = std::hash<BytesView>()(key.key);
  return hash ^ (key.volume.value * 0x9e3779b97f4a7c15ULL) ^ (key.generation * 0xbf58476d1ce4e5b9ULL);
}

auto ObjectCache::locate(Shard& shard, uint64_t hash, const Key& key)
    -> std::unordered_multimap<uint64_t, Clock::iterator>::iterator {
  auto [begin, end] = shard.by_hash.equal_range(hash);
  for (auto at = begin; at != end; ++at) {
    const Entry& entry = *at->second;
    if (entry.volume == key.volume && entry.generation == key.generation && entry.key == key.key) return at;
  }
  return shard.by_hash.end();
}

CachedObjectPtr ObjectCache::find(const Key& key) {
  uint64_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  std::lock_guard lock(shard.mutex);
  auto found = locate(shard, hash, key);
  if (found == shard.by_hash.end()) {
    misses_.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  hits_.fetch_add(1, std::memory_order_relaxed);
  found->second->used = true;
  return found->second->object;
}

ObjectCache::Ticket ObjectCache::ticket(const Key& key) const {
  const Shard& shard = shard_of(hash_of(key));
  std::lock_guard lock(shard.mutex);
  return shard.changes;
}

void ObjectCache::insert(const Key& key, Ticket ticket, CachedObjectPtr object) {
  // What the entry costs besides the object: list and map nodes and the key.
  size_t charge = object->memory_bytes() + sizeof(Entry) + 96 + key.key.size();
  if (charge > shard_limit_bytes_ / 8) return;
  uint64_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  std::lock_guard lock(shard.mutex);
  if (shard.changes != ticket) return;
  if (auto found = locate(shard, hash, key); found != shard.by_hash.end()) drop(shard, found);
  while (shard.bytes + charge > shard_limit_bytes_ && !shard.clock.empty()) evict_one(shard);
  // Just behind the hand: the last to be looked at.
  Entry fresh{key.volume, key.generation, Bytes(key.key), std::move(object), charge};
  auto entry = shard.clock.insert(shard.hand, std::move(fresh));
  shard.by_hash.emplace(hash, entry);
  shard.bytes += charge;
  bytes_.fetch_add(charge, std::memory_order_relaxed);
}

void ObjectCache::outdate(const Key& key) {
  uint64_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  std::lock_guard lock(shard.mutex);
  ++shard.changes;
  if (auto found = locate(shard, hash, key); found != shard.by_hash.end()) drop(shard, found);
}

void ObjectCache::drop(Shard& shard, std::unordered_multimap<uint64_t, Clock::iterator>::iterator found) {
  auto entry = found->second;
  if (shard.hand == entry) ++shard.hand;
  shard.bytes -= entry->charge;
  bytes_.fetch_sub(entry->charge, std::memory_order_relaxed);
  shard.by_hash.erase(found);
  shard.clock.erase(entry);
}

void ObjectCache::evict_one(Shard& shard) {
  while (true) {
    if (shard.hand == shard.clock.end()) shard.hand = shard.clock.begin();
    if (!shard.hand->used) break;
    shard.hand->used = false;
    ++shard.hand;
  }
  const Entry& entry = *shard.hand;
  Key key{entry.volume, entry.generation, entry.key};
  drop(shard, locate(shard, hash_of(key), key));
}

}  // namespace tp::plane
