#include "cache/flash/segment_scan.h"

#include <algorithm>

#include "base/hash/crc.h"
#include "cache/flash/segment_table.h"

namespace tp::cache {

namespace {

constexpr uint64_t kTableReadBytes = 8 << 20;
constexpr uint64_t kWindowBytes = 4 << 20;

}  // namespace

Task<void> read_segment_table(io::File& file, SegmentFooter footer, const FlashLog::Recovered& fn) {
  const uint64_t bytes = align_up(footer.table_bytes, kSegmentBlockBytes);
  const IoBuffer buffer = IoBuffer::allocate(bytes);
  if (!buffer) co_return fail(Code::kBusy, "no memory for a cache segment's table");
  for (uint64_t done = 0; done < bytes; done += kTableReadBytes) {
    const MutableBytes piece(buffer.data() + done, std::min(kTableReadBytes, bytes - done));
    TP_CO_TRY_VOID(co_await file.read_at(footer.data_end + done, piece));
  }
  const BytesView table = buffer.view(0, footer.table_bytes);
  if (crc32c(0, table) != footer.table_checksum) {
    co_return fail(Code::kCorruption, "a cache segment's table does not match its checksum");
  }
  co_return SegmentTable::decode(table, footer.number, footer.data_end, fn);
}

Task<void> SegmentScan::fill(uint64_t offset) {
  if (!buffer_) buffer_ = IoBuffer::allocate(std::min(kWindowBytes, limit_));
  if (!buffer_) co_return fail(Code::kBusy, "no memory for reading a cache segment");
  window_start_ = align_down(offset, kSegmentBlockBytes);
  window_bytes_ = 0;
  const uint64_t bytes = std::min<uint64_t>(buffer_.size(), limit_ - window_start_);
  TP_CO_TRY_VOID(co_await file_.read_at(window_start_, buffer_.first(bytes)));
  window_bytes_ = bytes;
  co_return ok;
}

Task<uint32_t> SegmentScan::checksum(uint64_t offset, uint64_t size) {
  uint32_t sum = 0;
  while (size > 0) {
    if (!has(offset, 1)) TP_CO_TRY_VOID(co_await fill(offset));
    const uint64_t piece = std::min(size, window_start_ + window_bytes_ - offset);
    sum = crc32c(sum, at(offset, piece));
    offset += piece;
    size -= piece;
  }
  co_return sum;
}

Task<ScanResult> SegmentScan::run(bool verify, const FlashLog::Recovered& fn) {
  ScanResult result;
  result.end = kSegmentBlockBytes;
  Bytes names;
  while (result.end + kRecordHeadBytes <= limit_) {
    const uint64_t start = result.end;
    const uint64_t want = std::min(kRecordHeadBytes + kMaxRecordKeyBytes, limit_ - start);
    if (!has(start, want)) TP_CO_TRY_VOID(co_await fill(start));
    const FlashPlace place{number_, static_cast<uint32_t>(start / kFlashUnit)};
    auto stored = decode_record_head(place, at(start, want));
    if (!stored || stored->extent > limit_ - start) break;
    result.end += stored->extent;
    if (stored->pad) continue;
    RecordHead& head = stored->head;
    if (verify && head.value_bytes > 0) {
      const uint64_t value_at = start + kRecordHeadBytes + head.key.size();
      names = head.space;  // the window moves on
      names += head.key;
      head.space = BytesView(names).substr(0, kSpaceKeyBytes);
      head.key = BytesView(names).substr(kSpaceKeyBytes);
      TP_CO_TRY(const uint32_t sum, co_await checksum(value_at, head.value_bytes));
      if (sum != stored->value_checksum) {
        ++result.corrupt;
        continue;
      }
    }
    result.lowest_sequence = std::min(result.lowest_sequence, head.sequence);
    result.highest_sequence = std::max(result.highest_sequence, head.sequence);
    if (!fn(head, place)) co_return fail(Code::kCancelled, "recovery was stopped");
  }
  co_return result;
}

}  // namespace tp::cache
