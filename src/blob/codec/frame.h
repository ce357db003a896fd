// Frames: the compressed form of a blob, kFrameBytes (256 KiB) of data each, every frame for itself, so that a range
// costs only the frames it touches. How a frame is packed is chosen frame by frame on a sample: lz4, zstd, or byte
// planes (bf16, fp16, fp32) each for itself. Invariant: a frame is never longer than its data; one of exactly the
// data's length is the data. Pure functions, safe from any thread; they take milliseconds a megabyte, so call
// encode_frames from a pool (codec/frame_work.h), not from a loop. Format: docs/formats/frame.md.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "blob/blob_record.h"

namespace tp::blob {

/// What a tier is configured to use.
enum class Codec : uint8_t { kRaw = 0, kLz4 = 1, kZstd = 2 };

struct FrameOptions {
  Codec codec = Codec::kZstd;
  int level = 0;            // of zstd, 1..19; 0: kDefaultZstdLevel
  bool byte_planes = true;  // try to split floats; only with kZstd
};
inline constexpr int kDefaultZstdLevel = 1;
inline constexpr int kMaxZstdLevel = 19;

struct EncodedFrames {
  Bytes bytes;                  // the frames, one after another
  std::vector<uint32_t> sizes;  // of each: BlobRecord::frames
  /// The same length as the data: nothing gained, and the data may as well be stored as Encoding::kRaw.
  bool same_as_data = false;
};

/// How many frames a blob of this length has.
constexpr size_t frame_count(uint64_t length_bytes) {
  return static_cast<size_t>((length_bytes + kFrameBytes - 1) / kFrameBytes);
}
/// Bytes of data in frame `index` of a blob of this length.
constexpr uint64_t frame_data_bytes(uint64_t length_bytes, size_t index) {
  const uint64_t start = index * kFrameBytes;
  return length_bytes - start < kFrameBytes ? length_bytes - start : kFrameBytes;
}
/// Where frame `index` begins among the blob's stored bytes; index <= frames.size().
uint64_t frame_offset(const std::vector<uint32_t>& frames, size_t index);

/// Any data of up to kMaxBlobBytes, also none (no frames). It cannot fail but for memory.
EncodedFrames encode_frames(BytesView data, const FrameOptions& options);
/// One frame, of 1..kFrameBytes of data.
Bytes encode_frame(BytesView data, const FrameOptions& options);

/// Fills `out`, whose size (1..kFrameBytes) says how much data the frame holds. Any bytes may be passed as `frame`:
/// kCorruption if they are not a frame of that much data. Takes no memory but a bounded scratch buffer of the thread.
Result<void> decode_frame(BytesView frame, MutableBytes out);

/// Whether the lengths in a record of kFrames fit its data: the right number, none empty, none longer than its data.
/// `overhead` is what sealing adds to each (0 for kFrames).
bool frames_are_sound(const BlobRecord& blob, uint32_t overhead = 0);

}  // namespace tp::blob
