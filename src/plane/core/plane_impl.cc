#include "plane/core/plane_impl.h"

#include "plane/care/janitor.h"

namespace tp::plane {

Task<std::unique_ptr<Plane>> Plane::open(Options options) {
  auto plane = std::make_unique<PlaneImpl>(std::move(options));
  TP_CO_TRY_VOID(co_await plane->start());
  co_return std::unique_ptr<Plane>(std::move(plane));
}

PlaneImpl::PlaneImpl(Options options) : core_(std::move(options)), janitor_(std::make_unique<Janitor>(core_)) {}

PlaneImpl::~PlaneImpl() = default;

Task<void> PlaneImpl::start() {
  TP_CO_TRY_VOID(co_await core_.volumes.load(core_.meta));
  TP_CO_TRY_VOID(co_await core_.users.load());
  if (core_.options.background) janitor_->start();
  co_return ok;
}

Task<void> PlaneImpl::stop() {
  TP_CO_TRY_VOID(co_await janitor_->stop());
  co_return co_await core_.join_clean_ups();
}

PlaneStats PlaneImpl::stats() const {
  PlaneStats stats;
  stats.cache_hits = core_.cache.hits();
  stats.cache_misses = core_.cache.misses();
  stats.cache_bytes = core_.cache.bytes();
  stats.blobs_waiting_to_be_freed = core_.dead_blobs.waiting();
  stats.blobs_compacted = core_.blobs_compacted.load();
  stats.scrubbed_blobs = core_.scrubbed_blobs.load();
  stats.scrub_errors = core_.scrub_errors.load();
  stats.snapshots_being_freed = core_.volumes.marked().size();
  stats.snapshots = core_.volumes.snapshot_count() - stats.snapshots_being_freed;
  stats.clones_being_freed = core_.clones_being_freed.load();
  stats.history_records_freed = core_.history_freed.load();
  return stats;
}

}  // namespace tp::plane
