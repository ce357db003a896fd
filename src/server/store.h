// Store: the parts of one data directory, opened in order and closed in reverse: lock, key-value engine, shard, blob
// store, plane, cache volumes. `serve` runs fronts over it; commands on a stopped store open it themselves.
#pragma once

#include <memory>
#include <string>

#include "backend/local/directory_lock.h"
#include "backend/local/uring_file_system.h"
#include "blob/blob_store.h"
#include "meta/meta_store.h"
#include "plane/plane.h"
#include "rt/digest/digest_service.h"
#include "rt/runtime.h"
#include "server/cache/cache_volumes.h"
#include "server/config.h"
#include "server/tiers/open_tiers.h"

namespace tp::server {

class Store {
 public:
  struct Hooks {
    std::function<void(size_t, rt::Nanos)> on_group;  // of the committer
    bool background = true;                            // scrub, compaction
    bool cache = true;                                 // cache volumes are opened
  };

  /// Opens or makes the store in config.data_directory. kBusy if another process has it, with its process id.
  static Result<std::unique_ptr<Store>> open(const Config& config, Hooks hooks);
  /// Stops background work and closes everything. Not from a loop's thread.
  ~Store();

  rt::Runtime& runtime() { return *runtime_; }
  plane::Plane& plane() { return *plane_; }
  meta::MetaStore& meta() { return *meta_; }
  blob::BlobStore& blobs() { return *blobs_; }
  local::UringFileSystem& files() { return *files_; }
  OpenedTiers& tiers() { return tiers_; }
  /// Null where Hooks::cache is false.
  CacheVolumes* cache_volumes() { return cache_volumes_.get(); }

 private:
  Store() = default;
  Result<void> open_parts(const Config& config, Hooks hooks);

  std::unique_ptr<local::DirectoryLock> lock_;
  std::unique_ptr<rt::Runtime> runtime_;
  std::unique_ptr<rt::DigestService> digests_;
  std::unique_ptr<local::UringFileSystem> files_;
  std::unique_ptr<kv::KvEngine> engine_;
  std::unique_ptr<meta::MetaStore> meta_;
  std::unique_ptr<blob::BlobStore> blobs_;
  OpenedTiers tiers_;  // what is in them belongs to blobs_
  std::unique_ptr<CacheVolumes> cache_volumes_;
  std::unique_ptr<plane::Plane> plane_;
};

}  // namespace tp::server
