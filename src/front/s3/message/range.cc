#include "front/s3/message/range.h"

#include <algorithm>
#include <charconv>

#include "front/s3/core/s3_error.h"
#include "wire/http/header.h"

namespace tp::s3 {

namespace {

// Digits alone; a number too large for 64 bits counts as the largest.
std::optional<uint64_t> parse_position(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  uint64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return UINT64_MAX;
  return value;
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

Result<std::optional<ByteRange>> parse_range(std::string_view field, uint64_t object_bytes) {
  constexpr std::string_view kUnit = "bytes=";
  const std::optional<ByteRange> whole;
  if (!wire::starts_with_ignoring_case(field, kUnit)) return whole;
  const std::string_view spec = trim(field.substr(kUnit.size()));
  const size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return whole;
  const std::string_view first_text = trim(spec.substr(0, dash));
  const std::string_view last_text = trim(spec.substr(dash + 1));
  if (first_text.empty()) {
    const auto suffix = parse_position(last_text);
    if (!suffix) return whole;
    if (*suffix == 0 || object_bytes == 0) return s3_fail(S3Code::kInvalidRange);
    const uint64_t size = std::min(*suffix, object_bytes);
    return ByteRange{object_bytes - size, size};
  }
  const auto first = parse_position(first_text);
  const auto last = last_text.empty() ? std::optional<uint64_t>(UINT64_MAX) : parse_position(last_text);
  if (!first || !last || *first > *last) return whole;
  if (*first >= object_bytes) return s3_fail(S3Code::kInvalidRange);
  return ByteRange{*first, std::min(*last, object_bytes - 1) - *first + 1};
}

Result<ByteRange> parse_copy_source_range(std::string_view field) {
  constexpr std::string_view kUnit = "bytes=";
  if (field.starts_with(kUnit)) {
    const std::string_view spec = field.substr(kUnit.size());
    const size_t dash = spec.find('-');
    const auto first = parse_position(spec.substr(0, dash));
    const auto last = dash == std::string_view::npos ? std::nullopt : parse_position(spec.substr(dash + 1));
    if (first && last && *first <= *last && *last < (uint64_t{1} << 62)) return ByteRange{*first, *last - *first + 1};
  }
  return s3_fail(S3Code::kInvalidArgument,
                 "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
                 "zero-based offsets of the first and last bytes to copy");
}

std::string content_range(const ByteRange& range, uint64_t object_bytes) {
  return "bytes " + std::to_string(range.offset) + "-" + std::to_string(range.offset + range.size_bytes - 1) + "/" +
         std::to_string(object_bytes);
}

}  // namespace tp::s3
