#include "wire/text/utf8.h"

#include <algorithm>
#include <cstring>

namespace tp::wire {

namespace {

constexpr uint64_t kHighBits = 0x8080808080808080ULL;

/// Length of the well-formed sequence at the front of `text`, which is not empty and does not begin with ASCII; 0 if
/// there is none (the table of RFC 3629 §4).
size_t sequence_length(BytesView text) noexcept {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const auto is_tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t first = byte(0);
  if (first >= 0xc2 && first <= 0xdf) return is_tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (first == 0xe0 && byte(1) < 0xa0) return 0;  // overlong
    if (first == 0xed && byte(1) > 0x9f) return 0;  // surrogates
    return is_tail(1) && is_tail(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (first == 0xf0 && byte(1) < 0x90) return 0;  // overlong
    if (first == 0xf4 && byte(1) > 0x8f) return 0;  // over U+10FFFF
    return is_tail(1) && is_tail(2) && is_tail(3) ? 4 : 0;
  }
  return 0;
}

size_t ascii_prefix(BytesView text) noexcept {
  size_t at = 0;
  for (; text.size() - at >= 8; at += 8) {
    uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if ((word & kHighBits) != 0) break;
  }
  while (at < text.size() && static_cast<uint8_t>(text[at]) < 0x80) ++at;
  return at;
}

}  // namespace

bool is_valid_utf8(BytesView text) noexcept {
  for (;;) {
    text.remove_prefix(ascii_prefix(text));
    if (text.empty()) return true;
    const size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

Bytes as_valid_utf8(BytesView text) {
  Bytes valid;
  while (!text.empty()) {
    size_t length = ascii_prefix(text);
    if (length == 0) length = sequence_length(text);
    if (length == 0) {
      valid.append("\xef\xbf\xbd");
      text.remove_prefix(1);
      continue;
    }
    valid.append(text.substr(0, length));
    text.remove_prefix(length);
  }
  return valid;
}

bool is_ascii(BytesView text) noexcept { return ascii_prefix(text) == text.size(); }

bool is_printable_ascii(BytesView text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

}  // namespace tp::wire
