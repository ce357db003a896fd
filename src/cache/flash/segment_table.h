// SegmentTable: the table that a sealed segment ends in: the heads and keys of its records, packed, so that a start
// reads these and not the values. Built as records are placed.
// Format: docs/formats/cache_segment.md.
#pragma once

#include <functional>
#include <unordered_map>

#include "cache/flash/flash_log.h"

namespace tp::cache {

class SegmentTable {
 public:
  static constexpr size_t kMaxSpaces = 65535;
  /// At most so many bytes more for a record with this key.
  static constexpr uint64_t bytes_at_most(uint64_t key_bytes) { return kSpaceBytes + kMostHeadBytes + key_bytes; }

  void add(const RecordHead& head, uint32_t unit);
  /// No more records: their spaces have used up the numbers for spaces.
  bool full() const { return space_numbers_.size() >= kMaxSpaces; }
  uint64_t size_bytes() const { return kCountBytes + spaces_.size() + entries_.size(); }
  uint32_t records() const { return records_; }
  /// Writes size_bytes() bytes.
  void encode(MutableBytes out) const;

  /// Goes through an encoded table whose checksum is right; every place lies before `data_end`. kCorruption: it is not
  /// a table, and `fn` has not been called. kCancelled: `fn` said false.
  static Result<void> decode(BytesView table, uint32_t segment, uint64_t data_end, const FlashLog::Recovered& fn);

 private:
  static constexpr size_t kCountBytes = 4;
  static constexpr size_t kSpaceBytes = 16;
  static constexpr size_t kMostHeadBytes = 23 + 8 + 8 + 8;

  uint16_t number_of(BytesView space);

  Bytes spaces_;
  Bytes entries_;
  std::unordered_map<Bytes, uint16_t> space_numbers_;
  Bytes last_space_;
  uint16_t last_number_ = 0;
  uint32_t records_ = 0;
};

}  // namespace tp::cache
