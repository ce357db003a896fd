// ObjectCache: objects by path, with their small data or first extents, in bounded memory, safe from any thread.
// Invariant: never older than the last change acknowledged: a change outdates its key before its caller resumes, and a
// reader that looked before that cannot insert afterwards (it brings the ticket it drew before reading).
#pragma once

#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "blob/blob_record.h"
#include "plane/object_types.h"

namespace tp::plane {

struct LocatedExtent {
  meta::Extent extent;
  blob::BlobRecord blob;
};

/// An object as loaded. Immutable.
struct CachedObject {
  ObjectInfo info;
  Bytes small_record;                  // the stored value; `small` views into it
  BytesView small;
  std::vector<LocatedExtent> extents;  // the first ones
  bool has_bytes = false;              // small data or extents were loaded; else only the record
  bool has_all_extents = false;        // and nothing is missing of them
  uint64_t relocations = 0;            // Core::relocations when the extents were loaded
  size_t memory_bytes() const;
};
using CachedObjectPtr = std::shared_ptr<const CachedObject>;

class ObjectCache {
 public:
  explicit ObjectCache(size_t limit_bytes);

  struct Key {
    VolumeId volume;
    uint64_t generation = 0;
    BytesView key;
  };
  using Ticket = uint64_t;

  CachedObjectPtr find(const Key& key);
  /// Drawn before the object is read.
  Ticket ticket(const Key& key) const;
  void insert(const Key& key, Ticket ticket, CachedObjectPtr object);
  /// `key` has changed.
  void outdate(const Key& key);

  uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }
  uint64_t misses() const { return misses_.load(std::memory_order_relaxed); }
  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    VolumeId volume;
    uint64_t generation;
    Bytes key;
    CachedObjectPtr object;
    size_t charge;
    bool used = false;  // since the clock's hand last passed
  };
  using Clock = std::list<Entry>;
  static constexpr size_t kShards = 64;
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    Clock clock;
    Clock::iterator hand = clock.end();
    std::unordered_multimap<uint64_t, Clock::iterator> by_hash;
    size_t bytes = 0;
    Ticket changes = 0;
  };

  static uint64_t hash_of(const Key& key);
  Shard& shard_of(uint64_t hash) { return shards_[hash % kShards]; }
  const Shard& shard_of(uint64_t hash) const { return shards_[hash % kShards]; }
  static std::unordered_multimap<uint64_t, Clock::iterator>::iterator locate(Shard& shard, uint64_t hash,
                                                                             const Key& key);
  void drop(Shard& shard, std::unordered_multimap<uint64_t, Clock::iterator>::iterator found);
  void evict_one(Shard& shard);

  const size_t shard_limit_bytes_;
  std::array<Shard, kShards> shards_;
  std::atomic<uint64_t> hits_{0}, misses_{0}, bytes_{0};
};

}  // namespace tp::plane
