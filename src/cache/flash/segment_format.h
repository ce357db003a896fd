// The bytes of a cache volume's segment file: name, header, record heads, footer. Every decoder takes any bytes.
// Invariant: a head that decodes was written at that unit of that segment: its checksum covers both.
// Format: docs/formats/cache_segment.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cache/flash/flash_log.h"

namespace tp::cache {

inline constexpr uint64_t kSegmentBlockBytes = io::kDirectAlignment;  // header and footer have a block each
inline constexpr uint32_t kSegmentVersion = 1;
inline constexpr size_t kRecordHeadBytes = 64;
inline constexpr size_t kPadHeadBytes = 16;
inline constexpr size_t kSpaceKeyBytes = 16;
inline constexpr size_t kMaxRecordKeyBytes = 1024;
inline constexpr uint64_t kMaxRecordValueBytes = 512ull << 20;

constexpr uint64_t align_up(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}
constexpr uint64_t align_down(uint64_t value, uint64_t alignment) {
  return value / alignment * alignment;
}

/// "seg-0000000042.tpc".
std::string segment_file_name(uint32_t number);
/// The number in a segment's name; nothing for names that segment_file_name() does not make, and for 0.
std::optional<uint32_t> segment_number_of(std::string_view name);

struct SegmentHeader {
  uint32_t number = 0;
  int64_t made_ms = 0;  // wall clock
  friend bool operator==(const SegmentHeader&, const SegmentHeader&) = default;
};
void encode_segment_header(const SegmentHeader& header, MutableBytes block);
/// kCorruption; kNotImplemented: a later version wrote it.
Result<SegmentHeader> decode_segment_header(BytesView block);

/// What a sealed segment ends in.
struct SegmentFooter {
  uint32_t number = 0;
  uint32_t records = 0;
  uint64_t data_end = 0;  // behind the last record; a multiple of 4096; the table begins here
  uint64_t table_bytes = 0;
  uint32_t table_checksum = 0;
  uint64_t lowest_sequence = 0;
  uint64_t highest_sequence = 0;
  friend bool operator==(const SegmentFooter&, const SegmentFooter&) = default;
};
void encode_segment_footer(const SegmentFooter& footer, MutableBytes block);
/// kCorruption: not the footer of segment `number` in a file of `file_bytes`.
Result<SegmentFooter> decode_segment_footer(BytesView block, uint32_t number, uint64_t file_bytes);

/// Bytes that a record takes, padding included.
constexpr uint64_t record_extent(uint64_t key_bytes, uint64_t value_bytes) {
  return align_up(kRecordHeadBytes + key_bytes + value_bytes, kFlashUnit);
}
/// Whether a head may stand on flash: known kind, sizes within bounds, a value only where one belongs.
bool is_record_head(RecordKind kind, size_t key_bytes, uint64_t value_bytes, size_t space_bytes);

/// Appends the head and the key to `out`.
void append_record_head(FlashPlace place, const RecordHead& head, uint32_t value_checksum, Bytes& out);
/// The record that fills `size` bytes (a multiple of kFlashUnit, under 4096): head, then zeros.
void encode_pad(FlashPlace place, MutableBytes out);

struct StoredHead {
  bool pad = false;
  RecordHead head;  // views into the bytes it was decoded from
  uint32_t value_checksum = 0;
  uint64_t extent = 0;  // bytes to the next record
};
/// `bytes` begins with the record; the key must be in it, the value need not. Nothing: not a record at that place.
std::optional<StoredHead> decode_record_head(FlashPlace place, BytesView bytes);

}  // namespace tp::cache
