#include "cache/flash/log/segment_log.h"

#include <algorithm>

#include "base/check.h"
#include "cache/flash/segment_scan.h"

namespace tp::cache {

namespace {

constexpr size_t kRuns = 5;   // gathered or being written; a small and a large append gather one each
constexpr size_t kSeals = 2;  // segments whose tables are on their way
constexpr uint32_t kLeastSegmentBytes = 64 << 10;

FlashLog::Options sensible(FlashLog::Options options) {
  TP_CHECK(options.files != nullptr && options.clock != nullptr);
  options.segment_bytes =
      std::max(kLeastSegmentBytes, options.segment_bytes / static_cast<uint32_t>(kSegmentBlockBytes) *
                                       static_cast<uint32_t>(kSegmentBlockBytes));
  options.run_bytes = static_cast<uint32_t>(align_up(std::max(options.run_bytes, 1u), kSegmentBlockBytes));
  return options;
}

}  // namespace

Task<std::unique_ptr<FlashLog>> FlashLog::open(Options options, Recovered recovered) {
  auto log = std::make_unique<SegmentLog>(std::move(options));
  TP_CO_TRY_VOID(co_await log->recover(recovered));
  co_return log;
}

SegmentLog::SegmentLog(Options options)
    : options_(sensible(std::move(options))),
      home_(rt::Loop::current()),
      runs_(kRuns, options_.run_bytes),
      seals_(kSeals) {
  timer_.log = this;
  timer_.run = [](rt::Work* self) {
    SegmentLog* log = static_cast<FlushTimer*>(self)->log;
    log->group_.spawn(log->flush_due());
  };
}

SegmentLog::~SegmentLog() {
  TP_CHECK(!timer_.armed);  // close() comes first
}

SegmentPtr SegmentLog::find(uint32_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = segments_.find(number);
  return found == segments_.end() ? nullptr : found->second;
}

bool SegmentLog::room(uint64_t bytes) const {
  const uint64_t left = open_ != nullptr && !open_->segment->failed ? open_->space_left() : 0;
  if (bytes <= left) return true;
  const std::lock_guard lock(mutex_);
  const uint64_t free = options_.capacity_bytes - std::min(options_.capacity_bytes, disk_bytes_);
  const uint64_t around = 4 * kSegmentBlockBytes;  // header, table, footer, rounding
  if (bytes + around > options_.segment_bytes) return bytes + around <= free;
  return options_.segment_bytes <= free;
}

std::vector<FlashLog::SegmentInfo> SegmentLog::segments() const {
  std::vector<SegmentInfo> all;
  const std::lock_guard lock(mutex_);
  all.reserve(segments_.size());
  for (const auto& [number, segment] : segments_) {
    const bool empty = segment->lowest_sequence > segment->highest_sequence;
    all.push_back({number, segment->disk_bytes, segment->sealed, empty ? 0 : segment->lowest_sequence,
                   segment->highest_sequence});
  }
  return all;
}

FlashStats SegmentLog::stats() const {
  FlashStats stats;
  {
    const std::lock_guard lock(mutex_);
    stats.segments = segments_.size();
    stats.bytes = disk_bytes_;
  }
  stats.written_bytes = written_bytes_;
  stats.read_bytes = read_bytes_;
  stats.reads = reads_;
  stats.corrupt_records = corrupt_records_;
  stats.lost_records = lost_records_;
  return stats;
}

Task<void> SegmentLog::for_each_record(uint32_t number, std::function<void(const RecordHead&, FlashPlace)> fn) {
  const SegmentPtr segment = find(number);
  if (segment == nullptr) co_return fail(Code::kNotFound, "the cache segment has been dropped");
  if (!segment->sealed) co_return fail(Code::kInvalidArgument, "the cache segment is being written");
  const Recovered each = [&fn](const RecordHead& head, FlashPlace place) {
    fn(head, place);
    return true;
  };
  if (segment->footer) {
    const auto read = co_await read_segment_table(*segment->file, *segment->footer, each);
    if (read || read.error().code != Code::kCorruption) co_return read;
    ++corrupt_records_;
    segment->footer.reset();
  }
  SegmentScan scan(*segment->file, number, align_down(segment->data_end, kSegmentBlockBytes));
  TP_CO_TRY_VOID(co_await scan.run(false, each));
  co_return ok;
}

Task<void> SegmentLog::drop(uint32_t number) {
  SegmentPtr segment;
  {
    const std::lock_guard lock(mutex_);
    const auto found = segments_.find(number);
    if (found == segments_.end()) co_return ok;
    if (!found->second->sealed) co_return fail(Code::kInvalidArgument, "the cache segment is being written");
    segment = std::move(found->second);
    segments_.erase(found);
  }
  auto removed = co_await options_.files->remove(path(number));
  if (!removed && removed.error().code != Code::kNotFound) {
    const std::lock_guard lock(mutex_);
    segments_.emplace(number, std::move(segment));
    co_return std::move(removed);
  }
  {
    const std::lock_guard lock(mutex_);
    disk_bytes_ -= segment->disk_bytes;
  }
  co_return co_await options_.files->sync_directory(options_.directory);
}

Task<void> SegmentLog::close() {
  closing_ = true;
  const auto large = co_await large_lock_.lock();
  auto stable = co_await flush();
  {
    const auto turn = co_await append_lock_.lock();
    if (open_ != nullptr && !open_->segment->failed) group_.spawn(seal(std::move(open_)));
    open_.reset();
  }
  home_.cancel(timer_);
  co_await group_.join();
  co_return stable;
}

}  // namespace tp::cache
