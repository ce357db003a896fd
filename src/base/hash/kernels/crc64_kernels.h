// The inner loops of CRC-64/NVME. Each takes and returns the raw register (start value and final mask are the caller's)
// and accepts any size.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tp::kernels {

/// Eight table look-ups per eight bytes, on any CPU.
uint64_t crc64_table(uint64_t state, const char* data, size_t size) noexcept;
/// Folds 128 bytes a step. Needs pclmul and sse4.1.
uint64_t crc64_pclmul(uint64_t state, const char* data, size_t size) noexcept;
/// Folds 256 bytes a step. Needs avx512f, avx512vl and vpclmulqdq besides.
uint64_t crc64_vpclmul(uint64_t state, const char* data, size_t size) noexcept;

}  // namespace tp::kernels
