// CRC-64 by folding (Gopal et al., "Fast CRC Computation Using PCLMULQDQ", 2009): a 16-byte accumulator moves d bits
// ahead by multiplying its two halves by x^(d+64) and x^d modulo P, and is added to the data there. In reflected order
// a carry-less product comes out one power of x too high, hence the exponents less one.
#include <immintrin.h>

#include "base/hash/kernels/crc64_kernels.h"
#include "base/hash/kernels/crc_field.h"

#define TP_TARGET_PCLMUL __attribute__((target("pclmul,sse4.1")))
#define TP_TARGET_VPCLMUL __attribute__((target("pclmul,sse4.1,avx512f,avx512vl,vpclmulqdq")))

namespace tp::kernels {

namespace {

/// The multipliers that move an accumulator kBits ahead. Its low half holds the higher powers.
template <int kBits>
struct Shift {
  static constexpr auto kLow = static_cast<int64_t>(Crc64NvmeField::power_of_x(kBits + 63));
  static constexpr auto kHigh = static_cast<int64_t>(Crc64NvmeField::power_of_x(kBits - 1));
};

template <int kBits>
TP_TARGET_PCLMUL inline __m128i fold(__m128i accumulator, __m128i data) noexcept {
  const __m128i shift = _mm_set_epi64x(Shift<kBits>::kHigh, Shift<kBits>::kLow);
  const __m128i low = _mm_clmulepi64_si128(accumulator, shift, 0x00);
  const __m128i high = _mm_clmulepi64_si128(accumulator, shift, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), data);
}

TP_TARGET_PCLMUL inline __m128i load(const char* data) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(data));
}

/// The register after the accumulator and the rest of the data. The accumulator stands for 16 bytes of message, which
/// the table may as well divide: sixteen look-ups instead of a Barrett reduction.
TP_TARGET_PCLMUL inline uint64_t finish(__m128i accumulator, const char* data, size_t size) noexcept {
  for (; size >= 16; data += 16, size -= 16) accumulator = fold<128>(accumulator, load(data));
  alignas(16) char bytes[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(bytes), accumulator);
  return crc64_table(crc64_table(0, bytes, sizeof bytes), data, size);
}

template <int kBits>
TP_TARGET_VPCLMUL inline __m512i fold_wide(__m512i accumulator, __m512i data) noexcept {
  const __m512i shift = _mm512_broadcast_i32x4(_mm_set_epi64x(Shift<kBits>::kHigh, Shift<kBits>::kLow));
  const __m512i low = _mm512_clmulepi64_epi128(accumulator, shift, 0x00);
  const __m512i high = _mm512_clmulepi64_epi128(accumulator, shift, 0x11);
  return _mm512_ternarylogic_epi64(low, high, data, 0x96);  // three-way xor
}

}  // namespace

TP_TARGET_PCLMUL uint64_t crc64_pclmul(uint64_t state, const char* data, size_t size) noexcept {
  if (size < 32) return crc64_table(state, data, size);
  const __m128i start = _mm_cvtsi64_si128(static_cast<int64_t>(state));
  if (size < 256) return finish(_mm_xor_si128(load(data), start), data + 16, size - 16);

  __m128i lanes[8];
  for (int i = 0; i < 8; ++i) lanes[i] = load(data + 16 * i);
  lanes[0] = _mm_xor_si128(lanes[0], start);
  data += 128;
  size -= 128;
  for (; size >= 128; data += 128, size -= 128) {
    for (int i = 0; i < 8; ++i) lanes[i] = fold<1024>(lanes[i], load(data + 16 * i));
  }
  __m128i accumulator = lanes[0];
  for (int i = 1; i < 8; ++i) accumulator = fold<128>(accumulator, lanes[i]);
  return finish(accumulator, data, size);
}

TP_TARGET_VPCLMUL uint64_t crc64_vpclmul(uint64_t state, const char* data, size_t size) noexcept {
  if (size < 512) return crc64_pclmul(state, data, size);
  __m512i lanes[4];
  for (int i = 0; i < 4; ++i) lanes[i] = _mm512_loadu_si512(data + 64 * i);
  lanes[0] = _mm512_xor_si512(lanes[0], _mm512_zextsi128_si512(_mm_cvtsi64_si128(static_cast<int64_t>(state))));
  data += 256;
  size -= 256;
  for (; size >= 256; data += 256, size -= 256) {
    for (int i = 0; i < 4; ++i) lanes[i] = fold_wide<2048>(lanes[i], _mm512_loadu_si512(data + 64 * i));
  }
  __m512i wide = lanes[0];
  for (int i = 1; i < 4; ++i) wide = fold_wide<512>(wide, lanes[i]);
  __m128i accumulator = _mm512_castsi512_si128(wide);
  accumulator = fold<128>(accumulator, _mm512_extracti32x4_epi32(wide, 1));
  accumulator = fold<128>(accumulator, _mm512_extracti32x4_epi32(wide, 2));
  accumulator = fold<128>(accumulator, _mm512_extracti32x4_epi32(wide, 3));
  return finish(accumulator, data, size);
}

}  // namespace tp::kernels
