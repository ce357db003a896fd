// Core: what every operation of the plane works with, made once by PlaneImpl::open and alive until stop(). Operations,
// readers and writers hold a reference to it.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "blob/blob_store.h"
#include "meta/meta_store.h"
#include "plane/content/open_files.h"
#include "plane/rights/ip_range.h"
#include "plane/state/dead_blobs.h"
#include "plane/state/directory_cache.h"
#include "plane/state/object_cache.h"
#include "plane/state/pin_table.h"
#include "plane/state/user_table.h"
#include "plane/state/volume_table.h"
#include "plane/tiers/move_list.h"
#include "plane/upkeep/access_notes.h"
#include "plane/plane.h"

namespace tp::plane {

struct Core {
  explicit Core(Plane::Options options_in);

  const Plane::Options options;
  meta::MetaStore& meta;
  blob::BlobStore& blobs;
  rt::Runtime& runtime;
  rt::DigestService* digests;  // null: hash in place
  const std::vector<IpRange> file_networks;  // Options::file_networks
  VolumeTable volumes;
  UserTable users;
  ObjectCache cache;
  DeadBlobs dead_blobs;
  DirectoryCache directories;  // shard thread only
  PinTable pins;
  OpenFiles open_files;
  const StorageClasses classes;
  MoveList moves;
  AccessNotes accesses;
  std::atomic<uint64_t> moved_blobs{0}, moved_bytes{0};  // between tiers
  std::atomic<bool> tiers_reclaimed{false};  // of what earlier starts left
  /// Counts blobs moved by compaction: cached blob records of an older count are read again.
  std::atomic<uint64_t> relocations{0};
  std::atomic<uint64_t> blobs_compacted{0}, scrubbed_blobs{0}, scrub_errors{0};
  std::atomic<uint64_t> history_freed{0}, clones_being_freed{0};

  /// Runs `body(meta::Txn&) -> Result<R>` as one transaction. Every change of the namespace goes through here.
  template <class Body>
  auto change(Body body) {
    return meta.transact(std::move(body));
  }

  /// Runs `body(meta::ReadView&) -> Result<R>` on the records of this volume, snapshot or clone: MetaStore::read.
  template <class Body>
  auto read(const VolumeEntry& volume, Body body) {
    return meta.read(std::move(body), volume.layer);
  }

  /// Finishes what a destroyed reader or writer left under way (prefetches, blobs to free): joined by stop().
  void clean_up(Task<void> task);
  Task<void> join_clean_ups();

 private:
  std::vector<std::unique_ptr<rt::TaskGroup>> clean_ups_;  // one a loop
};

}  // namespace tp::plane
