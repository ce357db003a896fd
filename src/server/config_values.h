// Values of the TOML configuration, taken or refused in words.
#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <limits>
#include <string>
#include <vector>

#include "server/config.h"

namespace tp::server {

inline Error bad_value(const std::string& key, const toml::node& node, std::string_view wanted) {
  return Error(Code::kInvalidArgument, fmt::format("line {}: {} must be {}", node.source().begin.line, key, wanted));
}

inline Result<void> take_string(const std::string& key, const toml::node& node, std::string* out) {
  const auto value = node.value_exact<std::string>();
  if (!value) return std::unexpected(bad_value(key, node, "a string"));
  *out = *value;
  return ok;
}

inline Result<void> take_bool(const std::string& key, const toml::node& node, bool* out) {
  const auto value = node.value_exact<bool>();
  if (!value) return std::unexpected(bad_value(key, node, "true or false"));
  *out = *value;
  return ok;
}

template <class Int>
Result<void> take_integer(const std::string& key, const toml::node& node, Int* out) {
  const auto value = node.value_exact<int64_t>();
  if (!value || *value < 0 || static_cast<uint64_t>(*value) > static_cast<uint64_t>(std::numeric_limits<Int>::max())) {
    return std::unexpected(bad_value(key, node, "a whole number in range"));
  }
  *out = static_cast<Int>(*value);
  return ok;
}

inline Result<void> take_size(const std::string& key, const toml::node& node, uint64_t* out) {
  if (node.is_integer()) return take_integer(key, node, out);
  std::string text;
  TP_TRY_VOID(take_string(key, node, &text));
  auto size = parse_size(text);
  if (!size) return std::unexpected(bad_value(key, node, "a size such as \"512MiB\""));
  *out = *size;
  return ok;
}

inline Result<void> take_strings(const std::string& key, const toml::node& node, std::vector<std::string>* out) {
  if (!node.is_array()) return std::unexpected(bad_value(key, node, "a list of strings"));
  out->clear();
  for (const auto& item : *node.as_array()) {
    std::string text;
    TP_TRY_VOID(take_string(key, item, &text));
    out->push_back(std::move(text));
  }
  return ok;
}

}  // namespace tp::server
