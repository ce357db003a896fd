// piece_checksum: the checksum of one piece of a blob as stored, padding included: as a unit's (blob_checksum.h) with
// an index that no unit has, so that a piece in another's place does not pass. docs/formats/erasure.md §5.
#pragma once

#include "blob/blob_checksum.h"

namespace tp::blob {

inline uint32_t piece_checksum(BlobId blob, unsigned slot, BytesView piece) {
  constexpr uint32_t kPieceBit = 1u << 31;
  return unit_checksum(blob, kPieceBit | slot, piece);
}

}  // namespace tp::blob
