// The inner loops of multi-buffer MD5. Each hashes block_count blocks of 64 bytes from data[i] into the four words at
// states[i], for exactly as many lanes as its name says; the states are distinct.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tp::kernels {

using Md5Kernel = void (*)(uint32_t* const* states, const char* const* data, size_t block_count);

/// Needs avx2.
void md5_avx2_x8(uint32_t* const* states, const char* const* data, size_t block_count) noexcept;
/// Both need avx512f and avx512vl.
void md5_avx512_x8(uint32_t* const* states, const char* const* data, size_t block_count) noexcept;
void md5_avx512_x16(uint32_t* const* states, const char* const* data, size_t block_count) noexcept;

}  // namespace tp::kernels
