// Mending: shards that are missing, or on drives that are to go, are made on other drives, those of the segments that
// have least left first. A new shard is filled and synced before its header is written and synced, and only then takes
// its place; a crash leaves a file with a blank header, which the next start removes.
#include <algorithm>
#include <tuple>

#include "blob/erasure/drive_tier.h"
#include "blob/hot/segment.h"
#include "rt/await.h"

namespace tp::blob {

namespace {
constexpr uint64_t kCopyBytes = 1 << 20;
}  // namespace

struct DriveTier::Job {
  StripePtr segment;
  unsigned slot = 0;
  unsigned left = 0;  // shards of the segment that can be read
};

Task<void> DriveTier::mend() {
  TP_CO_TRY_VOID(check_running());
  co_return co_await start_mending();
}

Task<void> DriveTier::start_mending() {
  rt::Loop& caller = rt::Loop::current();
  co_await rt::resume_on(*home_);
  mend_again_ = true;
  bool start = false;
  {
    const std::lock_guard lock(mend_mutex_);
    start = !stopped_.load() && !std::exchange(mend_running_, !stopped_.load());
  }
  if (start) mending_.spawn(run_mending());
  co_await rt::resume_on(caller);
  co_return ok;
}

Task<void> DriveTier::wait_mended() {
  rt::Loop& caller = rt::Loop::current();
  co_await rt::resume_on(*home_);
  bool running = false;
  {
    const std::lock_guard lock(mend_mutex_);
    running = mend_running_;
  }
  if (running) {
    rt::Completion<void> done;
    mend_waiters_.push_back(&done);
    [[maybe_unused]] const auto woken = co_await done;
  }
  co_await rt::resume_on(caller);
  const std::lock_guard lock(mend_mutex_);
  co_return mend_result_;
}

Task<void> DriveTier::run_mending() {
  co_await rt::yield();  // so that whoever started it goes on first
  Result<void> result = ok;
  {
    const std::lock_guard lock(mend_mutex_);
    mend_done_ = mend_total_ = 0;
  }
  do {
    uint64_t made = 0;
    // What one pass could not do, the next may, as long as there is progress: space that is free now, drives added.
    do {
      mend_again_ = false;
      made = 0;
      result = co_await mend_pass(&made);
    } while (!stopped_.load() && (mend_again_ || made > 0));
    if (stopped_.load()) break;
    auto removed = co_await remove_drained();
    if (!removed && result) result = std::move(removed);
  } while (mend_again_ && !stopped_.load());
  {
    const std::lock_guard lock(mend_mutex_);
    mend_running_ = false;
    mend_result_ = result;
  }
  for (auto* waiter : std::exchange(mend_waiters_, {})) waiter->complete_here(Result<void>());
  co_return ok;
}

std::vector<DriveTier::Job> DriveTier::find_jobs() const {
  std::vector<Job> jobs;
  for (const StripePtr& segment : all_segments()) {
    const auto shards = segment->shards();
    const unsigned left = segment->readable();
    for (unsigned slot = 0; slot < shards.size(); ++slot) {
      if (shards[slot] == nullptr || !shards[slot]->drive->takes_new()) jobs.push_back({segment, slot, left});
    }
  }
  std::ranges::sort(jobs, {}, [](const Job& job) { return std::tuple(job.left, job.segment->id, job.slot); });
  return jobs;
}

Task<void> DriveTier::mend_pass(uint64_t* made) {
  {
    // The open segment ends here if a shard of it is to be made again: only what is sealed can be copied.
    const auto guard = co_await appending_.lock();
    const auto jobs = find_jobs();
    if (open_ != nullptr && std::ranges::find(jobs, open_, &Job::segment) != jobs.end()) {
      TP_CO_TRY_VOID(co_await seal_open());
    }
  }
  const auto jobs = find_jobs();
  {
    const std::lock_guard lock(mend_mutex_);
    mend_total_ = mend_done_ + jobs.size();
  }
  Result<void> result = ok;
  for (const Job& job : jobs) {
    if (stopped_.load()) co_return fail(Code::kCancelled, "the tier is stopped");
    auto mended = co_await mend_shard(job);
    if (mended) {
      ++*made;
      const std::lock_guard lock(mend_mutex_);
      ++mend_done_;
    } else if (result) {
      result = std::move(mended);
    }
  }
  co_return result;
}

/// A drive that has no shard of the segment, the emptiest.
Result<DrivePtr> DriveTier::target_for(const StripeSegment& segment) const {
  const uint64_t needed = options_.min_free_bytes + segment.size_bytes.load();
  const auto shards = segment.shards();
  DrivePtr best;
  uint64_t best_free = 0;
  for (const DrivePtr& drive : all_drives()) {
    const bool has_one = std::ranges::any_of(
        shards, [&drive](const ShardPtr& shard) { return shard != nullptr && shard->drive == drive; });
    if (has_one || !drive->takes_new()) continue;
    const auto space = drive->files().space();
    if (!space || space->free_bytes < needed || (best != nullptr && space->free_bytes <= best_free)) continue;
    best = drive;
    best_free = space->free_bytes;
  }
  if (best != nullptr) return best;
  return fail(Code::kNoSpace,
              "segment " + std::to_string(segment.id.value) + ": no drive has room for a shard of it and none yet");
}

Task<void> DriveTier::mend_shard(Job job) {
  const StripePtr segment = job.segment;
  const ShardPtr now = segment->shard(job.slot);
  if ((now != nullptr && now->drive->takes_new()) || find(segment->id) != segment || !segment->sealed.load()) {
    co_return ok;
  }
  TP_CO_TRY(const DrivePtr target, target_for(*segment));
  if (!segment->begin_copy()) co_return ok;
  auto made = co_await copy_shard(segment, job.slot, target);
  auto [replaced, freed] = segment->end_copy(job.slot, made ? *made : nullptr);
  if (made && !freed.empty()) {
    auto punched = co_await punch(*made, std::move(freed));
    if (!punched) report("space of dead blobs is not freed: " + punched.error().to_string());
  }
  if (replaced != nullptr) {
    auto removed = co_await remove_shard(std::move(replaced));
    if (!removed) report("a shard that has moved stays: " + removed.error().to_string());
  }
  TP_CO_TRY_VOID(co_await remove_if_dead(segment));
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return ok;
}

Task<ShardPtr> DriveTier::copy_shard(StripePtr segment, unsigned slot, DrivePtr target) {
  const ShardName name{segment->id, static_cast<uint8_t>(slot)};
  auto opened = co_await target->files().open(shard_path(name), io::OpenMode::kCreate, io::Caching::kDirect);
  if (!opened && opened.error().code == Code::kAlreadyExists) {
    // A copy that failed before.
    TP_CO_TRY_VOID(co_await target->files().remove(shard_path(name)));
    opened = co_await target->files().open(shard_path(name), io::OpenMode::kCreate, io::Caching::kDirect);
  }
  if (!opened) co_return std::unexpected(disk_error(std::move(opened.error()), target->directory));
  const FilePtr file = std::move(*opened);
  auto shard = std::make_shared<Shard>(target, name);
  TP_CO_TRY(const AlignedBytes memory, AlignedBytes::make(kCopyBytes));
  const uint64_t end = padded_length(segment->size_bytes.load());
  uint64_t stored = kShardHeaderBytes;
  for (uint64_t offset = kShardHeaderBytes; offset < end; offset += kCopyBytes) {
    if (stopped_.load()) co_return fail(Code::kCancelled, "the tier is stopped");
    const MutableBytes part = memory.span().first(std::min(kCopyBytes, end - offset));
    TP_CO_TRY_VOID(co_await read_for_copy(segment, slot, offset, part));
    const BytesView bytes(part.data(), part.size());
    // Holes stay holes, but for the last part: the file must be as long as the others.
    if (offset + part.size() < end && bytes.find_first_not_of('\0') == BytesView::npos) continue;
    auto written = co_await file->write_at(offset, bytes);
    if (!written) co_return std::unexpected(disk_error(std::move(written.error()), target->directory));
    stored += part.size();
    counters_.mended_bytes.fetch_add(part.size(), std::memory_order_relaxed);
  }
  TP_CO_TRY_VOID(co_await file->sync());
  ShardHeader header;
  header.segment = segment->id;
  header.slot = name.slot;
  header.data_pieces = static_cast<uint8_t>(segment->code->data());
  header.parity_pieces = static_cast<uint8_t>(segment->code->parity());
  header.tier = options_.tier;
  header.store_id = options_.store_id;
  header.drive_id = target->id;
  const MutableBytes block = memory.span().first(kShardHeaderBytes);
  encode_shard_header(header, block);
  TP_CO_TRY_VOID(co_await file->write_at(0, BytesView(block.data(), block.size())));
  TP_CO_TRY_VOID(co_await file->sync());
  TP_CO_TRY_VOID(co_await target->files().sync_directory(kShardDirectory));
  shard->disk_bytes.store(stored);
  shard->install(file);
  open_handles_.fetch_add(1);
  co_return shard;
}

// Off the drive that is to go, if that is sound; else from the others. Past the end of a file that a hole has
// shortened, or that was written without this shard, there is nothing.
Task<void> DriveTier::read_for_copy(StripePtr segment, unsigned slot, uint64_t offset, MutableBytes out) {
  const ShardPtr shard = segment->shard(slot);
  const bool redundant = segment->code->parity() > 0;
  const bool direct = shard != nullptr && shard->drive->readable() &&
                      (!redundant || shard->drive->state.load() == DriveState::kDraining);
  if (direct) {
    auto read = co_await read_shard(shard, offset, out);
    if (read || !redundant) co_return read;
  }
  auto made = co_await make_again(segment, slot, offset, out);
  if (made || shard == nullptr || direct) co_return made;
  // Better what a failed drive still has than nothing: the blobs' checksums will say.
  co_return co_await read_shard(shard, offset, out);
}

}  // namespace tp::blob
