// Writing runs, syncing them, sealing segments, and giving up what failed.
#include <algorithm>

#include "base/hash/crc.h"
#include "cache/flash/log/segment_log.h"

namespace tp::cache {

namespace {

constexpr uint64_t kSyncBytes = 32 << 20;     // written and not yet stable: a sync does not wait for the interval
constexpr uint64_t kPunchAtLeast = 64 << 10;  // a smaller gap before the footer is not worth a hole

}  // namespace

/// Gives the gathered run to the disk, padded to whole blocks.
void SegmentLog::submit(SegmentWriter& writer) {
  if (!writer.run || writer.used == 0) return;
  const SegmentPtr& segment = writer.segment;
  if (const uint64_t past = writer.used % kSegmentBlockBytes; past != 0) {
    const FlashPlace place{segment->number, static_cast<uint32_t>(writer.position() / kFlashUnit)};
    const uint64_t pad = kSegmentBlockBytes - past;
    encode_pad(place, {writer.run.data() + writer.used, pad});
    writer.used += pad;
  }
  segment->submitted = writer.position();
  segment->runs.push_back({segment->submitted, false});
  if (std::ranges::find(unstable_, segment) == unstable_.end()) unstable_.push_back(segment);
  const uint64_t offset = writer.run_start;
  const size_t bytes = writer.used;
  writer.run_start += bytes;
  writer.used = 0;
  group_.spawn(write_run(segment, std::move(writer.run), offset, bytes));
}

Task<void> SegmentLog::write_run(SegmentPtr segment, RunPool::Lease run, uint64_t offset, size_t bytes) {
  auto written = co_await segment->file->write_at(offset, BytesView(run.data(), bytes));
  run = RunPool::Lease();
  if (!written) {
    give_up(segment, written.error());
    co_return ok;
  }
  written_bytes_ += bytes;
  run_written(*segment, offset + bytes);
  if (segment->written - segment->synced >= kSyncBytes && !segment->syncing) {
    (void)co_await make_stable(segment, segment->written);  // its failure is told by give_up()
  }
  co_return ok;
}

/// Values that the disk has taken are read from there.
void SegmentLog::run_written(Segment& segment, uint64_t end) {
  for (Segment::Run& run : segment.runs) {
    if (run.end == end) run.done = true;
  }
  while (!segment.runs.empty() && segment.runs.front().done) {
    segment.written = segment.runs.front().end;
    segment.runs.pop_front();
  }
  std::vector<Value> done;  // freed outside the lock
  {
    const std::lock_guard lock(mutex_);
    while (segment.released < segment.pending.size() && segment.pending[segment.released].end <= segment.written) {
      done.push_back(std::move(segment.pending[segment.released++].value));
    }
  }
  wake(segment);
}

void SegmentLog::wake(Segment& segment) {
  for (rt::Completion<>* waiter : std::exchange(segment.waiters, {})) waiter->complete_here(ok);
}

Task<void> SegmentLog::make_stable(SegmentPtr segment, uint64_t end) {
  while (!segment->failed && segment->synced < end) {
    if (segment->written >= end && !segment->syncing) {
      auto synced = co_await sync_segment(*segment);
      if (!synced) give_up(segment, synced.error());
    } else {
      rt::Completion<> changed;
      segment->waiters.push_back(&changed);
      (void)co_await changed;
    }
  }
  if (segment->failed) co_return std::unexpected(*segment->failed);
  co_return ok;
}

Task<void> SegmentLog::sync_segment(Segment& segment) {
  const uint64_t covered = segment.written;
  segment.syncing = true;
  Result<void> synced = ok;
  if (!segment.name_stable) synced = co_await options_.files->sync_directory(options_.directory);
  if (synced) segment.name_stable = true;
  if (synced) synced = co_await segment.file->sync();
  segment.syncing = false;
  TP_CO_TRY_VOID(std::move(synced));
  if (segment.failed) co_return ok;
  segment.synced = covered;
  {
    const std::lock_guard lock(mutex_);
    while (!segment.pending.empty() && segment.pending.front().end <= covered) {
      segment.pending.pop_front();
      --segment.released;
    }
  }
  if (segment.synced == segment.submitted) {
    std::erase_if(unstable_, [&](const SegmentPtr& other) { return other.get() == &segment; });
  }
  wake(segment);
  co_return ok;
}

/// What is not stable is not to be believed, and is told; what is stays readable. The next record opens a new segment.
void SegmentLog::give_up(const SegmentPtr& segment, const Error& error) {
  if (segment->failed) return;
  segment->failed = error;
  std::erase(unstable_, segment);
  std::deque<PendingRecord> lost;
  {
    const std::lock_guard lock(mutex_);
    lost.swap(segment->pending);
    segment->released = 0;
    segment->data_end = segment->synced;
    segment->sealed = true;
  }
  wake(*segment);
  lost_records_ += lost.size();
  for (PendingRecord& record : lost) {
    record.head.space = BytesView(record.names).substr(0, kSpaceKeyBytes);
    record.head.key = BytesView(record.names).substr(kSpaceKeyBytes);
    if (options_.lost) options_.lost(record.head, FlashPlace{segment->number, record.unit});
  }
  if (segment->synced <= kSegmentBlockBytes) group_.spawn(drop(segment->number));  // nothing in it
}

Task<void> SegmentLog::submit_open() {
  const auto turn = co_await append_lock_.lock();
  if (open_ != nullptr && !open_->segment->failed) submit(*open_);
  co_return ok;
}

Task<void> SegmentLog::flush() {
  (void)co_await submit_open();
  Result<void> all = ok;
  const std::vector<SegmentPtr> waiting = unstable_;
  for (const SegmentPtr& segment : waiting) {
    auto stable = co_await make_stable(segment, segment->submitted);
    if (!stable && all) all = std::move(stable);
  }
  co_return all;
}

Task<void> SegmentLog::flush_due() {
  (void)co_await flush();  // failures are told by give_up()
  co_return ok;
}

/// Stable records first, then the table: a table never speaks of what a crash may take.
Task<void> SegmentLog::seal(std::unique_ptr<SegmentWriter> writer) {
  const SegmentPtr segment = writer->segment;
  if (co_await make_stable(segment, segment->submitted)) {
    const bool tabled = (co_await write_table(*writer)).has_value();  // without one its records are scanned
    const uint64_t table_end = segment->submitted + align_up(writer->table.size_bytes(), kSegmentBlockBytes);
    const uint64_t gap = segment->file_bytes - kSegmentBlockBytes - table_end;
    const bool punched = tabled && gap >= kPunchAtLeast && co_await segment->file->punch_hole(table_end, gap);
    const std::lock_guard lock(mutex_);
    segment->data_end = segment->submitted;
    segment->sealed = true;
    if (punched) {
      segment->disk_bytes -= gap;
      disk_bytes_ -= gap;
    }
  }
  seals_.release();
  co_return ok;
}

Task<void> SegmentLog::write_table(const SegmentWriter& writer) {
  Segment& segment = *writer.segment;
  const uint64_t table_bytes = writer.table.size_bytes();
  const IoBuffer buffer = IoBuffer::allocate(align_up(table_bytes, kSegmentBlockBytes) + kSegmentBlockBytes);
  if (!buffer) co_return fail(Code::kBusy, "no memory for a cache segment's table");
  const size_t footer_at = buffer.size() - kSegmentBlockBytes;
  std::memset(buffer.data(), 0, footer_at);
  writer.table.encode(buffer.first(table_bytes));
  const SegmentFooter footer{segment.number,
                             writer.table.records(),
                             segment.submitted,
                             table_bytes,
                             crc32c(0, buffer.view(0, table_bytes)),
                             segment.lowest_sequence,
                             segment.highest_sequence};
  encode_segment_footer(footer, {buffer.data() + footer_at, kSegmentBlockBytes});
  TP_CO_TRY_VOID(co_await segment.file->write_at(segment.submitted, buffer.view(0, footer_at)));
  const uint64_t footer_offset = segment.file_bytes - kSegmentBlockBytes;
  TP_CO_TRY_VOID(co_await segment.file->write_at(footer_offset, buffer.view(footer_at, kSegmentBlockBytes)));
  TP_CO_TRY_VOID(co_await segment.file->sync());
  written_bytes_ += buffer.size();
  segment.footer = footer;
  co_return ok;
}

}  // namespace tp::cache
