#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/hash/kernels/md5_kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,avx512f,avx512vl"))), apply_to = function)

#include "base/hash/kernels/md5_rounds.inc"

namespace tp::kernels {

namespace {

// Truth tables of MD5's four functions of (x, y, z) for vpternlog: bit (x << 2 | y << 1 | z) is the result.
constexpr int kTernaryF = 0xca;  // x ? y : z
constexpr int kTernaryG = 0xe4;  // z ? x : y
constexpr int kTernaryH = 0x96;  // x ^ y ^ z
constexpr int kTernaryI = 0x39;  // y ^ (x | ~z)

struct Avx512x8 {
  using Vector = __m256i;
  static constexpr size_t kLanes = 8;

  static Vector load(const uint32_t* from) { return _mm256_load_si256(reinterpret_cast<const __m256i*>(from)); }
  static void store(uint32_t* to, Vector v) { _mm256_store_si256(reinterpret_cast<__m256i*>(to), v); }
  static Vector set1(uint32_t value) { return _mm256_set1_epi32(static_cast<int>(value)); }
  static Vector add(Vector a, Vector b) { return _mm256_add_epi32(a, b); }
  template <int kBits>
  static Vector rotate_left(Vector v) {
    return _mm256_rol_epi32(v, kBits);
  }
  static Vector f(Vector x, Vector y, Vector z) { return _mm256_ternarylogic_epi32(x, y, z, kTernaryF); }
  static Vector g(Vector x, Vector y, Vector z) { return _mm256_ternarylogic_epi32(x, y, z, kTernaryG); }
  static Vector h(Vector x, Vector y, Vector z) { return _mm256_ternarylogic_epi32(x, y, z, kTernaryH); }
  static Vector i(Vector x, Vector y, Vector z) { return _mm256_ternarylogic_epi32(x, y, z, kTernaryI); }
  static void transpose(const char* const* data, Vector* words) {
    transpose_8x8(data, 0, words);
    transpose_8x8(data, 32, words + 8);
  }
};

struct Avx512x16 {
  using Vector = __m512i;
  static constexpr size_t kLanes = 16;

  static Vector load(const uint32_t* from) { return _mm512_load_si512(from); }
  static void store(uint32_t* to, Vector v) { _mm512_store_si512(to, v); }
  static Vector set1(uint32_t value) { return _mm512_set1_epi32(static_cast<int>(value)); }
  static Vector add(Vector a, Vector b) { return _mm512_add_epi32(a, b); }
  template <int kBits>
  static Vector rotate_left(Vector v) {
    return _mm512_rol_epi32(v, kBits);
  }
  static Vector f(Vector x, Vector y, Vector z) { return _mm512_ternarylogic_epi32(x, y, z, kTernaryF); }
  static Vector g(Vector x, Vector y, Vector z) { return _mm512_ternarylogic_epi32(x, y, z, kTernaryG); }
  static Vector h(Vector x, Vector y, Vector z) { return _mm512_ternarylogic_epi32(x, y, z, kTernaryH); }
  static Vector i(Vector x, Vector y, Vector z) { return _mm512_ternarylogic_epi32(x, y, z, kTernaryI); }

  /// 16 rows of 16 words: each half of the lanes and of the words as an 8 x 8 square, then the halves side by side.
  static void transpose(const char* const* data, Vector* words) {
    for (int half = 0; half < 2; ++half) {
      __m256i low[8];
      __m256i high[8];
      transpose_8x8(data, 32 * static_cast<size_t>(half), low);
      transpose_8x8(data + 8, 32 * static_cast<size_t>(half), high);
      for (int k = 0; k < 8; ++k) {
        words[8 * half + k] = _mm512_inserti64x4(_mm512_castsi256_si512(low[k]), high[k], 1);
      }
    }
  }
};

}  // namespace

void md5_avx512_x8(uint32_t* const* states, const char* const* data, size_t block_count) noexcept {
  md5_lanes<Avx512x8>(states, data, block_count);
}

void md5_avx512_x16(uint32_t* const* states, const char* const* data, size_t block_count) noexcept {
  md5_lanes<Avx512x16>(states, data, block_count);
}

}  // namespace tp::kernels

#pragma clang attribute pop
