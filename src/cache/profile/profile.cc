#include "cache/profile/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>
#include <string_view>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

namespace tp::cache {
namespace {

constexpr size_t kMostTextBytes = 256;
constexpr size_t kMostPoints = 4096;

struct TextField {
  std::string_view name;
  std::string Identity::*member;
};
constexpr TextField kTextFields[] = {{"model", &Identity::model},
                                     {"tokenizer", &Identity::tokenizer},
                                     {"engine", &Identity::engine},
                                     {"dtype", &Identity::dtype},
                                     {"layout", &Identity::layout}};
struct NumberField {
  std::string_view name;
  uint32_t Identity::*member;
};
constexpr NumberField kNumberFields[] = {{"tensor_parallel", &Identity::tensor_parallel}, {"rank", &Identity::rank}};

/// So that no value can say what another field says.
std::string escaped(const std::string& value) {
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ';' || c == '=' || c == '%' || byte < 0x20 || byte == 0x7f) {
      out += fmt::format("%{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

Result<void> check_text(std::string_view name, std::string_view value) {
  if (value.size() > kMostTextBytes) {
    return fail(Code::kInvalidArgument, fmt::format("{} has more than {} bytes", name, kMostTextBytes));
  }
  return ok;
}

std::string where(const toml::node& node) { return fmt::format("line {}", node.source().begin.line); }

Result<double> number_of(std::string_view key, const toml::node& node) {
  const auto value = node.value<double>();
  if (!value || !std::isfinite(*value) || *value < 0) {
    return fail(Code::kInvalidArgument, fmt::format("{}, {}: expected a number of at least 0", where(node), key));
  }
  return *value;
}

Result<uint32_t> integer_of(std::string_view key, const toml::node& node) {
  const auto value = node.value_exact<int64_t>();
  if (!value || *value < 0 || *value > 1'000'000'000) {
    return fail(Code::kInvalidArgument, fmt::format("{}, {}: expected a whole number", where(node), key));
  }
  return static_cast<uint32_t>(*value);
}

Result<std::string> text_of(std::string_view key, const toml::node& node) {
  const auto value = node.value_exact<std::string>();
  if (!value) return fail(Code::kInvalidArgument, fmt::format("{}, {}: expected a text", where(node), key));
  TP_TRY_VOID(check_text(fmt::format("{}, {}", where(node), key), *value));
  return *value;
}

Result<void> take_identity(const toml::table& table, Identity* identity) {
  for (const auto& [key, node] : table) {
    bool known = false;
    for (const TextField& field : kTextFields) {
      if (field.name != key.str()) continue;
      TP_TRY(identity->*field.member, text_of(field.name, node));
      known = true;
    }
    for (const NumberField& field : kNumberFields) {
      if (field.name != key.str()) continue;
      TP_TRY(identity->*field.member, integer_of(field.name, node));
      known = true;
    }
    if (!known) {
      return fail(Code::kInvalidArgument, fmt::format("{}: identity.{} is not known", where(node), key.str()));
    }
  }
  return ok;
}

Result<void> take_points(const toml::node& node, std::vector<std::pair<double, double>>* points) {
  const toml::array* const array = node.as_array();
  if (array == nullptr || array->size() > kMostPoints) {
    return fail(Code::kInvalidArgument, where(node) + ", prefill_seconds: expected [[tokens, seconds], ...]");
  }
  for (const toml::node& element : *array) {
    const toml::array* const pair = element.as_array();
    if (pair == nullptr || pair->size() != 2) {
      return fail(Code::kInvalidArgument, where(element) + ", prefill_seconds: expected [tokens, seconds]");
    }
    TP_TRY(const double tokens, number_of("prefill_seconds", *pair->get(0)));
    TP_TRY(const double seconds, number_of("prefill_seconds", *pair->get(1)));
    const auto last = points->empty() ? std::pair<double, double>() : points->back();
    if (tokens == 0 && seconds == 0 && points->empty()) continue;
    if (tokens <= last.first || seconds < last.second) {
      return fail(Code::kInvalidArgument, where(element) + ", prefill_seconds: tokens and seconds have to grow");
    }
    points->emplace_back(tokens, seconds);
  }
  return ok;
}

Result<void> take_key(std::string_view key, const toml::node& node, Profile* profile) {
  if (key == "name") {
    TP_TRY(profile->name, text_of(key, node));
  } else if (key == "identity") {
    const toml::table* const table = node.as_table();
    if (table == nullptr) return fail(Code::kInvalidArgument, where(node) + ", identity: expected a table");
    return take_identity(*table, &profile->identity);
  } else if (key == "bytes_per_token") {
    TP_TRY(profile->bytes_per_token, number_of(key, node));
  } else if (key == "block_tokens") {
    TP_TRY(profile->block_tokens, integer_of(key, node));
  } else if (key == "prefill_seconds") {
    return take_points(node, &profile->prefill_seconds);
  } else if (key == "gpu_dollars_per_hour") {
    TP_TRY(profile->gpu_dollars_per_hour, number_of(key, node));
  } else if (key == "gpus") {
    TP_TRY(profile->gpus, number_of(key, node));
  } else {
    return fail(Code::kInvalidArgument, fmt::format("{}: {} is not known", where(node), key));
  }
  return ok;
}

/// Seconds to prefill a prompt of so many tokens.
double prefill(const std::vector<std::pair<double, double>>& points, double tokens) {
  if (points.empty()) return 0;
  const auto above = std::lower_bound(points.begin(), points.end(), tokens,
                                      [](const auto& point, double wanted) { return point.first < wanted; });
  // Beyond the last point the last line goes on.
  const size_t right = std::min<size_t>(static_cast<size_t>(above - points.begin()), points.size() - 1);
  const std::pair<double, double> from = right == 0 ? std::pair<double, double>() : points[right - 1];
  const std::pair<double, double> to = points[right];
  return from.second + (tokens - from.first) * (to.second - from.second) / (to.first - from.first);
}

}  // namespace

std::string Identity::text() const {
  std::string out;
  for (const TextField& field : kTextFields) out += fmt::format("{}={};", field.name, escaped(this->*field.member));
  for (const NumberField& field : kNumberFields) out += fmt::format("{}={};", field.name, this->*field.member);
  return out;
}

Result<void> Identity::set(std::string_view field_and_value) {
  const size_t equals = field_and_value.find('=');
  if (equals == std::string_view::npos) {
    return fail(Code::kInvalidArgument, "expected field=value");
  }
  const std::string_view name = field_and_value.substr(0, equals), value = field_and_value.substr(equals + 1);
  for (const TextField& field : kTextFields) {
    if (field.name != name) continue;
    TP_TRY_VOID(check_text(name, value));
    this->*field.member = std::string(value);
    return ok;
  }
  for (const NumberField& field : kNumberFields) {
    if (field.name != name) continue;
    uint32_t number = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size()) {
      return fail(Code::kInvalidArgument, std::string(name) + " is not a whole number");
    }
    this->*field.member = number;
    return ok;
  }
  return fail(Code::kInvalidArgument, std::string(name.substr(0, kMostTextBytes)) + " is no field of an identity");
}

double Profile::seconds(uint64_t first_token, uint64_t count) const {
  if (prefill_seconds.empty() || count == 0) return 0;
  return prefill(prefill_seconds, static_cast<double>(first_token) + static_cast<double>(count)) -
         prefill(prefill_seconds, static_cast<double>(first_token));
}

Result<Profile> parse_profile(const std::string& toml_text) {
  toml::table table;
  try {
    table = toml::parse(toml_text);
  } catch (const toml::parse_error& error) {
    return fail(Code::kInvalidArgument,
                fmt::format("line {}: {}", error.source().begin.line, std::string(error.description())));
  }
  Profile profile;
  for (const auto& [key, node] : table) TP_TRY_VOID(take_key(key.str(), node, &profile));
  return profile;
}

std::string profile_text(const Profile& profile) {
  toml::table identity;
  for (const TextField& field : kTextFields) identity.insert(field.name, profile.identity.*field.member);
  for (const NumberField& field : kNumberFields) {
    identity.insert(field.name, static_cast<int64_t>(profile.identity.*field.member));
  }
  toml::array points;
  for (const auto& [tokens, seconds] : profile.prefill_seconds) points.push_back(toml::array(tokens, seconds));
  toml::table table;
  table.insert("name", profile.name);
  table.insert("bytes_per_token", profile.bytes_per_token);
  table.insert("block_tokens", static_cast<int64_t>(profile.block_tokens));
  table.insert("prefill_seconds", points);
  table.insert("gpu_dollars_per_hour", profile.gpu_dollars_per_hour);
  table.insert("gpus", profile.gpus);
  table.insert("identity", identity);
  std::ostringstream out;
  out << table << '\n';
  return out.str();
}

}  // namespace tp::cache
