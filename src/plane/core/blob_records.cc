#include "plane/core/blob_records.h"

#include "meta/keys.h"

namespace tp::plane {

Bytes encode_blob_record(const blob::BlobRecord& blob) {
  meta::StoredBlob stored;
  stored.id = blob.id;
  stored.tier = blob.tier;
  stored.encoding = static_cast<uint8_t>(blob.encoding);
  stored.segment = blob.segment;
  stored.offset = blob.offset;
  stored.length_bytes = blob.length_bytes;
  stored.checksums = blob.checksums;
  stored.frames = blob.frames;
  stored.piece_checksums = blob.piece_checksums;
  return meta::encode_blob(stored);
}

Result<blob::BlobRecord> decode_blob_record(BlobId id, BytesView value) {
  TP_TRY(meta::StoredBlob stored, meta::decode_blob(id, value));
  if (stored.encoding > static_cast<uint8_t>(blob::Encoding::kSealedFrames)) {
    return fail(Code::kCorruption, "blob record with an unknown encoding");
  }
  const auto encoding = static_cast<blob::Encoding>(stored.encoding);
  uint64_t units = (stored.length_bytes + blob::kChecksumUnitBytes - 1) / blob::kChecksumUnitBytes;
  if (stored.length_bytes == 0 || stored.length_bytes > blob::kMaxBlobBytes || stored.checksums.size() != units) {
    return fail(Code::kCorruption, "blob record whose length and checksums do not fit");
  }
  const uint64_t frames = (stored.length_bytes + blob::kFrameBytes - 1) / blob::kFrameBytes;
  if (stored.frames.size() != (encoding == blob::Encoding::kRaw ? 0 : frames)) {
    return fail(Code::kCorruption, "blob record whose length and frames do not fit");
  }
  blob::BlobRecord blob;
  blob.id = id;
  blob.tier = stored.tier;
  blob.encoding = encoding;
  blob.segment = stored.segment;
  blob.offset = stored.offset;
  blob.length_bytes = stored.length_bytes;
  blob.checksums = std::move(stored.checksums);
  blob.frames = std::move(stored.frames);
  blob.piece_checksums = std::move(stored.piece_checksums);
  return blob;
}

Bytes encode_blob_place(BlobId id) {
  Bytes value;
  append_be(value, id.value);
  return value;
}

Result<BlobId> decode_blob_place(BytesView value) {
  if (value.size() != sizeof(uint64_t)) return fail(Code::kCorruption, "blob place record of a wrong size");
  return BlobId(get_be<uint64_t>(value.data()));
}

Bytes encode_references(uint64_t count) {
  Bytes value;
  append_be(value, count);
  return value;
}

Result<uint64_t> decode_references(BytesView value) {
  if (value.size() != sizeof(uint64_t)) return fail(Code::kCorruption, "blob reference count of a wrong size");
  return get_be<uint64_t>(value.data());
}

Result<std::optional<blob::BlobRecord>> load_blob(meta::RecordSource& source, BlobId id) {
  TP_TRY(auto value, source.get(kv::Space::kBlobs, meta::blob_key(id)));
  if (!value) return std::nullopt;
  TP_TRY(auto blob, decode_blob_record(id, *value));
  return std::optional(std::move(blob));
}

Result<std::vector<std::optional<blob::BlobRecord>>> load_blobs(meta::RecordSource& source,
                                                                const std::vector<BlobId>& ids) {
  std::vector<Bytes> keys;
  for (BlobId id : ids) keys.push_back(meta::blob_key(id));
  TP_TRY(auto values, source.multi_get(kv::Space::kBlobs, keys));
  std::vector<std::optional<blob::BlobRecord>> blobs(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!values[i]) continue;
    TP_TRY(blobs[i], decode_blob_record(ids[i], *values[i]));
  }
  return blobs;
}

}  // namespace tp::plane
