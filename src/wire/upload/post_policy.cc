#include "wire/upload/post_policy.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "wire/http/header.h"
#include "wire/text/timestamp.h"

namespace tp::wire {

namespace {

using nlohmann::json;

constexpr size_t kMaxPolicyBytes = 64 * 1024;
constexpr size_t kMaxConditions = 1000;

std::unexpected<Error> document_fail(std::string message) {
  return fail(Code::kMalformed, PostPolicyError::kBadDocument, "Invalid Policy: " + std::move(message));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

/// A length: a number, or a string of digits, as some form builders write it.
std::optional<uint64_t> read_length(const json& value) {
  if (value.is_number_unsigned()) return value.get<uint64_t>();
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return length;
}

bool is_exempt(std::string_view lower_name) {
  return lower_name == "x-amz-signature" || lower_name == "policy" || lower_name == "file" ||
         lower_name == "awsaccesskeyid" || lower_name == "signature" || lower_name.starts_with("x-ignore-");
}

/// Whether every element of a comma-separated list begins with `prefix`.
bool all_start_with(std::string_view list, std::string_view prefix) {
  for (;;) {
    const size_t comma = list.find(',');
    if (!list.substr(0, comma).starts_with(prefix)) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

/// Fills a PostPolicy from its JSON.
struct PostPolicyReader {
  PostPolicy policy;

  Result<void> document(const json& root) {
    if (!root.is_object()) return document_fail("not a JSON object.");
    const auto expiration = root.find("expiration");
    if (expiration == root.end() || !expiration->is_string()) return document_fail("missing expiration.");
    const std::optional<int64_t> expires = parse_iso8601(expiration->get_ref<const std::string&>());
    if (!expires) return document_fail("invalid expiration.");
    policy.expiration_ns_ = *expires;
    const auto conditions = root.find("conditions");
    if (conditions == root.end() || !conditions->is_array()) return document_fail("missing conditions.");
    if (conditions->size() > kMaxConditions) return document_fail("too many conditions.");
    for (const json& condition : *conditions) {
      if (condition.is_object()) {
        TP_TRY_VOID(simple(condition));
      } else if (condition.is_array()) {
        TP_TRY_VOID(list(condition));
      } else {
        return document_fail("a condition is neither an object nor a list.");
      }
    }
    return ok;
  }

  /// {"bucket": "name"}
  Result<void> simple(const json& condition) {
    if (condition.size() != 1) return document_fail("a simple condition must have exactly one property.");
    const auto only = condition.begin();
    if (!only->is_string()) return document_fail("a simple condition's value must be a string.");
    policy.conditions_.push_back({PostPolicy::Match::kExact, lower(only.key()), only->get<std::string>()});
    return ok;
  }

  /// ["starts-with", "$key", "user/"] or ["content-length-range", 1, 10]
  Result<void> list(const json& condition) {
    if (condition.size() != 3 || !condition[0].is_string()) {
      return document_fail("a list condition must have an operation and two arguments.");
    }
    const std::string operation = lower(condition[0].get_ref<const std::string&>());
    if (operation == "content-length-range") return size_range(condition);
    if (operation != "eq" && operation != "starts-with") return document_fail("unknown operation.");
    if (!condition[1].is_string() || !condition[2].is_string()) {
      return document_fail("a condition's arguments must be strings.");
    }
    std::string name = lower(condition[1].get_ref<const std::string&>());
    if (name.size() < 2 || name.front() != '$') return document_fail("a field name must begin with '$'.");
    name.erase(0, 1);
    const PostPolicy::Match match = operation == "eq" ? PostPolicy::Match::kExact : PostPolicy::Match::kPrefix;
    policy.conditions_.push_back({match, std::move(name), condition[2].get<std::string>()});
    return ok;
  }

  Result<void> size_range(const json& condition) {
    const std::optional<uint64_t> min = read_length(condition[1]);
    const std::optional<uint64_t> max = read_length(condition[2]);
    if (!min || !max) return document_fail("content-length-range must have two numbers.");
    if (policy.size_range_) {  // both must hold
      policy.size_range_->min_bytes = std::max(policy.size_range_->min_bytes, *min);
      policy.size_range_->max_bytes = std::min(policy.size_range_->max_bytes, *max);
    } else {
      policy.size_range_ = PostPolicy::SizeRange{*min, *max};
    }
    return ok;
  }
};

Result<PostPolicy> PostPolicy::parse(std::string_view policy_base64) {
  if (policy_base64.size() > kMaxPolicyBytes) return document_fail("too large.");
  // Encoders that break lines are common; the signature covers the text as sent.
  std::string text(policy_base64);
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; }), text.end());
  Bytes document;
  if (text.empty() || !from_base64(text, &document)) return document_fail("not base64.");
  const json root = json::parse(document, nullptr, false);
  if (root.is_discarded()) return document_fail("not JSON.");
  PostPolicyReader reader;
  TP_TRY_VOID(reader.document(root));
  return std::move(reader.policy);
}

Result<void> PostPolicy::check(std::span<const FormField> fields, std::string_view bucket, int64_t now_ns) const {
  if (now_ns >= expiration_ns_) {
    return fail(Code::kPermissionDenied, PostPolicyError::kExpired, "Invalid according to Policy: Policy expired.");
  }
  std::vector<FormField> given;
  for (const FormField& field : fields) {
    std::string name = lower(field.name);
    if (name != "bucket") given.push_back({std::move(name), field.value});
  }
  given.push_back({"bucket", std::string(bucket)});
  for (const Condition& condition : conditions_) {
    const auto holds = [&](std::string_view value) {
      if (condition.match == Match::kExact) return value == condition.value;
      return condition.name == "content-type" ? all_start_with(value, condition.value)
                                              : value.starts_with(condition.value);
    };
    bool met = true;
    bool found = false;
    for (const FormField& field : given) {
      if (field.name != condition.name) continue;
      found = true;
      met = met && holds(field.value);
    }
    if (!met || (!found && !holds({}))) {
      return fail(Code::kPermissionDenied, PostPolicyError::kConditionFailed,
                  "Invalid according to Policy: Policy Condition failed for \"$" + condition.name + "\"");
    }
  }
  given.pop_back();  // a bucket field of the form equals the request's bucket or means nothing
  for (const FormField& field : given) {
    const auto covers = [&](const Condition& condition) { return condition.name == field.name; };
    if (is_exempt(field.name) || std::any_of(conditions_.begin(), conditions_.end(), covers)) continue;
    return fail(Code::kPermissionDenied, PostPolicyError::kUncoveredField,
                "Invalid according to Policy: Extra input fields: " + field.name);
  }
  return ok;
}

Result<void> PostPolicy::check_size(uint64_t file_bytes) const {
  if (!size_range_) return ok;
  if (file_bytes < size_range_->min_bytes) {
    return fail(Code::kInvalidArgument, PostPolicyError::kTooSmall,
                "Your proposed upload is smaller than the minimum allowed size");
  }
  if (file_bytes > size_range_->max_bytes) {
    return fail(Code::kInvalidArgument, PostPolicyError::kTooLarge,
                "Your proposed upload exceeds the maximum allowed size");
  }
  return ok;
}

std::optional<uint64_t> PostPolicy::max_file_bytes() const noexcept {
  return size_range_ ? std::optional(size_range_->max_bytes) : std::nullopt;
}

}  // namespace tp::wire
