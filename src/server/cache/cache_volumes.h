// CacheVolumes: the cache volumes of a store: opens the engine of each, warm, when the store is opened; makes, changes
// and removes engines as the plane says; shows their entries to the tree's protocols. A volume whose engine cannot be
// opened is reported and answers kUnavailable; the others serve. Owner: Store. Any loop once open() is done.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cache/token_cache.h"
#include "io/file_system.h"
#include "plane/entries/entry_source.h"
#include "plane/plane.h"
#include "rt/runtime.h"
#include "server/cache/entry_view.h"

namespace tp::server {

class CacheVolumes final : public plane::EntrySource {
 public:
  CacheVolumes(rt::Runtime& runtime, io::FileSystem& files) : runtime_(runtime), files_(files) {}

  /// Opens the engines of all cache volumes that the plane knows, and removes those of volumes that are gone.
  Task<void> open(plane::Plane& plane);
  /// Writes out what is whole. Nobody uses the volumes any more.
  Task<void> close();

  // EntrySource.
  Result<std::string> settings(const std::string& wanted, const std::string& present) const override;
  Task<void> created(plane::VolumePtr volume) override;
  Task<void> changed(plane::VolumePtr volume) override;
  Task<void> removed(plane::VolumePtr volume) override;
  Task<plane::SourcePage> list(plane::VolumePtr volume, plane::ListQuery query) override;
  Task<bool> any(plane::VolumePtr volume, Bytes prefix) override;
  Task<plane::SourceEntry> find(plane::VolumePtr volume, Bytes key) override;
  Task<plane::Payload> read(plane::VolumePtr volume, plane::SourceEntry entry) override;

  cache::TokenCache& cache() { return *cache_; }
  /// kUnavailable, saying why.
  Result<std::shared_ptr<cache::CacheVolume>> engine(std::string_view name) const;
  /// Grows when a volume comes, goes or changes.
  uint64_t generation() const { return generation_.load(std::memory_order_relaxed); }

 private:
  Task<void> open_engine(plane::VolumePtr volume);
  Result<ViewedVolume> viewed(const meta::VolumeRecord& volume) const;

  rt::Runtime& runtime_;
  io::FileSystem& files_;
  plane::Plane* plane_ = nullptr;
  std::unique_ptr<cache::TokenCache> cache_;
  EntryView view_;
  std::atomic<uint64_t> generation_{1};
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> troubles_;  // by volume: why its engine is not open
};

}  // namespace tp::server
