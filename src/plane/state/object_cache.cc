#include "plane/state/object_cache.h"

#include <cstring>
#include <functional>
#include <mutex>
#include <new>
#include <utility>

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

/// One allocation with its key behind it: a lookup touches a bucket, this, and the object.
struct ObjectCache::Entry {
  Entry* chain = nullptr;                    // in the bucket
  Entry* before = nullptr;                   // on the clock's ring
  Entry* after = nullptr;
  uint64_t hash = 0;
  VolumeId volume;
  uint64_t generation = 0;
  CachedObjectPtr object;
  size_t charge = 0;
  uint32_t key_size = 0;
  bool used = false;                         // since the clock's hand last passed

  static Entry* make(uint64_t hash, const Key& key, CachedObjectPtr object, size_t charge) {
    auto* entry = new (::operator new(sizeof(Entry) + key.key.size())) Entry();
    entry->hash = hash;
    entry->volume = key.volume;
    entry->generation = key.generation;
    entry->object = std::move(object);
    entry->charge = charge;
    entry->key_size = static_cast<uint32_t>(key.key.size());
    std::memcpy(reinterpret_cast<char*>(entry + 1), key.key.data(), key.key.size());
    return entry;
  }
  static void destroy(Entry* entry) {
    entry->~Entry();
    ::operator delete(entry);
  }
  BytesView key() const { return {reinterpret_cast<const char*>(this + 1), key_size}; }
  bool is(uint64_t wanted_hash, const Key& wanted) const {
    return hash == wanted_hash && volume == wanted.volume && generation == wanted.generation && key() == wanted.key;
  }
};

struct alignas(64) ObjectCache::Shard {
  std::mutex mutex;
  std::vector<Entry*> buckets = std::vector<Entry*>(16);
  Entry* hand = nullptr;                     // on the ring; null: the ring is empty
  size_t entries = 0;
  size_t bytes = 0;
  Ticket changes = 0;
  uint64_t hits = 0, misses = 0;

  Entry*& bucket(uint64_t hash) { return buckets[(hash / kShards) & (buckets.size() - 1)]; }

  Entry* locate(uint64_t hash, const Key& key) {
    for (Entry* entry = bucket(hash); entry != nullptr; entry = entry->chain) {
      if (entry->is(hash, key)) return entry;
    }
    return nullptr;
  }

  void add(Entry* entry) {
    if (entries >= buckets.size()) grow();
    entry->chain = std::exchange(bucket(entry->hash), entry);
    // Just behind the hand: the last to be looked at.
    if (hand == nullptr) hand = entry->before = entry->after = entry;
    entry->after = hand;
    entry->before = hand->before;
    entry->before->after = entry;
    hand->before = entry;
    ++entries;
    bytes += entry->charge;
  }

  void drop(Entry* entry) {
    Entry** link = &bucket(entry->hash);
    while (*link != entry) link = &(*link)->chain;
    *link = entry->chain;
    if (hand == entry) hand = entry->after == entry ? nullptr : entry->after;
    entry->before->after = entry->after;
    entry->after->before = entry->before;
    --entries;
    bytes -= entry->charge;
    Entry::destroy(entry);
  }

  void evict_one() {
    while (hand->used) {
      hand->used = false;
      hand = hand->after;
    }
    drop(hand);
  }

  void grow() {
    std::vector<Entry*> old(buckets.size() * 2);
    old.swap(buckets);
    for (Entry* entry : old) {
      while (entry != nullptr) {
        Entry* next = entry->chain;
        entry->chain = std::exchange(bucket(entry->hash), entry);
        entry = next;
      }
    }
  }
};

ObjectCache::ObjectCache(size_t limit_bytes)
    : shard_limit_bytes_(limit_bytes / kShards), shards_(std::make_unique<Shard[]>(kShards)) {}

ObjectCache::~ObjectCache() {
  for (size_t i = 0; i < kShards; ++i) {
    while (shards_[i].hand != nullptr) shards_[i].drop(shards_[i].hand);
  }
}

ObjectCache::Shard& ObjectCache::shard_of(uint64_t hash) const { return shards_[hash % kShards]; }

uint64_t ObjectCache::hash_of(const Key& key) {
  uint64_t hash = std::hash<BytesView>()(key.key);
  return hash ^ (key.volume.value * 0x9e3779b97f4a7c15ULL) ^ (key.generation * 0xbf58476d1ce4e5b9ULL);
}

CachedObjectPtr ObjectCache::find(const Key& key) {
  uint64_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  std::lock_guard lock(shard.mutex);
  Entry* entry = shard.locate(hash, key);
  if (entry == nullptr) {
    ++shard.misses;
    return nullptr;
  }
  ++shard.hits;
  entry->used = true;
  return entry->object;
}

ObjectCache::Ticket ObjectCache::ticket(const Key& key) const {
  Shard& shard = shard_of(hash_of(key));
  std::lock_guard lock(shard.mutex);
  return shard.changes;
}

void ObjectCache::insert(const Key& key, Ticket ticket, CachedObjectPtr object) {
  size_t charge = object->memory_bytes() + sizeof(Entry) + sizeof(Entry*) + key.key.size();
  if (charge > shard_limit_bytes_ / 8) return;
  uint64_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  std::lock_guard lock(shard.mutex);
  if (shard.changes != ticket) return;
  if (Entry* old = shard.locate(hash, key); old != nullptr) shard.drop(old);
  while (shard.bytes + charge > shard_limit_bytes_ && shard.hand != nullptr) shard.evict_one();
  shard.add(Entry::make(hash, key, std::move(object), charge));
}

void ObjectCache::outdate(const Key& key) {
  uint64_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  std::lock_guard lock(shard.mutex);
  ++shard.changes;
  if (Entry* entry = shard.locate(hash, key); entry != nullptr) shard.drop(entry);
}

namespace {

/// What `field` is over all shards, each taken under its lock.
template <class Shard, class Field>
uint64_t sum_of(Shard* shards, size_t count, Field Shard::*field) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; ++i) {
    std::lock_guard lock(shards[i].mutex);
    sum += shards[i].*field;
  }
  return sum;
}

}  // namespace

uint64_t ObjectCache::hits() const { return sum_of(shards_.get(), kShards, &Shard::hits); }
uint64_t ObjectCache::misses() const { return sum_of(shards_.get(), kShards, &Shard::misses); }
uint64_t ObjectCache::bytes() const { return sum_of(shards_.get(), kShards, &Shard::bytes); }

}  // namespace tp::plane
