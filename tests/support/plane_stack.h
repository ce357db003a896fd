// PlaneStack: a whole plane over some disk and some engine, to be closed, crashed and opened again. Background work is
// off: tests step it. What stands below is a derived class's, which calls close() before it goes. Owner: a test.
#pragma once

#include <memory>

#include "plane/care/janitor.h"
#include "blob/tiered_store.h"
#include "plane/core/plane_impl.h"
#include "rt/digest/digest_service.h"
#include "support/memory_tier.h"

namespace tp::test {

struct PlaneStackOptions {
  unsigned loops = 1;
  uint64_t segment_bytes = 64 << 20;
  uint64_t capacity_bytes = 1ull << 40;  // of a disk in memory
  size_t upload_buffers_per_loop = 16;
  size_t object_cache_bytes = 8 << 20;
  size_t file_write_bytes = 256 << 20;
  bool digest_service = false;
  std::map<uint8_t, MemoryTierDisk*> tiers = {};  // beside the hot one
  std::vector<plane::StorageClass> storage_classes = {};
  rt::Clock* clock = nullptr;  // null: the system's
};

class PlaneStack {
 public:
  explicit PlaneStack(PlaneStackOptions options)
      : options_(options), runtime_(runtime_options(options)) {
    if (options.digest_service) digests_ = std::make_unique<rt::DigestService>();
  }
  PlaneStack(const PlaneStack&) = delete;
  PlaneStack& operator=(const PlaneStack&) = delete;
  virtual ~PlaneStack() {
    if (digests_) digests_->stop();
  }

  /// On what the disk and the engine hold.
  Result<void> open() {
    TP_TRY_VOID(open_backends());
    TP_TRY(meta_, meta::MetaStore::open({.engine = &key_values(), .runtime = &runtime_}));
    blob::BlobStore::Options blob_options;
    blob_options.files = &disk();
    blob_options.runtime = &runtime_;
    blob_options.start_number = meta_->start_number();
    blob_options.segment_bytes = options_.segment_bytes;
    blob_options.upload_buffers_per_loop = options_.upload_buffers_per_loop;
    blob_options.min_free_bytes = 0;
    TP_TRY(blobs_, runtime_.block_on(blob::BlobStore::open(std::move(blob_options))));
    if (!options_.tiers.empty()) {
      std::map<uint8_t, std::unique_ptr<blob::Tier>> tiers;
      for (const auto& [number, tier_disk] : options_.tiers) tiers[number] = std::make_unique<MemoryTier>(*tier_disk);
      blobs_ = std::make_unique<blob::TieredStore>(std::move(blobs_), std::move(tiers), 4 << 20);
    }
    plane::Plane::Options plane_options;
    plane_options.meta = meta_.get();
    plane_options.blobs = blobs_.get();
    plane_options.runtime = &runtime_;
    plane_options.digests = digests_.get();
    plane_options.root_access_key = "root";
    plane_options.root_secret_key = "secret";
    plane_options.object_cache_bytes = options_.object_cache_bytes;
    plane_options.file_write_bytes = options_.file_write_bytes;
    plane_options.storage_classes = options_.storage_classes;
    plane_options.background = false;
    TP_TRY(auto opened, runtime_.block_on(plane::Plane::open(std::move(plane_options))));
    plane_.reset(static_cast<plane::PlaneImpl*>(opened.release()));
    return ok;
  }

  /// In good order. Whatever it says on a broken disk is ignored.
  void close() {
    if (plane_) (void)runtime_.block_on(plane_->stop());
    plane_.reset();
    if (blobs_) (void)runtime_.block_on(blobs_->stop());
    blobs_.reset();
    meta_.reset();
    close_backends();
  }

  /// As if the machine had lost power now. Readers and writers are gone; then open() again.
  virtual void crash(uint64_t seed) = 0;

  /// Frees what is dead and reclaims what earlier starts left.
  Result<void> tidy_up() {
    TP_TRY_VOID(run(plane_->janitor().reclaim_earlier_segments()));
    TP_TRY_VOID(run(plane_->core().dead_blobs.collect()));
    return ok;
  }

  template <class T>
  Result<T> run(Task<T> task, unsigned loop = 0) {
    return runtime_.block_on(std::move(task), loop);
  }

  plane::PlaneImpl& plane() { return *plane_; }
  bool is_open() const { return plane_ != nullptr; }
  meta::MetaStore& meta() { return *meta_; }
  blob::BlobStore& blobs() { return *blobs_; }
  rt::Runtime& runtime() { return runtime_; }

 protected:
  virtual Result<void> open_backends() { return ok; }
  virtual void close_backends() {}
  virtual kv::KvEngine& key_values() = 0;
  virtual io::FileSystem& disk() = 0;

 private:
  static rt::Runtime::Options runtime_options(const PlaneStackOptions& options) {
    rt::Runtime::Options runtime{.loops = options.loops, .blocking_threads = 2};
    if (options.clock != nullptr) runtime.clock = options.clock;
    return runtime;
  }

  PlaneStackOptions options_;
  rt::Runtime runtime_;
  std::unique_ptr<rt::DigestService> digests_;
  std::unique_ptr<meta::MetaStore> meta_;
  std::unique_ptr<blob::BlobStore> blobs_;
  std::unique_ptr<plane::PlaneImpl> plane_;
};

}  // namespace tp::test
