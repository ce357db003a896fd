// BlobRecord: where one immutable blob lies and how to know its bytes are right. The metadata stores it; the blob store
// makes it, and needs nothing else to read the blob. Encoding: docs/formats/records.md.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace tp::blob {

inline constexpr uint64_t kMaxBlobBytes = 8ull << 20;
inline constexpr uint64_t kChecksumUnitBytes = 64 << 10;

/// How the bytes are stored. All but kRaw are frames of kFrameBytes of data each (the last may be shorter), stored one
/// after another, each for itself (docs/formats/frame.md).
enum class Encoding : uint8_t { kRaw = 0, kFrames = 1, kSealedFrames = 2 /* encrypted, AES-256-GCM */ };

inline constexpr uint64_t kFrameBytes = 256 << 10;

struct BlobRecord {
  BlobId id;
  uint8_t tier = 0;  // 0: the local hot tier
  Encoding encoding = Encoding::kRaw;
  SegmentId segment;
  uint64_t offset = 0;        // in the segment; a multiple of 4096
  uint32_t length_bytes = 0;  // of the data; the segment holds it padded to 4096
  /// CRC32C of each 64 KiB of data (the last may be shorter), seeded with the blob's id and the unit's index, so that
  /// right bytes in the wrong place do not pass.
  std::vector<uint32_t> checksums;
  /// Of frames: the stored length of each, so that a range fetches only the frames it needs.
  std::vector<uint32_t> frames;
  /// Of an erasure-coded tier: CRC32C of each of the k + m pieces as stored.
  std::vector<uint32_t> piece_checksums;

  /// Bytes on the tier, without padding and parity.
  uint64_t stored_bytes() const {
    if (encoding == Encoding::kRaw) return length_bytes;
    uint64_t sum = 0;
    for (const uint32_t frame : frames) sum += frame;
    return sum;
  }
  friend bool operator==(const BlobRecord&, const BlobRecord&) = default;
};

/// Space the blob takes in its segment.
constexpr uint64_t padded_length(uint64_t length_bytes) {
  return (length_bytes + 4095) / 4096 * 4096;
}

/// What reclaim() is told of a live blob: on the hot tier its padded length, elsewhere its stored bytes.
inline uint64_t taken_bytes(const BlobRecord& blob) {
  return blob.tier == 0 ? padded_length(blob.length_bytes) : blob.stored_bytes();
}

}  // namespace tp::blob
