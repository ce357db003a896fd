// Placing records: the run that gathers them, and the segment it belongs to.
#include <algorithm>

#include "base/hash/crc.h"
#include "cache/flash/log/segment_log.h"
#include "rt/await.h"

namespace tp::cache {

namespace {

constexpr uint64_t kChecksumPiece = 4 << 20;  // then others have a turn on the loop

Task<uint32_t> checksum_of(Value value) {
  BytesView rest = value.view();
  uint32_t sum = 0;
  while (rest.size() > kChecksumPiece) {
    sum = crc32c(sum, rest.substr(0, kChecksumPiece));
    rest.remove_prefix(kChecksumPiece);
    co_await rt::yield();
  }
  co_return crc32c(sum, rest);
}

/// The file of a record that has a segment of its own.
uint64_t own_segment_bytes(size_t key_bytes, uint64_t value_bytes) {
  SegmentTable table;
  const uint64_t table_bytes = table.size_bytes() + SegmentTable::bytes_at_most(key_bytes);
  return kSegmentBlockBytes + align_up(record_extent(key_bytes, value_bytes), kSegmentBlockBytes) +
         align_up(table_bytes, kSegmentBlockBytes) + kSegmentBlockBytes;
}

}  // namespace

Task<FlashPlace> SegmentLog::append(RecordHead head, Value value) {
  if (!is_record_head(head.kind, head.key.size(), value.size(), head.space.size())) {
    co_return fail(Code::kInvalidArgument, "not a record for flash");
  }
  head.value_bytes = static_cast<uint32_t>(value.size());
  uint32_t checksum = 0;
  if (value.size() <= kChecksumPiece) {
    checksum = crc32c(0, value.view());
  } else {
    TP_CO_TRY(checksum, co_await checksum_of(value));
  }
  if (own_segment_bytes(head.key.size(), value.size()) > options_.segment_bytes) {
    co_return co_await append_large(head, std::move(value), checksum);
  }
  const auto turn = co_await append_lock_.lock();
  if (closing_) co_return fail(Code::kClosed, "the flash log is closed");
  if (open_ == nullptr || open_->segment->failed || !open_->fits(head.key.size(), value.size())) {
    TP_CO_TRY_VOID(co_await replace_open());
  }
  co_return co_await place_record(*open_, head, std::move(value), checksum);
}

/// A new open segment; the old one, if it is whole, gets its table. If there is no room, the old one stays open for
/// smaller records.
Task<void> SegmentLog::replace_open() {
  if (open_ != nullptr && open_->segment->failed) open_.reset();
  TP_CO_TRY(auto fresh, co_await make_segment(options_.segment_bytes));
  std::swap(open_, fresh);
  if (fresh == nullptr || fresh->segment->failed) co_return ok;
  submit(*fresh);
  co_await seals_.acquire();
  group_.spawn(seal(std::move(fresh)));
  co_return ok;
}

Task<FlashPlace> SegmentLog::append_large(RecordHead head, Value value, uint32_t checksum) {
  const auto turn = co_await large_lock_.lock();  // one at a time, or they could wait for each other's runs
  if (closing_) co_return fail(Code::kClosed, "the flash log is closed");
  TP_CO_TRY(auto writer, co_await make_segment(own_segment_bytes(head.key.size(), value.size())));
  TP_CO_TRY(const FlashPlace place, co_await place_record(*writer, head, std::move(value), checksum));
  submit(*writer);
  co_await seals_.acquire();
  group_.spawn(seal(std::move(writer)));
  co_return place;
}

Task<std::unique_ptr<SegmentWriter>> SegmentLog::make_segment(uint64_t file_bytes) {
  {
    const std::lock_guard lock(mutex_);
    if (disk_bytes_ + file_bytes > options_.capacity_bytes) co_return fail(Code::kNoSpace, "the cache volume is full");
    disk_bytes_ += file_bytes;
  }
  auto segment = std::make_shared<Segment>();
  segment->file_bytes = segment->disk_bytes = file_bytes;
  segment->written = segment->synced = segment->data_end = 0;
  auto made = co_await make_file(&segment->number, file_bytes);
  auto run = made ? co_await runs_.take() : Result<RunPool::Lease>(std::unexpected(made.error()));
  if (!run) {
    if (made) (void)co_await options_.files->remove(path(segment->number));
    const std::lock_guard lock(mutex_);
    disk_bytes_ -= file_bytes;
    co_return std::unexpected(std::move(run).error());
  }
  segment->file = std::move(*made);
  auto writer = std::make_unique<SegmentWriter>();
  writer->segment = segment;
  writer->run = std::move(*run);
  const SegmentHeader header{segment->number, options_.clock->wall_now() / rt::kMillisecond};
  encode_segment_header(header, {writer->run.data(), kSegmentBlockBytes});
  writer->used = kSegmentBlockBytes;
  if (writer->used == runs_.run_bytes()) submit(*writer);
  const std::lock_guard lock(mutex_);
  segments_.emplace(segment->number, std::move(segment));
  co_return writer;
}

/// An empty file with all its space reserved: a full disk shows here, before a record is lost to it.
Task<std::unique_ptr<io::File>> SegmentLog::make_file(uint32_t* number, uint64_t file_bytes) {
  while (true) {
    *number = next_number_++;
    auto file = co_await options_.files->open(path(*number), io::OpenMode::kCreate, io::Caching::kDirect);
    if (!file && file.error().code == Code::kAlreadyExists) continue;
    if (!file) co_return std::unexpected(std::move(file).error());
    auto reserved = co_await (*file)->allocate(0, file_bytes);
    if (reserved) co_return std::move(*file);
    file->reset();
    (void)co_await options_.files->remove(path(*number));
    co_return std::unexpected(std::move(reserved).error());
  }
}

Task<FlashPlace> SegmentLog::place_record(SegmentWriter& writer, const RecordHead& head, Value value,
                                          uint32_t checksum) {
  const SegmentPtr segment = writer.segment;
  const FlashPlace place{segment->number, static_cast<uint32_t>(writer.position() / kFlashUnit)};
  const uint64_t extent = record_extent(head.key.size(), value.size());
  Bytes front;
  front.reserve(kRecordHeadBytes + head.key.size());
  append_record_head(place, head, checksum, front);
  static constexpr char kZeros[kFlashUnit] = {};
  const BytesView parts[] = {front, value.view(), BytesView(kZeros, extent - front.size() - value.size())};
  if (writer.run && writer.used + extent <= runs_.run_bytes()) {
    for (const BytesView part : parts) {
      if (!part.empty()) std::memcpy(writer.run.data() + writer.used, part.data(), part.size());
      writer.used += part.size();
    }
  } else {
    for (const BytesView part : parts) {
      auto put = co_await put_bytes(writer, part);
      if (!put) give_up(segment, put.error());  // half a record stands there
      TP_CO_TRY_VOID(std::move(put));
    }
  }
  PendingRecord pending{head, Bytes(head.space) + Bytes(head.key), std::move(value), place.unit, writer.position()};
  pending.head.space = pending.head.key = {};
  {
    const std::lock_guard lock(mutex_);
    segment->lowest_sequence = std::min(segment->lowest_sequence, head.sequence);
    segment->highest_sequence = std::max(segment->highest_sequence, head.sequence);
    segment->pending.push_back(std::move(pending));
  }
  writer.table.add(head, place.unit);
  if (!timer_.armed) home_.arm(timer_, home_.clock().now() + options_.flush_interval);
  if (writer.used == runs_.run_bytes()) submit(writer);
  co_return place;
}

/// Copies into as many runs as it takes; a full one is on its way, but the last.
Task<void> SegmentLog::put_bytes(SegmentWriter& writer, BytesView bytes) {
  while (!bytes.empty()) {
    if (writer.run && writer.used == runs_.run_bytes()) submit(writer);
    if (!writer.run) {
      TP_CO_TRY(writer.run, co_await runs_.take());
    }
    if (writer.segment->failed) co_return std::unexpected(*writer.segment->failed);
    const size_t piece = std::min(bytes.size(), runs_.run_bytes() - writer.used);
    std::memcpy(writer.run.data() + writer.used, bytes.data(), piece);
    writer.used += piece;
    bytes.remove_prefix(piece);
  }
  co_return ok;
}

}  // namespace tp::cache
