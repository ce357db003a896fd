#include "front/redis/connection/look_ahead.h"

#include <charconv>
#include <optional>

namespace tp::redis {

namespace {

constexpr uint32_t kMostWords = 8;

/// "*3\r\n" or "$5\r\n" at `*at`, which moves behind it.
std::optional<uint32_t> number_line(BytesView input, size_t* at, char kind) {
  if (*at >= input.size() || input[*at] != kind) return std::nullopt;
  uint32_t number = 0;
  const char* const end = input.data() + input.size();
  const auto read = std::from_chars(input.data() + *at + 1, end, number);
  if (read.ec != std::errc() || end - read.ptr < 2 || read.ptr[0] != '\r' || read.ptr[1] != '\n') return std::nullopt;
  *at = static_cast<size_t>(read.ptr + 2 - input.data());
  return number;
}

}  // namespace

std::span<const BytesView> LookAhead::keys(BytesView input) {
  size_t found = 0, at = 0;
  while (found < keys_.size()) {
    const auto words = number_line(input, &at, '*');
    if (!words || *words < 2 || *words > kMostWords) break;
    BytesView key;
    uint32_t word = 0;
    for (; word < *words; ++word) {
      const auto size = number_line(input, &at, '$');
      if (!size || input.size() - at < size_t{*size} + 2) break;
      if (word == 1) key = input.substr(at, *size);
      at += size_t{*size} + 2;
    }
    if (word < *words) break;
    keys_[found++] = key;
  }
  return {keys_.data(), found};
}

}  // namespace tp::redis
