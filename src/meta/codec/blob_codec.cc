#include "meta/blob_codec.h"

#include "meta/codec/common_fields.h"

namespace tp::meta {

namespace {
enum BlobField : uint32_t { kTier = 1, kEncoding = 2, kSegment = 3, kOffset = 4, kLength = 5, kChecksums = 6 };
constexpr size_t kMaxChecksums = 65536;
}  // namespace

Bytes encode_blob(const StoredBlob& blob) {
  FieldWriter out(kValueVersion, 32 + 4 * blob.checksums.size());
  out.varint(kTier, blob.tier);
  out.varint(kEncoding, blob.encoding);
  out.varint(kSegment, blob.segment.value);
  out.varint(kOffset, blob.offset);
  out.varint(kLength, blob.length_bytes);
  Bytes checksums;
  checksums.reserve(4 * blob.checksums.size());
  for (const uint32_t checksum : blob.checksums) append_be(checksums, checksum);
  out.bytes(kChecksums, checksums);
  return out.take();
}

Result<StoredBlob> decode_blob(BlobId id, BytesView value) {
  FieldReader in(value, kValueVersion);
  StoredBlob blob;
  blob.id = id;
  BytesView checksums;
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
        checksums = in.bytes(4 * kMaxChecksums);
        break;
      default:
        break;
    }
  }
  in.require(checksums.size() % 4 == 0 && blob.length_bytes <= UINT64_MAX - blob.offset);
  TP_TRY_VOID(in.finish("blob"));
  blob.checksums.reserve(checksums.size() / 4);
  for (size_t at = 0; at < checksums.size(); at += 4) blob.checksums.push_back(get_be<uint32_t>(checksums.data() + at));
  return blob;
}

}  // namespace tp::meta
