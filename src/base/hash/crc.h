// The three CRCs of the store, in zlib's convention: start with seed 0 and pass the previous result to continue, so
// crc(crc(0, a), b) == crc(0, a + b). Each runs at memory speed on a CPU with carry-less multiply.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tp {

/// CRC-32C (Castagnoli, RFC 3720 §12.1).
uint32_t crc32c(uint32_t seed, BytesView bytes) noexcept;
/// CRC-32 (ISO-HDLC, as in zlib and RFC 1952 §8).
uint32_t crc32(uint32_t seed, BytesView bytes) noexcept;
/// CRC-64/NVME (NVM Express NVM Command Set, 64b CRC).
uint64_t crc64nvme(uint64_t seed, BytesView bytes) noexcept;

/// The CRC of a concatenation from the CRCs of its two pieces and the second one's length in bytes; O(log length).
uint32_t crc32c_combine(uint32_t first, uint32_t second, uint64_t second_size) noexcept;
uint32_t crc32_combine(uint32_t first, uint32_t second, uint64_t second_size) noexcept;
uint64_t crc64nvme_combine(uint64_t first, uint64_t second, uint64_t second_size) noexcept;

}  // namespace tp
