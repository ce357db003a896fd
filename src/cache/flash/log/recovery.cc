// A start: the tables of sealed segments, the records of the others.
#include <algorithm>

#include "cache/flash/log/segment_log.h"
#include "cache/flash/segment_scan.h"

namespace tp::cache {

namespace {

constexpr unsigned kSegmentsAhead = 4;        // read side by side
constexpr uint64_t kPunchAtLeast = 64 << 10;  // a smaller tail is not worth a hole

}  // namespace

struct SegmentLog::RecoveryState {
  const Recovered& recovered;
  std::vector<uint32_t> numbers;
  size_t next = 0;
  std::optional<Error> error;  // the first; ends the recovery
};

Task<void> SegmentLog::recover(const Recovered& recovered) {
  TP_CO_TRY_VOID(co_await options_.files->make_directory(options_.directory));
  TP_CO_TRY(const auto names, co_await options_.files->list(options_.directory));
  RecoveryState state{.recovered = recovered};
  for (const std::string& name : names) {
    if (const auto number = segment_number_of(name)) state.numbers.push_back(*number);
  }
  std::ranges::sort(state.numbers);
  if (!state.numbers.empty()) next_number_ = state.numbers.back() + 1;
  rt::TaskGroup workers;
  for (unsigned i = 0; i < kSegmentsAhead; ++i) workers.spawn(recover_worker(state));
  co_await workers.join();
  if (state.error) co_return std::unexpected(std::move(*state.error));
  co_return ok;
}

Task<void> SegmentLog::recover_worker(RecoveryState& state) {
  while (!state.error && state.next < state.numbers.size()) {
    auto done = co_await recover_segment(state, state.numbers[state.next++]);
    if (!done && !state.error) state.error = std::move(done).error();
  }
  co_return ok;
}

/// A segment that the disk does not give back is passed over and left alone: the others are as good as before.
Task<void> SegmentLog::recover_segment(RecoveryState& state, uint32_t number) {
  auto segment = std::make_shared<Segment>();
  segment->number = number;
  auto file = co_await options_.files->open(path(number), io::OpenMode::kReadWrite, io::Caching::kDirect);
  if (!file && file.error().code == Code::kIo) co_return ok;
  TP_CO_TRY(segment->file, std::move(file));
  TP_CO_TRY(const uint64_t size, segment->file->size());
  segment->file_bytes = segment->disk_bytes = align_down(size, kSegmentBlockBytes);
  segment->sealed = segment->name_stable = true;

  const IoBuffer block = buffers_.take(kSegmentBlockBytes);
  if (!block) co_return fail(Code::kBusy, "no memory for reading a cache segment");
  Result<SegmentHeader> header = fail(Code::kCorruption, "no header");
  Result<SegmentFooter> footer = fail(Code::kCorruption, "no footer");
  if (segment->file_bytes >= kSegmentBlockBytes) {
    const MutableBytes into = block.first(kSegmentBlockBytes);
    const BytesView found = block.view(0, kSegmentBlockBytes);
    if (!co_await segment->file->read_at(0, into)) co_return ok;
    header = decode_segment_header(found);
    if (!header && header.error().code == Code::kNotImplemented) {
      co_return std::unexpected(std::move(header).error().with_context(path(number)));
    }
    const uint64_t footer_at = segment->file_bytes - kSegmentBlockBytes;
    if (co_await segment->file->read_at(footer_at, into)) {
      footer = decode_segment_footer(found, number, segment->file_bytes);
    }
  }
  if (footer) segment->footer = *footer;
  if (!footer && (!header || header->number != number)) co_return co_await options_.files->remove(path(number));
  if (footer) {
    TP_CO_TRY(const bool whole, co_await recover_table(state, *segment));
    if (!whole) TP_CO_TRY_VOID(co_await recover_scan(state, *segment, footer->data_end));
  } else {
    TP_CO_TRY_VOID(co_await recover_scan(state, *segment, segment->file_bytes));
    if (segment->data_end <= kSegmentBlockBytes) co_return co_await options_.files->remove(path(number));
  }
  adopt(std::move(segment));
  co_return ok;
}

/// False: the table is damaged.
Task<bool> SegmentLog::recover_table(RecoveryState& state, Segment& segment) {
  const auto read = co_await read_segment_table(*segment.file, *segment.footer, state.recovered);
  if (!read) {
    if (read.error().code == Code::kCancelled || read.error().code == Code::kBusy)
      co_return std::unexpected(read.error());
    ++corrupt_records_;
    segment.footer.reset();
    co_return false;
  }
  segment.lowest_sequence = segment.footer->lowest_sequence;
  segment.highest_sequence = segment.footer->highest_sequence;
  segment.data_end = segment.footer->data_end;
  const uint64_t table_end = segment.data_end + align_up(segment.footer->table_bytes, kSegmentBlockBytes);
  const uint64_t gap = segment.file_bytes - kSegmentBlockBytes - table_end;
  const auto allocated = segment.file->allocated_size();
  if (gap < kPunchAtLeast) co_return true;
  // A crash may have come between the table and the hole.
  const bool hole = allocated && *allocated <= segment.file_bytes - gap;
  if (hole || co_await segment.file->punch_hole(table_end, gap)) segment.disk_bytes -= gap;
  co_return true;
}

/// What is behind the last record that parses was never stable, or has rotted: its space goes back.
Task<void> SegmentLog::recover_scan(RecoveryState& state, Segment& segment, uint64_t limit) {
  SegmentScan scan(*segment.file, segment.number, limit);
  auto scanned = co_await scan.run(true, state.recovered);
  if (!scanned) {
    if (scanned.error().code == Code::kCancelled || scanned.error().code == Code::kBusy) {
      co_return std::unexpected(scanned.error());
    }
    // The disk failed under it: what was found stands, nothing is cut.
    segment.lowest_sequence = 0;
    segment.data_end = limit;
    co_return ok;
  }
  corrupt_records_ += scanned->corrupt;
  segment.lowest_sequence = scanned->lowest_sequence;
  segment.highest_sequence = scanned->highest_sequence;
  segment.data_end = align_up(scanned->end, kSegmentBlockBytes);
  const uint64_t tail = segment.file_bytes - segment.data_end;
  if (tail >= kPunchAtLeast && co_await segment.file->punch_hole(segment.data_end, tail)) segment.disk_bytes -= tail;
  co_return ok;
}

void SegmentLog::adopt(SegmentPtr segment) {
  const std::lock_guard lock(mutex_);
  disk_bytes_ += segment->disk_bytes;
  segments_.emplace(segment->number, std::move(segment));
}

}  // namespace tp::cache
