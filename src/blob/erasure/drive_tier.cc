#include "blob/erasure/drive_tier.h"

#include <algorithm>

#include "base/check.h"
#include "blob/blob_checksum.h"
#include "blob/hot/segment.h"
#include "rt/await.h"

namespace tp::blob {

namespace {

constexpr size_t kMaxHandles = 1024;
constexpr unsigned kSegmentCounterBits = 24;
constexpr uint64_t kPunchSlackBytes = 1 << 20;  // space that a reclaim does not bother to look for
constexpr uint64_t kMinSegmentBytes = 1 << 20;
constexpr uint64_t kMaxOffset = 1ull << 48;

std::string name_of(const BlobRecord& blob) {
  return "blob " + std::to_string(blob.id.value) + " at " + std::to_string(blob.offset) + " of segment " +
         std::to_string(blob.segment.value);
}

/// Bytes of each piece, padded.
uint64_t piece_of(uint64_t stored_bytes, unsigned data_pieces) {
  return padded_length((stored_bytes + data_pieces - 1) / data_pieces);
}

}  // namespace

Task<std::unique_ptr<ErasureTier>> open_erasure_tier(ErasureOptions options) {
  TP_CHECK(options.runtime != nullptr && options.open_directory);
  const unsigned pieces = options.data_pieces + options.parity_pieces;
  if (options.data_pieces == 0 || options.data_pieces > kMaxPieces || options.parity_pieces > kMaxPieces ||
      pieces > kMaxPieces) {
    co_return fail(Code::kInvalidArgument,
                   "data and parity pieces: at least one and at most " + std::to_string(kMaxPieces) + " together");
  }
  if (options.directories.empty()) co_return fail(Code::kInvalidArgument, "a tier over drives has no directory");
  if (options.start_number == 0 || options.start_number >> kSegmentCounterBits != 0) {
    co_return fail(Code::kInvalidArgument, "tier: start number out of range");
  }
  options.segment_bytes = std::max(options.segment_bytes, kMinSegmentBytes);
  auto tier = std::make_unique<DriveTier>(std::move(options));
  TP_CO_TRY_VOID(co_await tier->load());
  co_return std::unique_ptr<ErasureTier>(std::move(tier));
}

DriveTier::DriveTier(ErasureOptions options) : options_(std::move(options)) {}
DriveTier::~DriveTier() = default;

void DriveTier::report(const std::string& text) const {
  if (options_.report) options_.report(text);
}

Result<void> DriveTier::check_running() const {
  if (stopped_.load()) return fail(Code::kUnavailable, "the tier is stopped");
  return ok;
}

std::shared_ptr<const ErasureCode> DriveTier::code_of(unsigned data, unsigned parity) {
  const std::lock_guard lock(drives_mutex_);
  auto& code = codes_[{data, parity}];
  if (code == nullptr) code = std::make_shared<const ErasureCode>(data, parity);
  return code;
}

StripePtr DriveTier::find(SegmentId id) const {
  const std::shared_lock lock(segments_mutex_);
  const auto found = segments_.find(id);
  return found == segments_.end() ? nullptr : found->second;
}
std::vector<StripePtr> DriveTier::all_segments() const {
  const std::shared_lock lock(segments_mutex_);
  std::vector<StripePtr> all;
  all.reserve(segments_.size());
  for (const auto& [id, segment] : segments_) all.push_back(segment);
  return all;
}
std::vector<DrivePtr> DriveTier::all_drives() const {
  const std::lock_guard lock(drives_mutex_);
  return drives_;
}

Task<DriveTier::FilePtr> DriveTier::file_of(ShardPtr shard) {
  shard->last_used.store(rt::Loop::current().turn_time(), std::memory_order_relaxed);
  if (auto open = shard->handle()) co_return open;
  if (!shard->drive->present()) co_return fail(Code::kUnavailable, shard->drive->directory + " is not there");
  TP_CO_TRY(FilePtr opened,
            co_await shard->drive->files().open(shard->path, io::OpenMode::kReadWrite, io::Caching::kDirect));
  auto [file, is_new] = shard->install(std::move(opened));
  if (is_new && open_handles_.fetch_add(1) >= kMaxHandles) close_idle_handle();
  co_return file;
}

void DriveTier::close_idle_handle() {
  ShardPtr oldest;
  for (const StripePtr& segment : all_segments()) {
    if (!segment->sealed.load()) continue;
    for (const ShardPtr& shard : segment->shards()) {
      if (shard == nullptr || shard->handle() == nullptr) continue;
      if (oldest == nullptr || shard->last_used.load() < oldest->last_used.load()) oldest = shard;
    }
  }
  if (oldest != nullptr && oldest->drop_handle()) open_handles_.fetch_sub(1);
}

// A record comes from the metadata on disk: believed no further than this.
Result<DriveTier::Place> DriveTier::place_of(const BlobRecord& blob) const {
  const bool framed = blob.encoding == Encoding::kFrames;
  if (!framed && blob.encoding != Encoding::kRaw) {
    return fail(Code::kNotImplemented, name_of(blob) + ": unknown encoding");
  }
  const bool good = blob.length_bytes > 0 && blob.length_bytes <= kMaxBlobBytes &&
                    blob.checksums.size() == unit_count(blob.length_bytes) && blob.offset >= kShardHeaderBytes &&
                    blob.offset % io::kDirectAlignment == 0 && blob.offset < kMaxOffset &&
                    (!framed || frames_are_sound(blob));
  if (!good) return fail(Code::kCorruption, name_of(blob) + ": the record is not sound");
  Place place;
  place.segment = find(blob.segment);
  if (place.segment == nullptr) {
    // It may be on drives that are not there now.
    const bool all_there = std::ranges::all_of(all_drives(), [](const DrivePtr& drive) {
      return drive->present() || drive->state.load() == DriveState::kRemoved;
    });
    return fail(all_there ? Code::kCorruption : Code::kUnavailable, name_of(blob) + ": the segment is missing");
  }
  const ErasureCode& code = *place.segment->code;
  if (blob.piece_checksums.size() != (code.parity() == 0 ? 0 : place.segment->pieces())) {
    return fail(Code::kCorruption, name_of(blob) + ": the record has the wrong number of pieces");
  }
  place.piece_bytes = piece_of(blob.stored_bytes(), code.data());
  return place;
}

Task<void> DriveTier::punch(ShardPtr shard, std::vector<Run> runs) {
  TP_CO_TRY(FilePtr file, co_await file_of(shard));
  for (const auto& [offset, size] : runs) {
    TP_CO_TRY_VOID(co_await file->punch_hole(offset, size));
    shard->sub_disk(size);
  }
  co_return ok;
}

Task<void> DriveTier::free(const BlobRecord& blob) {
  TP_CO_TRY_VOID(check_running());
  auto place = place_of(blob);
  // What lies on drives that are not there is found dead when they are, by reclaim().
  if (!place && place.error().code == Code::kUnavailable) co_return ok;
  if (!place) co_return std::unexpected(std::move(place.error()));
  const StripePtr segment = place->segment;
  const Run run{blob.offset, place->piece_bytes};
  segment->sub_live(run.second);
  Result<void> result = ok;
  if (segment->live_bytes() != 0 || !segment->sealed.load() || !segment->counted.load()) {
    std::vector<Task<void>> tasks;
    const std::vector<Run> runs{run};
    for (const ShardPtr& shard : segment->shards_to_punch(run)) {
      if (shard != nullptr && shard->drive->readable()) tasks.push_back(punch(shard, runs));
    }
    TP_CO_TRY(const auto punched, co_await run_all(std::move(tasks)));
    for (const auto& one : punched) {
      if (!one && result) result = std::unexpected(disk_error(one.error(), name_of(blob)));
    }
  }
  TP_CO_TRY_VOID(co_await remove_if_dead(segment));
  co_return result;
}

Task<void> DriveTier::remove_if_dead(StripePtr segment) {
  if (!segment->take_dead()) co_return ok;
  {
    const std::unique_lock lock(segments_mutex_);
    segments_.erase(segment->id);
  }
  std::vector<Task<void>> tasks;
  for (const ShardPtr& shard : segment->shards()) {
    if (shard != nullptr) tasks.push_back(remove_shard(shard));
  }
  TP_CO_TRY(const auto removed, co_await run_all(std::move(tasks)));
  for (const auto& one : removed) {
    // It comes back with the next start, and is reclaimed then.
    if (!one) report("a dead shard stays: " + one.error().to_string());
  }
  co_return ok;
}

Task<void> DriveTier::remove_shard(ShardPtr shard) {
  if (shard->drop_handle()) open_handles_.fetch_sub(1);
  if (!shard->drive->present()) co_return ok;
  auto removed = co_await shard->drive->files().remove(shard->path);
  if (!removed && removed.error().code != Code::kNotFound) {
    co_return std::unexpected(std::move(removed.error()).with_context(shard->drive->directory + "/" + shard->path));
  }
  co_return ok;
}

Task<void> DriveTier::reclaim_shard(ShardPtr shard, const std::vector<Run>& gaps, uint64_t live) {
  TP_CO_TRY(FilePtr file, co_await file_of(shard));
  const auto allocated = file->allocated_size();
  if (!allocated || *allocated > kShardHeaderBytes + live + kPunchSlackBytes) {
    TP_CO_TRY_VOID(co_await punch(shard, gaps));
  }
  if (auto now = file->allocated_size()) shard->disk_bytes.store(*now);
  co_return ok;
}

Task<void> DriveTier::reclaim(SegmentId id, std::vector<std::pair<uint64_t, uint64_t>> live) {
  TP_CO_TRY_VOID(check_running());
  StripePtr segment = find(id);
  if (segment == nullptr || !segment->from_earlier_start) co_return ok;
  std::vector<Run> gaps;
  uint64_t end = kShardHeaderBytes, live_bytes = 0;
  for (const auto& [offset, stored] : live) {
    const uint64_t piece = piece_of(stored, segment->code->data());
    if (offset < end || offset % io::kDirectAlignment != 0 || offset > kMaxOffset || stored > kMaxBlobBytes) {
      co_return fail(Code::kCorruption, "segment " + std::to_string(id.value) + ": records of blobs overlap");
    }
    if (offset > end) gaps.emplace_back(end, offset - end);
    end = offset + piece;
    live_bytes += piece;
  }
  const uint64_t size = padded_length(segment->size_bytes.load());
  if (size > end) gaps.emplace_back(end, size - end);
  if (!gaps.empty() && live_bytes > 0) {
    std::vector<Task<void>> tasks;
    for (const ShardPtr& shard : segment->shards()) {
      if (shard != nullptr && shard->drive->readable()) tasks.push_back(reclaim_shard(shard, gaps, live_bytes));
    }
    TP_CO_TRY(const auto reclaimed, co_await run_all(std::move(tasks)));
    for (const auto& one : reclaimed) {
      if (!one) report("space of dead blobs is not freed: " + one.error().to_string());
    }
  }
  segment->set_live(live_bytes);
  segment->counted.store(true);
  co_return co_await remove_if_dead(segment);
}

bool DriveTier::wants_moving(SegmentId id) {
  const StripePtr segment = find(id);
  if (segment == nullptr || !segment->sealed.load() || !segment->counted.load()) return false;
  return segment->live_bytes() < (segment->size_bytes.load() - kShardHeaderBytes) / 4;
}

Task<std::vector<SegmentInfo>> DriveTier::segments() {
  std::vector<SegmentInfo> infos;
  for (const StripePtr& segment : all_segments()) {
    const uint64_t data = segment->code->data();
    infos.push_back({segment->id, (segment->size_bytes.load() - kShardHeaderBytes) * data, segment->live_bytes() * data,
                     segment->sealed.load(), segment->from_earlier_start});
  }
  co_return infos;
}

TierStats DriveTier::stats() const {
  TierStats stats;
  for (const StripePtr& segment : all_segments()) {
    ++stats.segments;
    stats.live_bytes += segment->live_bytes() * segment->code->data();
    for (const ShardPtr& shard : segment->shards()) {
      if (shard != nullptr) stats.disk_bytes += shard->disk_bytes.load();
    }
  }
  stats.bytes_written = counters_.bytes_written;
  stats.bytes_read = counters_.bytes_read;
  stats.reads = counters_.reads;
  stats.writes = counters_.writes;
  stats.checksum_failures = counters_.checksum_failures;
  stats.degraded_reads = counters_.degraded_reads;
  stats.retries = counters_.retries;
  return stats;
}

Task<void> DriveTier::stop() {
  stopped_.store(true);
  rt::Loop& caller = rt::Loop::current();
  if (home_ != nullptr) {
    co_await rt::resume_on(*home_);
    co_await mending_.join();
    co_await rt::resume_on(caller);
  }
  const auto guard = co_await appending_.lock();  // a batch under way ends first
  if (open_ != nullptr) open_->sealed.store(true);
  open_ = nullptr;
  co_return ok;
}

}  // namespace tp::blob
