#include "server/store.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "backend/local/anonymous_memory.h"
#include "backend/rocksdb/rocks_engine.h"

namespace tp::server {

namespace {

uint64_t default_block_cache_bytes() {
  const auto pages = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES));
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) / 8;
}

Result<void> make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(Code::kIo, "cannot make " + path + ": " + error.message());
  return ok;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const Config& config, Hooks hooks) {
  std::unique_ptr<Store> store(new Store());
  TP_TRY_VOID(store->open_parts(config, std::move(hooks)));
  return store;
}

Result<void> Store::open_parts(const Config& config, Hooks hooks) {
  TP_TRY_VOID(make_directory(config.data_directory));
  TP_TRY(lock_, local::DirectoryLock::take(config.data_directory));
  runtime_ = std::make_unique<rt::Runtime>(rt::Runtime::Options{.loops = config.cores});
  digests_ = std::make_unique<rt::DigestService>(1);
  local::UringFileSystem::Options files;
  files.root = config.data_directory;
  files.runtime = runtime_.get();
  TP_TRY(files_, local::UringFileSystem::open(std::move(files)));

  rocks::RocksOptions rocks;
  rocks.path = config.data_directory + "/meta";
  rocks.block_cache_bytes = config.metadata_cache_bytes;
  TP_TRY(engine_, rocks::RocksEngine::open(std::move(rocks)));
  meta::MetaStore::Options meta;
  meta.engine = engine_.get();
  meta.runtime = runtime_.get();
  meta.on_group = std::move(hooks.on_group);
  TP_TRY(meta_, meta::MetaStore::open(std::move(meta)));

  blob::BlobStore::Options blobs;
  blobs.files = files_.get();
  blobs.runtime = runtime_.get();
  blobs.start_number = meta_->start_number();
  blobs.segment_bytes = config.segment_bytes;
  blobs.min_free_bytes = config.min_free_bytes;
  blobs.upload_buffers_per_loop =
      std::max<size_t>(4, config.upload_buffer_bytes / blob::kBufferBytes / runtime_->loop_count());
  const uint64_t cache = config.block_cache_bytes != 0 ? config.block_cache_bytes : default_block_cache_bytes();
  TP_TRY(blobs.cache_memory, local::AnonymousMemory::make(cache));
  TP_TRY(blobs_, runtime_->block_on(blob::BlobStore::open(std::move(blobs))));
  TP_TRY_VOID(open_tiers(config, *runtime_, *meta_, &blobs_, &tiers_));

  plane::Plane::Options plane;
  plane.meta = meta_.get();
  plane.blobs = blobs_.get();
  plane.runtime = runtime_.get();
  plane.digests = digests_.get();
  plane.root_access_key = config.root_access_key;
  plane.root_secret_key = config.root_secret_key;
  plane.object_cache_bytes = config.object_cache_bytes;
  plane.file_write_bytes = config.nfs_write_buffer_bytes;
  plane.file_networks = config.nfs_networks;
  plane.scrub_bytes_per_second = config.scrub_bytes_per_second;
  plane.storage_classes = tiers_.classes;
  plane.move_bytes_per_second = config.move_bytes_per_second;
  plane.background = hooks.background;
  if (hooks.cache) cache_volumes_ = std::make_unique<CacheVolumes>(*runtime_, *files_);
  plane.entries = cache_volumes_.get();
  TP_TRY(plane_, runtime_->block_on(plane::Plane::open(std::move(plane))));
  if (cache_volumes_) TP_TRY_VOID(runtime_->block_on(cache_volumes_->open(*plane_)));
  return ok;
}

Store::~Store() {
  // A failure to stop cleanly leaves nothing to do here: everything acknowledged is on disk already.
  if (cache_volumes_) {
    const auto closed = runtime_->block_on(cache_volumes_->close());
    if (!closed) spdlog::error("cache volumes not closed cleanly error=\"{}\"", closed.error().message);
  }
  // Archives first: a move that waits for a provider which does not answer would keep the plane waiting.
  for (const OpenedTier& tier : tiers_.tiers) {
    if (!plane_ || tier.kind != "archive") continue;
    [[maybe_unused]] const auto stopped = runtime_->block_on(tier.tier->stop());
  }
  if (plane_) [[maybe_unused]] const auto stopped = runtime_->block_on(plane_->stop());
  if (blobs_) [[maybe_unused]] const auto stopped = runtime_->block_on(blobs_->stop());
  plane_.reset();
  cache_volumes_.reset();
  meta_.reset();
  blobs_.reset();
  engine_.reset();
  files_.reset();
  digests_.reset();
  runtime_.reset();
}

}  // namespace tp::server
