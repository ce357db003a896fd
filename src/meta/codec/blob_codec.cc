#include "meta/blob_codec.h"

#include "meta/codec/common_fields.h"

namespace tp::meta {

namespace {
enum BlobField : uint32_t { kTier = 1, kEncoding = 2, kSegment = 3, kOffset = 4, kLength = 5, kChecksums = 6,
                           kFrames = 7, kPieceChecksums = 8 };
constexpr size_t kMaxChecksums = 65536;

Bytes packed(const std::vector<uint32_t>& numbers) {
  Bytes bytes;
  bytes.reserve(4 * numbers.size());
  for (const uint32_t number : numbers) append_be(bytes, number);
  return bytes;
}

std::vector<uint32_t> unpacked(FieldReader& in) {
  const BytesView bytes = in.bytes(4 * kMaxChecksums);
  in.require(bytes.size() % 4 == 0);
  std::vector<uint32_t> numbers;
  numbers.reserve(bytes.size() / 4);
  for (size_t at = 0; at + 4 <= bytes.size(); at += 4) numbers.push_back(get_be<uint32_t>(bytes.data() + at));
  return numbers;
}
}  // namespace

Bytes encode_blob(const StoredBlob& blob) {
  FieldWriter out(kValueVersion, 32 + 4 * blob.checksums.size());
  out.varint(kTier, blob.tier);
  out.varint(kEncoding, blob.encoding);
  out.varint(kSegment, blob.segment.value);
  out.varint(kOffset, blob.offset);
  out.varint(kLength, blob.length_bytes);
  out.bytes(kChecksums, packed(blob.checksums));
  out.bytes(kFrames, packed(blob.frames));
  out.bytes(kPieceChecksums, packed(blob.piece_checksums));
  return out.take();
}

Result<StoredBlob> decode_blob(BlobId id, BytesView value) {
  FieldReader in(value, kValueVersion);
  StoredBlob blob;
  blob.id = id;
  while (in.next()) {
    switch (in.number()) {
      case kTier:
        blob.tier = static_cast<uint8_t>(in.varint(UINT8_MAX));
        break;
      case kEncoding:
        blob.encoding = static_cast<uint8_t>(in.varint(UINT8_MAX));
        break;
      case kSegment:
        blob.segment = SegmentId(in.varint());
        break;
      case kOffset:
        blob.offset = in.varint();
        break;
      case kLength:
        blob.length_bytes = static_cast<uint32_t>(in.varint(UINT32_MAX));
        break;
      case kChecksums:
        blob.checksums = unpacked(in);
        break;
      case kFrames:
        blob.frames = unpacked(in);
        break;
      case kPieceChecksums:
        blob.piece_checksums = unpacked(in);
        break;
      default:
        break;
    }
  }
  in.require(blob.length_bytes <= UINT64_MAX - blob.offset);
  TP_TRY_VOID(in.finish("blob"));
  return blob;
}

}  // namespace tp::meta
