// Bytes owns, BytesView borrows. Both are byte strings, not text: any value 0..255 may stand in them.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace tp {

using Bytes = std::string;
using BytesView = std::string_view;
using MutableBytes = std::span<char>;

/// Lower-case hexadecimal.
std::string to_hex(BytesView bytes);
/// Decodes hexadecimal of either case into `out`; false if the text is not exactly 2 * out.size() hex digits.
bool from_hex(std::string_view text, MutableBytes out) noexcept;
/// Standard base64 with padding (RFC 4648 §4).
std::string to_base64(BytesView bytes);
/// False unless `text` is canonical padded base64.
bool from_base64(std::string_view text, Bytes* out);

/// Big-endian integers, as every key and every fixed-width field on disk has them.
template <class Int>
void put_be(char* out, Int value) noexcept {
  for (size_t i = 0; i < sizeof(Int); ++i) out[i] = static_cast<char>(value >> (8 * (sizeof(Int) - 1 - i)));
}
template <class Int>
void append_be(Bytes& out, Int value) {
  char buffer[sizeof(Int)];
  put_be(buffer, value);
  out.append(buffer, sizeof(Int));
}
template <class Int>
Int get_be(const char* in) noexcept {
  Int value = 0;
  for (size_t i = 0; i < sizeof(Int); ++i) value = static_cast<Int>((value << 8) | static_cast<uint8_t>(in[i]));
  return value;
}

/// Whether two secrets are equal, in time that depends on their lengths only.
bool equal_constant_time(BytesView a, BytesView b) noexcept;

}  // namespace tp
