// ObjectCache: objects by path, with their small data or first extents, in bounded memory, safe from any thread.
// Invariant: never older than the last change acknowledged: a change outdates its key before its caller resumes, and a
// reader that looked before that cannot insert afterwards (it brings the ticket it drew before reading).
#pragma once

#include <memory>
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
  ~ObjectCache();
  ObjectCache(const ObjectCache&) = delete;
  ObjectCache& operator=(const ObjectCache&) = delete;

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

  uint64_t hits() const;
  uint64_t misses() const;
  uint64_t bytes() const;

 private:
  struct Entry;
  struct Shard;
  static constexpr size_t kShards = 64;

  static uint64_t hash_of(const Key& key);
  // The lowest bits choose the shard, those above the bucket in it.
  Shard& shard_of(uint64_t hash) const;

  const size_t shard_limit_bytes_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace tp::plane
