// HeaderField and HeaderList: the fields of one HTTP message head, as views into the buffer that was parsed.
// Invariant: a list that a parser filled holds names that are tokens and values without control bytes, both trimmed.
// Spec: RFC 9110 §5.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tp::wire {

struct HeaderField {
  std::string_view name;
  std::string_view value;
};

using HeaderList = std::vector<HeaderField>;

/// Whether two ASCII texts are equal but for the case of letters.
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// Whether `text` begins with `prefix`, but for the case of letters.
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept;

/// The value of the first field of that name (any case); nullopt if there is none.
std::optional<std::string_view> find_header(std::span<const HeaderField> headers, std::string_view name) noexcept;
/// How many fields have that name (any case).
size_t count_headers(std::span<const HeaderField> headers, std::string_view name) noexcept;

/// Whether a comma-separated list (RFC 9110 §5.6.1) has `token` as an element, in any case.
bool list_has_token(std::string_view list, std::string_view token) noexcept;

}  // namespace tp::wire
