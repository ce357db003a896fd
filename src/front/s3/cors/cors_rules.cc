#include "front/s3/cors/cors_rules.h"

#include <algorithm>
#include <array>

#include "wire/http/header.h"

namespace tp::s3 {

namespace {

constexpr char kVersion = 1;
constexpr uint8_t kHasMaxAge = 0x80;
struct NamedMethod {
  CorsMethod method;
  std::string_view name;
};
constexpr std::array<NamedMethod, 5> kMethods = {{{CorsMethod::kGet, "GET"},
                                                  {CorsMethod::kHead, "HEAD"},
                                                  {CorsMethod::kPut, "PUT"},
                                                  {CorsMethod::kPost, "POST"},
                                                  {CorsMethod::kDelete, "DELETE"}}};
constexpr uint8_t kAllMethods = 31;

void append_text(Bytes& out, std::string_view text) {
  append_be<uint16_t>(out, static_cast<uint16_t>(text.size()));
  out += text;
}
void append_list(Bytes& out, const std::vector<std::string>& list) {
  append_be<uint16_t>(out, static_cast<uint16_t>(list.size()));
  for (const std::string& text : list) append_text(out, text);
}

// Takes fields off the front of stored bytes; after the first that is cut short everything is empty and ok() is false.
class Reader {
 public:
  explicit Reader(BytesView bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

  template <class Int>
  Int number() {
    const BytesView field = take(sizeof(Int));
    return field.size() == sizeof(Int) ? get_be<Int>(field.data()) : Int{0};
  }
  std::string text() { return std::string(take(number<uint16_t>())); }
  std::vector<std::string> list() {
    std::vector<std::string> texts;
    for (uint16_t left = number<uint16_t>(); left > 0 && ok_; --left) texts.push_back(text());
    return texts;
  }

 private:
  BytesView take(size_t size) {
    if (bytes_.size() < size) {
      ok_ = false;
      bytes_ = {};
      return {};
    }
    const BytesView field = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return field;
  }

  BytesView bytes_;
  bool ok_ = true;
};

bool header_allowed(const CorsRule& rule, std::string_view name) {
  return std::ranges::any_of(rule.allowed_headers, [&](const std::string& pattern) {
    return matches_cors_pattern(pattern, name, /*ignore_case=*/true);
  });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool headers_allowed(const CorsRule& rule, std::string_view names) {
  while (!names.empty()) {
    const size_t comma = names.find(',');
    const std::string_view name = trimmed(names.substr(0, comma));
    if (!name.empty() && !header_allowed(rule, name)) return false;
    names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
  }
  return true;
}

}  // namespace

std::optional<CorsMethod> cors_method(std::string_view name) {
  for (const NamedMethod& known : kMethods) {
    if (known.name == name) return known.method;
  }
  return std::nullopt;
}

std::string_view cors_method_name(CorsMethod method) {
  for (const NamedMethod& known : kMethods) {
    if (known.method == method) return known.name;
  }
  return {};
}

std::vector<CorsMethod> cors_methods(uint8_t methods) {
  std::vector<CorsMethod> list;
  for (const NamedMethod& known : kMethods) {
    if ((methods & static_cast<uint8_t>(known.method)) != 0) list.push_back(known.method);
  }
  return list;
}

Bytes encode_cors_rules(const CorsRules& rules) {
  Bytes out(1, kVersion);
  append_be<uint16_t>(out, static_cast<uint16_t>(rules.size()));
  for (const CorsRule& rule : rules) {
    append_be<uint8_t>(out, rule.methods | (rule.max_age_seconds ? kHasMaxAge : 0));
    if (rule.max_age_seconds) append_be<uint32_t>(out, *rule.max_age_seconds);
    append_text(out, rule.id);
    append_list(out, rule.allowed_origins);
    append_list(out, rule.allowed_headers);
    append_list(out, rule.expose_headers);
  }
  return out;
}

std::optional<CorsRules> decode_cors_rules(BytesView bytes) {
  Reader reader(bytes);
  if (reader.number<uint8_t>() != kVersion) return std::nullopt;
  CorsRules rules;
  for (uint16_t left = reader.number<uint16_t>(); left > 0 && reader.ok(); --left) {
    CorsRule& rule = rules.emplace_back();
    const auto methods = reader.number<uint8_t>();
    rule.methods = methods & kAllMethods;
    if ((methods & kHasMaxAge) != 0) rule.max_age_seconds = reader.number<uint32_t>();
    rule.id = reader.text();
    rule.allowed_origins = reader.list();
    rule.allowed_headers = reader.list();
    rule.expose_headers = reader.list();
  }
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  return rules;
}

bool matches_cors_pattern(std::string_view pattern, std::string_view text, bool ignore_case) {
  const auto equal = [ignore_case](std::string_view a, std::string_view b) {
    return ignore_case ? wire::equal_ignoring_case(a, b) : a == b;
  };
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return equal(pattern, text);
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  return text.size() >= before.size() + after.size() && equal(before, text.substr(0, before.size())) &&
         equal(after, text.substr(text.size() - after.size()));
}

const CorsRule* find_cors_rule(std::span<const CorsRule> rules, std::string_view origin, CorsMethod method,
                               std::string_view request_headers) {
  for (const CorsRule& rule : rules) {
    if ((rule.methods & static_cast<uint8_t>(method)) == 0) continue;
    const bool origin_fits = std::ranges::any_of(rule.allowed_origins, [&](const std::string& pattern) {
      return matches_cors_pattern(pattern, origin, /*ignore_case=*/false);
    });
    if (origin_fits && headers_allowed(rule, request_headers)) return &rule;
  }
  return nullptr;
}

std::string_view allowed_origin(const CorsRule& rule, std::string_view origin) {
  for (const std::string& pattern : rule.allowed_origins) {
    if (pattern == "*") return "*";
    if (matches_cors_pattern(pattern, origin, /*ignore_case=*/false)) return origin;
  }
  return origin;
}

}  // namespace tp::s3
