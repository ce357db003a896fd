#include "wire/resp/number.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace tp::wire {

std::optional<int64_t> parse_integer(BytesView text) noexcept {
  const bool negative = !text.empty() && text[0] == '-';
  const BytesView digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > 19) return std::nullopt;
  if (digits[0] == '0') return text.size() == 1 ? std::optional<int64_t>(0) : std::nullopt;
  uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  constexpr uint64_t kLimit = uint64_t{1} << 63;
  if (value > (negative ? kLimit : kLimit - 1)) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - value : value);
}

size_t format_integer(int64_t value, char* out) noexcept {
  return static_cast<size_t>(std::to_chars(out, out + 20, value).ptr - out);
}

std::optional<long double> parse_float(BytesView text) {
  // Longer texts are no numbers that anyone means; Redis has a buffer of the same kind.
  constexpr size_t kMaxText = 5 * 1024;
  if (text.empty() || text.size() >= kMaxText || text.find('\0') != BytesView::npos) return std::nullopt;
  const char first = text[0];
  if (first == ' ' || (first >= '\t' && first <= '\r')) return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  errno = 0;
  const long double value = std::strtold(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size() || std::isnan(value)) return std::nullopt;
  if (errno == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  return value;
}

std::string format_float(long double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string text(5 * 1024, '\0');
  const int size = std::snprintf(text.data(), text.size(), "%.17Lf", value);
  text.resize(static_cast<size_t>(std::max(size, 0)));
  if (text.find('.') != std::string::npos) {
    text.resize(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

}  // namespace tp::wire
