// Reading a segment's file from its bytes alone: its table, or record by record. Takes any bytes.
#pragma once

#include "cache/flash/flash_log.h"
#include "cache/flash/io_buffer.h"
#include "cache/flash/segment_format.h"

namespace tp::cache {

/// The table that `footer` speaks of goes to `fn`, all of it or (kCorruption) none of it; kCancelled: `fn` said false.
Task<void> read_segment_table(io::File& file, SegmentFooter footer, const FlashLog::Recovered& fn);

struct ScanResult {
  uint64_t end = 0;      // behind the last record that parses
  uint64_t corrupt = 0;  // records whose value is not what their head says: they were passed over
  uint64_t lowest_sequence = UINT64_MAX, highest_sequence = 0;
};

/// Walks the records of a segment from its first one to `limit`, or to what is no record. `limit` is a multiple of 4096
/// and lies in the file.
class SegmentScan {
 public:
  SegmentScan(io::File& file, uint32_t number, uint64_t limit) : file_(file), number_(number), limit_(limit) {}

  /// With `verify`, only records whose values are whole reach `fn`. kIo; kCancelled: `fn` said false.
  Task<ScanResult> run(bool verify, const FlashLog::Recovered& fn);

 private:
  bool has(uint64_t offset, uint64_t size) const {
    return offset >= window_start_ && offset + size <= window_start_ + window_bytes_;
  }
  BytesView at(uint64_t offset, uint64_t size) const { return buffer_.view(offset - window_start_, size); }
  Task<void> fill(uint64_t offset);
  Task<uint32_t> checksum(uint64_t offset, uint64_t size);

  io::File& file_;
  const uint32_t number_;
  const uint64_t limit_;
  IoBuffer buffer_;
  uint64_t window_start_ = 0;
  uint64_t window_bytes_ = 0;
};

}  // namespace tp::cache
