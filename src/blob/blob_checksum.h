// unit_checksum: the checksum of one 64 KiB unit of a blob: CRC32C over the blob's id and the unit's index (big-endian,
// 12 bytes) and then the data, so that right bytes in the wrong place do not pass. docs/formats/segment.md §3.
#pragma once

#include "base/bytes.h"
#include "base/hash/crc.h"
#include "blob/blob_record.h"

namespace tp::blob {

inline uint32_t unit_checksum(BlobId blob, uint32_t unit_index, BytesView data) {
  char place[sizeof(uint64_t) + sizeof(uint32_t)];
  put_be<uint64_t>(place, blob.value);
  put_be<uint32_t>(place + sizeof(uint64_t), unit_index);
  return crc32c(crc32c(0, BytesView(place, sizeof place)), data);
}

/// How many checksums a blob of this length has.
constexpr size_t unit_count(uint64_t length_bytes) {
  return static_cast<size_t>((length_bytes + kChecksumUnitBytes - 1) / kChecksumUnitBytes);
}

}  // namespace tp::blob
