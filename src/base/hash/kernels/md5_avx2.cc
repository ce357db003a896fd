#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/hash/kernels/md5_kernels.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#include "base/hash/kernels/md5_rounds.inc"

namespace tp::kernels {

namespace {

struct Avx2x8 {
  using Vector = __m256i;
  static constexpr size_t kLanes = 8;

  static Vector load(const uint32_t* from) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(from)); }
  static void store(uint32_t* to, Vector v) { _mm256_store_si256(reinterpret_cast<__m256i*>(to), v); }
  static Vector set1(uint32_t value) { return _mm256_set1_epi32(static_cast<int>(value)); }
  static Vector add(Vector a, Vector b) { return _mm256_add_epi32(a, b); }
  template <int kBits>
  static Vector rotate_left(Vector v) {
    return _mm256_or_si256(_mm256_slli_epi32(v, kBits), _mm256_srli_epi32(v, 32 - kBits));
  }
  static Vector f(Vector x, Vector y, Vector z) {
    return _mm256_xor_si256(z, _mm256_and_si256(x, _mm256_xor_si256(y, z)));
  }
  static Vector g(Vector x, Vector y, Vector z) { return f(z, x, y); }
  static Vector h(Vector x, Vector y, Vector z) { return _mm256_xor_si256(x, _mm256_xor_si256(y, z)); }
  static Vector i(Vector x, Vector y, Vector z) {
    return _mm256_xor_si256(y, _mm256_or_si256(x, _mm256_xor_si256(z, _mm256_set1_epi32(-1))));
  }
  static void transpose(const char* const* data, Vector* words) {
    transpose_8x8(data, 0, words);
    transpose_8x8(data, 32, words + 8);
  }
};

}  // namespace

void md5_avx2_x8(uint32_t* const* states, const char* const* data, size_t block_count) noexcept {
  md5_lanes<Avx2x8>(states, data, block_count);
}

}  // namespace tp::kernels

#pragma clang attribute pop
