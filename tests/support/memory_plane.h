// MemoryPlane: a whole plane over a disk and an engine in memory, to be closed, crashed and opened again, with faults
// where a test wants them. Background work is off: tests step it. Owner: a test.
#pragma once

#include <memory>

#include "backend/memory/memory_engine.h"
#include "backend/memory/memory_file_system.h"
#include "plane/care/janitor.h"
#include "plane/core/plane_impl.h"
#include "rt/digest/digest_service.h"

namespace tp::test {

class MemoryPlane {
 public:
  struct Options {
    unsigned loops = 1;
    uint64_t segment_bytes = 64 << 20;
    uint64_t capacity_bytes = 1ull << 40;
    size_t upload_buffers_per_loop = 16;
    size_t object_cache_bytes = 8 << 20;
    bool digest_service = false;
  };

  MemoryPlane() : MemoryPlane(Options()) {}
  explicit MemoryPlane(Options options)
      : options_(options),
        runtime_({.loops = options.loops, .blocking_threads = 2}),
        files_(std::make_unique<memory::MemoryFileSystem>(options.capacity_bytes)),
        engine_(std::make_unique<memory::MemoryEngine>()) {
    if (options.digest_service) digests_ = std::make_unique<rt::DigestService>();
  }
  MemoryPlane(const MemoryPlane&) = delete;
  MemoryPlane& operator=(const MemoryPlane&) = delete;
  ~MemoryPlane() {
    close();
    if (digests_) digests_->stop();
  }

  /// On what the disk and the engine hold.
  Result<void> open() {
    TP_TRY(meta_, meta::MetaStore::open({.engine = engine_.get(), .runtime = &runtime_}));
    blob::BlobStore::Options blob_options;
    blob_options.files = files_.get();
    blob_options.runtime = &runtime_;
    blob_options.start_number = meta_->start_number();
    blob_options.segment_bytes = options_.segment_bytes;
    blob_options.upload_buffers_per_loop = options_.upload_buffers_per_loop;
    blob_options.min_free_bytes = 0;
    TP_TRY(blobs_, runtime_.block_on(blob::BlobStore::open(std::move(blob_options))));
    plane::Plane::Options plane_options;
    plane_options.meta = meta_.get();
    plane_options.blobs = blobs_.get();
    plane_options.runtime = &runtime_;
    plane_options.digests = digests_.get();
    plane_options.root_access_key = "root";
    plane_options.root_secret_key = "secret";
    plane_options.object_cache_bytes = options_.object_cache_bytes;
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
  }

  /// As if the machine had lost power now. Readers and writers are gone; then open() again.
  void crash(uint64_t seed) {
    files_->crash(seed);
    close();
    files_->set_plan({});
    engine_->crash();
  }

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
  memory::MemoryFileSystem& files() { return *files_; }
  memory::MemoryEngine& engine() { return *engine_; }
  meta::MetaStore& meta() { return *meta_; }
  blob::BlobStore& blobs() { return *blobs_; }
  rt::Runtime& runtime() { return runtime_; }

 private:
  Options options_;
  rt::Runtime runtime_;
  std::unique_ptr<memory::MemoryFileSystem> files_;
  std::unique_ptr<memory::MemoryEngine> engine_;
  std::unique_ptr<rt::DigestService> digests_;
  std::unique_ptr<meta::MetaStore> meta_;
  std::unique_ptr<blob::BlobStore> blobs_;
  std::unique_ptr<plane::PlaneImpl> plane_;
};

}  // namespace tp::test
