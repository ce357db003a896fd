#include "wire/http/header.h"

namespace tp::wire {

namespace {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && starts_with_ignoring_case(a, b);
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
  if (text.size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (text[i] != prefix[i] && lower(text[i]) != lower(prefix[i])) return false;
  }
  return true;
}

std::optional<std::string_view> find_header(std::span<const HeaderField> headers, std::string_view name) noexcept {
  for (const HeaderField& field : headers) {
    if (equal_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

size_t count_headers(std::span<const HeaderField> headers, std::string_view name) noexcept {
  size_t count = 0;
  for (const HeaderField& field : headers) count += equal_ignoring_case(field.name, name) ? 1 : 0;
  return count;
}

bool list_has_token(std::string_view list, std::string_view token) noexcept {
  for (;;) {
    const size_t comma = list.find(',');
    if (equal_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace tp::wire
