// How a blob's location is stored. Meta and blob are siblings, so the record is a plain struct here and the plane
// converts.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace tp::meta {

struct StoredBlob {
  BlobId id;
  uint8_t tier = 0;
  uint8_t encoding = 0;
  SegmentId segment;
  uint64_t offset = 0;
  uint32_t length_bytes = 0;
  std::vector<uint32_t> checksums;
  std::vector<uint32_t> frames;           // stored bytes of each frame, where the encoding has frames
  std::vector<uint32_t> piece_checksums;  // of each piece, where the tier is erasure-coded
};

Bytes encode_blob(const StoredBlob& blob);
Result<StoredBlob> decode_blob(BlobId id, BytesView value);

}  // namespace tp::meta
