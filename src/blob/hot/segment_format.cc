#include "blob/hot/segment_format.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash/crc.h"

namespace tp::blob {

namespace {

constexpr std::string_view kMagic = "TPSEGMNT";
constexpr std::string_view kSuffix = ".seg";
constexpr size_t kIdDigits = 16;

// Byte offsets in the header block.
constexpr size_t kVersionAt = 8;
constexpr size_t kSegmentIdAt = 16;
constexpr size_t kStoreIdAt = 24;
constexpr size_t kStartNumberAt = 32;
constexpr size_t kChecksumAt = kSegmentHeaderBytes - 4;

}  // namespace

void encode_segment_header(const SegmentHeader& header, MutableBytes out) {
  TP_CHECK(out.size() == kSegmentHeaderBytes);
  std::fill(out.begin(), out.end(), '\0');
  std::copy(kMagic.begin(), kMagic.end(), out.begin());
  put_be<uint32_t>(out.data() + kVersionAt, kSegmentVersion);
  put_be<uint64_t>(out.data() + kSegmentIdAt, header.id.value);
  put_be<uint64_t>(out.data() + kStoreIdAt, header.store_id);
  put_be<uint64_t>(out.data() + kStartNumberAt, header.start_number);
  put_be<uint32_t>(out.data() + kChecksumAt, crc32c(0, BytesView(out.data(), kChecksumAt)));
}

Result<SegmentHeader> decode_segment_header(BytesView bytes) {
  if (bytes.size() != kSegmentHeaderBytes) return fail(Code::kCorruption, "segment header is cut short");
  if (!bytes.starts_with(kMagic)) return fail(Code::kCorruption, "no segment header");
  if (get_be<uint32_t>(bytes.data() + kChecksumAt) != crc32c(0, bytes.substr(0, kChecksumAt))) {
    return fail(Code::kCorruption, "segment header does not match its checksum");
  }
  const auto version = get_be<uint32_t>(bytes.data() + kVersionAt);
  if (version == 0) return fail(Code::kCorruption, "segment header has version 0");
  if (version > kSegmentVersion) {
    return fail(Code::kNotImplemented, "segment format " + std::to_string(version) +
                                           " is newer than this program, which knows " +
                                           std::to_string(kSegmentVersion));
  }
  SegmentHeader header;
  header.id = SegmentId(get_be<uint64_t>(bytes.data() + kSegmentIdAt));
  header.store_id = get_be<uint64_t>(bytes.data() + kStoreIdAt);
  header.start_number = get_be<uint64_t>(bytes.data() + kStartNumberAt);
  return header;
}

std::string segment_file_name(SegmentId id) {
  char digits[sizeof(uint64_t)];
  put_be<uint64_t>(digits, id.value);
  return to_hex(BytesView(digits, sizeof digits)) + std::string(kSuffix);
}

std::optional<SegmentId> segment_id_of(std::string_view file_name) {
  if (file_name.size() != kIdDigits + kSuffix.size() || !file_name.ends_with(kSuffix)) return std::nullopt;
  char digits[sizeof(uint64_t)];
  if (!from_hex(file_name.substr(0, kIdDigits), MutableBytes(digits, sizeof digits))) return std::nullopt;
  const SegmentId id(get_be<uint64_t>(digits));
  // One spelling per segment: upper-case digits are somebody else's file.
  if (segment_file_name(id) != file_name) return std::nullopt;
  return id;
}

}  // namespace tp::blob
