// Scans for the bytes that may stand in the parts of a message head, 16 at a time. Each returns the first byte that may
// not, or `end`. Nothing at or after `end` is read.
#pragma once

#include <tmmintrin.h>

#include <array>
#include <bit>
#include <cstdint>

namespace tp::wire {

/// RFC 9110 §5.6.2: tchar.
constexpr bool is_token_char(char c) noexcept {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
  switch (c) {
    case '!': case '#': case '$': case '%': case '&': case '\'': case '*': case '+':
    case '-': case '.': case '^': case '_': case '`': case '|': case '~': return true;
    default: return false;
  }
}

/// RFC 9110 §5.5: field-content is VCHAR, obs-text, space and tab.
constexpr bool is_value_char(char c) noexcept {
  const auto byte = static_cast<uint8_t>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

/// What a request target may hold: no controls and no space. Bytes over 0x7f are let through: clients do send them.
constexpr bool is_target_char(char c) noexcept {
  const auto byte = static_cast<uint8_t>(c);
  return byte > 0x20 && byte != 0x7f;
}

namespace detail {

/// For each low half of a byte, one bit for each high half 0..7 with which it is a tchar.
constexpr std::array<uint8_t, 16> token_bits() {
  std::array<uint8_t, 16> bits{};
  for (unsigned c = 0; c < 128; ++c) {
    if (is_token_char(static_cast<char>(c))) bits[c & 15] |= static_cast<uint8_t>(1u << (c >> 4));
  }
  return bits;
}
alignas(16) inline constexpr std::array<uint8_t, 16> kTokenBits = token_bits();
alignas(16) inline constexpr std::array<uint8_t, 16> kHighBits = {1, 2, 4, 8, 16, 32, 64, 128};

inline __m128i load(const void* from) noexcept { return _mm_loadu_si128(static_cast<const __m128i*>(from)); }

}  // namespace detail

inline const char* skip_token(const char* at, const char* end) noexcept {
  const __m128i low_table = detail::load(detail::kTokenBits.data());
  const __m128i high_table = detail::load(detail::kHighBits.data());
  const __m128i half = _mm_set1_epi8(15);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = detail::load(at);
    const __m128i low = _mm_shuffle_epi8(low_table, _mm_and_si128(bytes, half));
    const __m128i high = _mm_shuffle_epi8(high_table, _mm_and_si128(_mm_srli_epi16(bytes, 4), half));
    const __m128i bad = _mm_cmpeq_epi8(_mm_and_si128(low, high), _mm_setzero_si128());
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad));
    if (mask != 0) return at + std::countr_zero(mask);
  }
  while (at < end && is_token_char(*at)) ++at;
  return at;
}

inline const char* skip_value(const char* at, const char* end) noexcept {
  const __m128i last_control = _mm_set1_epi8(0x1f);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = detail::load(at);
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i bad = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), control), _mm_cmpeq_epi8(bytes, del));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad));
    if (mask != 0) return at + std::countr_zero(mask);
  }
  while (at < end && is_value_char(*at)) ++at;
  return at;
}

inline const char* skip_target(const char* at, const char* end) noexcept {
  const __m128i last_bad = _mm_set1_epi8(0x20);
  const __m128i del = _mm_set1_epi8(0x7f);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = detail::load(at);
    const __m128i bad = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(bytes, last_bad), bytes), _mm_cmpeq_epi8(bytes, del));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(bad));
    if (mask != 0) return at + std::countr_zero(mask);
  }
  while (at < end && is_target_char(*at)) ++at;
  return at;
}

}  // namespace tp::wire
