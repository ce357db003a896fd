// Reading values back: checked against the record's head, its key and its space, and the value's checksum.
#include <algorithm>

#include "base/hash/crc.h"
#include "cache/flash/log/segment_log.h"

namespace tp::cache {

namespace {

constexpr uint64_t kOneRead = 256 << 10;     // a record within so many bytes of blocks is read at once
constexpr uint64_t kPieceBytes = 256 << 10;  // others in pieces, checked and copied while the next ones come,
constexpr unsigned kPiecesAhead = 4;         // so many at a time
static_assert(kOneRead <= IoBufferPool::kLargest);

std::unexpected<Error> corrupt(FlashPlace place) {
  return fail(Code::kCorruption, "cache segment " + std::to_string(place.segment) + ", unit " +
                                     std::to_string(place.unit) + ": not the record that was put there");
}

/// The value's checksum if `bytes` begins with the head of just that entry.
std::optional<uint32_t> expected_checksum(FlashPlace place, BytesView bytes, BytesView space, BytesView key,
                                          uint32_t value_bytes) {
  const auto stored = decode_record_head(place, bytes);
  if (!stored || stored->pad || stored->head.kind != RecordKind::kEntry) return std::nullopt;
  if (stored->head.space != space || stored->head.key != key) return std::nullopt;
  if (stored->head.value_bytes != value_bytes) return std::nullopt;
  return stored->value_checksum;
}

/// A large value on its way, in whole blocks of the file.
struct LargeRead {
  io::File& file;
  IoBufferPool& buffers;
  uint64_t start = 0;     // of the first block
  uint64_t end = 0;       // of the last
  uint64_t value_at = 0;  // in the file
  Value value;
  Bytes front;                      // the first bytes of the record's block: its head is in them
  std::vector<uint32_t> checksums;  // of the value's part in each piece
  size_t next = 0;
  std::optional<Error> error;
};

/// The part of the value that lies in piece `index`.
struct PartRange {
  uint64_t begin = 0, end = 0;  // in the file
};
PartRange part_of(const LargeRead& read, size_t index) {
  const uint64_t piece_start = read.start + index * kPieceBytes;
  return {std::max(piece_start, read.value_at), std::min(piece_start + kPieceBytes, read.value_at + read.value.size())};
}

Task<void> read_pieces(LargeRead* read) {
  const IoBuffer buffer = read->buffers.take(kPieceBytes);
  if (!buffer) read->error = Error(Code::kBusy, "no memory for reading a cache segment");
  while (!read->error && read->next < read->checksums.size()) {
    const size_t index = read->next++;
    const uint64_t from = read->start + index * kPieceBytes;
    const uint64_t bytes = std::min(kPieceBytes, read->end - from);
    auto got = co_await read->file.read_at(from, buffer.first(bytes));
    if (!got) {
      read->error = std::move(got).error();
      break;
    }
    if (index == 0) read->front = buffer.view(0, std::min<uint64_t>(bytes, 2 * kSegmentBlockBytes));
    const PartRange part = part_of(*read, index);
    if (part.end <= part.begin) continue;
    const BytesView found = buffer.view(part.begin - from, part.end - part.begin);
    read->checksums[index] = crc32c(0, found);
    std::memcpy(read->value.fill().data() + (part.begin - read->value_at), found.data(), found.size());
  }
  co_return ok;
}

}  // namespace

Value SegmentLog::read_now(FlashPlace place) const {
  const std::lock_guard lock(mutex_);
  const auto found = segments_.find(place.segment);
  if (found == segments_.end()) return {};
  const auto& pending = found->second->pending;
  const auto at = std::ranges::lower_bound(pending, place.unit, {}, &PendingRecord::unit);
  return at != pending.end() && at->unit == place.unit ? at->value : Value();
}

/// With the mutex held: the value, an empty one if it is on the disk, kCorruption if another record is there.
Result<Value> SegmentLog::pending_value(const Segment& segment, FlashPlace place, BytesView space,
                                        BytesView key) const {
  const auto at = std::ranges::lower_bound(segment.pending, place.unit, {}, &PendingRecord::unit);
  if (at == segment.pending.end() || at->unit != place.unit || !at->value) return Value();
  const BytesView names = at->names;
  if (names.substr(0, kSpaceKeyBytes) != space || names.substr(kSpaceKeyBytes) != key) return corrupt(place);
  return at->value;
}

Task<Value> SegmentLog::read(FlashPlace place, Bytes space, Bytes key, uint32_t value_bytes) {
  if (!is_record_head(RecordKind::kEntry, key.size(), value_bytes, space.size())) {
    co_return fail(Code::kInvalidArgument, "not a record on flash");
  }
  SegmentPtr segment;
  {
    const std::lock_guard lock(mutex_);
    const auto found = segments_.find(place.segment);
    if (found == segments_.end()) co_return fail(Code::kNotFound, "the cache segment has been dropped");
    segment = found->second;
    TP_CO_TRY(Value now, pending_value(*segment, place, space, key));
    if (now) co_return now.size() == value_bytes ? Result<Value>(std::move(now)) : corrupt(place);
  }
  const uint64_t start = uint64_t{place.unit} * kFlashUnit;
  const uint64_t end = start + kRecordHeadBytes + key.size() + value_bytes;
  Result<Value> value = corrupt(place);
  if (start >= kSegmentBlockBytes && align_up(end, kSegmentBlockBytes) <= segment->file_bytes) {
    const uint64_t span = align_up(end, kSegmentBlockBytes) - align_down(start, kSegmentBlockBytes);
    value = span <= kOneRead ? co_await read_small(*segment, place, space, key, value_bytes)
                             : co_await read_large(*segment, place, space, key, value_bytes);
    ++reads_;
    read_bytes_ += span;
  }
  if (!value && value.error().code == Code::kOutOfRange) value = corrupt(place);  // the file has been cut
  if (!value && value.error().code == Code::kCorruption) ++corrupt_records_;
  co_return value;
}

Task<Value> SegmentLog::read_small(const Segment& segment, FlashPlace place, BytesView space, BytesView key,
                                   uint32_t bytes) {
  const uint64_t start = uint64_t{place.unit} * kFlashUnit;
  const uint64_t from = align_down(start, kSegmentBlockBytes);
  const uint64_t value_at = start + kRecordHeadBytes + key.size();
  const uint64_t span = align_up(value_at + bytes, kSegmentBlockBytes) - from;
  const IoBuffer buffer = buffers_.take(span);
  if (!buffer) co_return fail(Code::kBusy, "no memory for reading a cache segment");
  TP_CO_TRY_VOID(co_await segment.file->read_at(from, buffer.first(span)));
  const auto checksum = expected_checksum(place, buffer.view(start - from, span - (start - from)), space, key, bytes);
  const BytesView found = buffer.view(value_at - from, bytes);
  if (!checksum || *checksum != crc32c(0, found)) co_return corrupt(place);
  Value value = Value::allocate(bytes);
  if (!value) co_return fail(Code::kBusy, "no memory for a value");
  if (!found.empty()) std::memcpy(value.fill().data(), found.data(), found.size());
  co_return value;
}

Task<Value> SegmentLog::read_large(const Segment& segment, FlashPlace place, BytesView space, BytesView key,
                                   uint32_t bytes) {
  const uint64_t start = uint64_t{place.unit} * kFlashUnit;
  LargeRead read{.file = *segment.file, .buffers = buffers_};
  read.start = align_down(start, kSegmentBlockBytes);
  read.value_at = start + kRecordHeadBytes + key.size();
  read.end = align_up(read.value_at + bytes, kSegmentBlockBytes);
  read.value = Value::allocate(bytes);
  if (!read.value) co_return fail(Code::kBusy, "no memory for a value");
  read.checksums.resize((read.end - read.start + kPieceBytes - 1) / kPieceBytes);
  rt::TaskGroup pieces;
  for (unsigned i = 0; i < kPiecesAhead; ++i) pieces.spawn(read_pieces(&read));
  co_await pieces.join();
  if (read.error) co_return std::unexpected(std::move(*read.error));
  const auto checksum = expected_checksum(place, BytesView(read.front).substr(start - read.start), space, key, bytes);
  uint32_t sum = 0;
  for (size_t i = 0; i < read.checksums.size(); ++i) {
    const PartRange part = part_of(read, i);
    if (part.end > part.begin) sum = crc32c_combine(sum, read.checksums[i], part.end - part.begin);
  }
  if (!checksum || *checksum != sum) co_return corrupt(place);
  co_return std::move(read.value);
}

}  // namespace tp::cache
