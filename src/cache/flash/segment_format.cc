#include "cache/flash/segment_format.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"
#include "base/hash/crc.h"

namespace tp::cache {

namespace {

constexpr std::string_view kHeaderMagic = "TPCACHES";
constexpr std::string_view kFooterMagic = "TPCACHEF";
constexpr std::string_view kNamePrefix = "seg-";
constexpr std::string_view kNameSuffix = ".tpc";
constexpr size_t kNameDigits = 10;
constexpr size_t kBlockChecksumAt = kSegmentBlockBytes - 4;
constexpr uint8_t kPadKind = 0xff;
constexpr uint8_t kPinnedFlag = 0x80;

// Offsets in a record head.
constexpr size_t kChecksumAt = 0;
constexpr size_t kKindAt = 4;
constexpr size_t kTypeAt = 5;
constexpr size_t kKeyBytesAt = 6;
constexpr size_t kValueBytesAt = 8;
constexpr size_t kValueChecksumAt = 12;
constexpr size_t kSequenceAt = 16;
constexpr size_t kSpaceAt = 24;
constexpr size_t kExpiresAt = 40;
constexpr size_t kParentAt = 48;
constexpr size_t kTokensAt = 56;
constexpr size_t kFirstTokenAt = 60;

void seal_block(MutableBytes block) {
  put_be<uint32_t>(block.data() + kBlockChecksumAt, crc32c(0, BytesView(block.data(), kBlockChecksumAt)));
}

bool block_is_whole(BytesView block, std::string_view magic) {
  return block.size() == kSegmentBlockBytes && block.starts_with(magic) &&
         get_be<uint32_t>(block.data() + kBlockChecksumAt) == crc32c(0, block.substr(0, kBlockChecksumAt));
}

/// Of a head and its key without the checksum field itself, bound to the place.
uint32_t head_checksum(FlashPlace place, BytesView head_and_key) {
  char where[8];
  put_be<uint32_t>(where, place.segment);
  put_be<uint32_t>(where + 4, place.unit);
  return crc32c(crc32c(0, BytesView(where, sizeof where)), head_and_key.substr(kKindAt));
}

}  // namespace

std::string segment_file_name(uint32_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, kNameDigits - digits.size(), '0');
  return std::string(kNamePrefix) + digits + std::string(kNameSuffix);
}

std::optional<uint32_t> segment_number_of(std::string_view name) {
  if (name.size() != kNamePrefix.size() + kNameDigits + kNameSuffix.size()) return std::nullopt;
  if (!name.starts_with(kNamePrefix) || !name.ends_with(kNameSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(kNamePrefix.size(), kNameDigits);
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  uint32_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (parsed.ec != std::errc() || number == 0) return std::nullopt;
  return number;
}

void encode_segment_header(const SegmentHeader& header, MutableBytes block) {
  TP_CHECK(block.size() == kSegmentBlockBytes);
  std::ranges::fill(block, '\0');
  std::ranges::copy(kHeaderMagic, block.begin());
  put_be<uint32_t>(block.data() + 8, kSegmentVersion);
  put_be<uint32_t>(block.data() + 12, header.number);
  put_be<int64_t>(block.data() + 16, header.made_ms);
  put_be<uint32_t>(block.data() + 24, kFlashUnit);
  seal_block(block);
}

Result<SegmentHeader> decode_segment_header(BytesView block) {
  if (!block_is_whole(block, kHeaderMagic)) return fail(Code::kCorruption, "not the header of a cache segment");
  const uint32_t version = get_be<uint32_t>(block.data() + 8);
  if (version > kSegmentVersion) {
    return fail(Code::kNotImplemented, "a cache segment of version " + std::to_string(version) +
                                           "; this program reads up to " + std::to_string(kSegmentVersion));
  }
  if (version == 0 || get_be<uint32_t>(block.data() + 24) != kFlashUnit) {
    return fail(Code::kCorruption, "a cache segment's header makes no sense");
  }
  return SegmentHeader{get_be<uint32_t>(block.data() + 12), get_be<int64_t>(block.data() + 16)};
}

void encode_segment_footer(const SegmentFooter& footer, MutableBytes block) {
  TP_CHECK(block.size() == kSegmentBlockBytes);
  std::ranges::fill(block, '\0');
  std::ranges::copy(kFooterMagic, block.begin());
  put_be<uint32_t>(block.data() + 8, footer.number);
  put_be<uint32_t>(block.data() + 12, footer.records);
  put_be<uint64_t>(block.data() + 16, footer.data_end);
  put_be<uint64_t>(block.data() + 24, footer.table_bytes);
  put_be<uint32_t>(block.data() + 32, footer.table_checksum);
  put_be<uint64_t>(block.data() + 40, footer.lowest_sequence);
  put_be<uint64_t>(block.data() + 48, footer.highest_sequence);
  seal_block(block);
}

Result<SegmentFooter> decode_segment_footer(BytesView block, uint32_t number, uint64_t file_bytes) {
  if (!block_is_whole(block, kFooterMagic)) return fail(Code::kCorruption, "not the footer of a cache segment");
  const char* at = block.data();
  const SegmentFooter footer{get_be<uint32_t>(at + 8),  get_be<uint32_t>(at + 12), get_be<uint64_t>(at + 16),
                             get_be<uint64_t>(at + 24), get_be<uint32_t>(at + 32), get_be<uint64_t>(at + 40),
                             get_be<uint64_t>(at + 48)};
  const uint64_t table_limit = file_bytes < 2 * kSegmentBlockBytes ? 0 : file_bytes - kSegmentBlockBytes;
  if (footer.number != number || footer.data_end < kSegmentBlockBytes || footer.data_end > table_limit ||
      footer.data_end % kSegmentBlockBytes != 0 || footer.table_bytes > table_limit - footer.data_end) {
    return fail(Code::kCorruption, "a cache segment's footer makes no sense");
  }
  return footer;
}

bool is_record_head(RecordKind kind, size_t key_bytes, uint64_t value_bytes, size_t space_bytes) {
  if (space_bytes != kSpaceKeyBytes || key_bytes > kMaxRecordKeyBytes || value_bytes > kMaxRecordValueBytes) {
    return false;
  }
  switch (kind) {
    case RecordKind::kEntry:
      return key_bytes > 0;
    case RecordKind::kErase:
    case RecordKind::kTouch:
      return key_bytes > 0 && value_bytes == 0;
    case RecordKind::kClearSpace:
      return key_bytes == 0 && value_bytes == 0;
  }
  return false;
}

void append_record_head(FlashPlace place, const RecordHead& head, uint32_t value_checksum, Bytes& out) {
  const size_t start = out.size();
  out.resize(start + kRecordHeadBytes);
  char* at = out.data() + start;
  at[kKindAt] = static_cast<char>(head.kind);
  at[kTypeAt] = static_cast<char>((head.type & ~kPinnedFlag) | (head.pinned ? kPinnedFlag : 0));
  put_be<uint16_t>(at + kKeyBytesAt, static_cast<uint16_t>(head.key.size()));
  put_be<uint32_t>(at + kValueBytesAt, head.value_bytes);
  put_be<uint32_t>(at + kValueChecksumAt, value_checksum);
  put_be<uint64_t>(at + kSequenceAt, head.sequence);
  std::ranges::copy(head.space, at + kSpaceAt);
  put_be<int64_t>(at + kExpiresAt, head.expires_ms);
  put_be<uint64_t>(at + kParentAt, head.parent_hash);
  put_be<uint32_t>(at + kTokensAt, head.tokens);
  put_be<uint32_t>(at + kFirstTokenAt, head.first_token);
  out.append(head.key);
  put_be<uint32_t>(out.data() + start + kChecksumAt, head_checksum(place, BytesView(out).substr(start)));
}

void encode_pad(FlashPlace place, MutableBytes out) {
  std::ranges::fill(out, '\0');
  out[kKindAt] = static_cast<char>(kPadKind);
  put_be<uint32_t>(out.data() + kValueBytesAt, static_cast<uint32_t>(out.size()));
  put_be<uint32_t>(out.data() + kChecksumAt, head_checksum(place, BytesView(out.data(), kPadHeadBytes)));
}

std::optional<StoredHead> decode_record_head(FlashPlace place, BytesView bytes) {
  if (bytes.size() < kRecordHeadBytes) return std::nullopt;
  const char* at = bytes.data();
  const auto kind = static_cast<uint8_t>(at[kKindAt]);
  const size_t key_bytes = get_be<uint16_t>(at + kKeyBytesAt);
  const size_t head_bytes = kind == kPadKind ? kPadHeadBytes : kRecordHeadBytes + key_bytes;
  if (bytes.size() < head_bytes) return std::nullopt;
  if (get_be<uint32_t>(at + kChecksumAt) != head_checksum(place, bytes.substr(0, head_bytes))) return std::nullopt;
  StoredHead stored;
  const uint32_t value_bytes = get_be<uint32_t>(at + kValueBytesAt);
  if (kind == kPadKind) {
    if (value_bytes == 0 || value_bytes >= kSegmentBlockBytes || value_bytes % kFlashUnit != 0) return std::nullopt;
    stored.pad = true;
    stored.extent = value_bytes;
    return stored;
  }
  stored.head.kind = static_cast<RecordKind>(kind);
  if (!is_record_head(stored.head.kind, key_bytes, value_bytes, kSpaceKeyBytes)) return std::nullopt;
  const auto type = static_cast<uint8_t>(at[kTypeAt]);
  stored.head.type = type & static_cast<uint8_t>(~kPinnedFlag);
  stored.head.pinned = (type & kPinnedFlag) != 0;
  stored.head.sequence = get_be<uint64_t>(at + kSequenceAt);
  stored.head.space = bytes.substr(kSpaceAt, kSpaceKeyBytes);
  stored.head.key = bytes.substr(kRecordHeadBytes, key_bytes);
  stored.head.expires_ms = get_be<int64_t>(at + kExpiresAt);
  stored.head.tokens = get_be<uint32_t>(at + kTokensAt);
  stored.head.first_token = get_be<uint32_t>(at + kFirstTokenAt);
  stored.head.parent_hash = get_be<uint64_t>(at + kParentAt);
  stored.head.value_bytes = value_bytes;
  stored.value_checksum = get_be<uint32_t>(at + kValueChecksumAt);
  stored.extent = record_extent(key_bytes, value_bytes);
  return stored;
}

}  // namespace tp::cache
