#include "plane/rights/policy.h"

#include <algorithm>

namespace tp::plane {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool names_caller(const Policy::Statement& statement, const Caller& caller) {
  bool named = statement.everyone;
  if (!named && !caller.anonymous()) {
    named = std::ranges::any_of(statement.principals, [&](const std::string& principal) {
      if (principal.starts_with("name:")) return std::string_view(principal).substr(5) == caller.name;
      return principal == caller.user_id;
    });
  }
  return named != statement.negated_principal;
}

std::optional<std::string_view> value_of(std::string_view key, const PolicyQuestion& question) {
  if (key == "s3:prefix" && question.lists) return question.list_prefix;
  if (key == "s3:delimiter" && question.lists) return question.list_delimiter;
  if (key == "aws:username" && !question.caller.anonymous()) return question.caller.name;
  if (key == "aws:userid" && !question.caller.anonymous()) return question.caller.user_id;
  return std::nullopt;
}

bool in_ranges(const Policy::Condition& condition, const std::string& source_ip) {
  auto address = parse_ip(source_ip);
  return address &&
         std::ranges::any_of(condition.ranges, [&](const IpRange& range) { return range.contains(*address); });
}

bool holds(const Policy::Condition& condition, const PolicyQuestion& question) {
  using enum Policy::Operator;
  switch (condition.op) {
    case kIpAddress: return in_ranges(condition, question.caller.source_ip);
    case kNotIpAddress: return !in_ranges(condition, question.caller.source_ip);
    case kBool: {
      std::string_view is = question.caller.secure_transport ? "true" : "false";
      return std::ranges::find(condition.values, is) != condition.values.end();
    }
    case kStringEquals: case kStringNotEquals: case kStringLike: case kStringNotLike: break;
  }
  bool negated = condition.op == kStringNotEquals || condition.op == kStringNotLike;
  auto value = value_of(condition.key, question);
  if (!value) return negated;  // an absent key equals nothing
  bool like = condition.op == kStringLike || condition.op == kStringNotLike;
  bool matched = std::ranges::any_of(condition.values, [&](const std::string& wanted) {
    return like ? wildcard_match(wanted, *value) : wanted == *value;
  });
  return matched != negated;
}

bool applies(const Policy::Statement& statement, const PolicyQuestion& question, const std::string& action,
             const std::string& resource) {
  if (!names_caller(statement, question.caller)) return false;
  auto matches = [](const std::string& text) {
    return [&text](const std::string& pattern) { return wildcard_match(pattern, text); };
  };
  if (std::ranges::any_of(statement.actions, matches(action)) == statement.negated_actions) return false;
  if (std::ranges::any_of(statement.resources, matches(resource)) == statement.negated_resources) return false;
  return std::ranges::all_of(statement.conditions, [&](const Policy::Condition& one) { return holds(one, question); });
}

}  // namespace

bool wildcard_match(std::string_view pattern, std::string_view text) {
  size_t at = 0, in = 0;
  size_t star = std::string_view::npos, resume = 0;
  while (in < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      resume = in;
    } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == text[in])) {
      ++at;
      ++in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++resume;
    } else {
      return false;
    }
  }
  while (at < pattern.size() && pattern[at] == '*') ++at;
  return at == pattern.size();
}

PolicyVerdict Policy::judge(const PolicyQuestion& question) const {
  std::string action = lower(question.action);
  std::string resource(question.volume);
  if (question.on_object) resource.append("/").append(question.key);
  bool allowed = false;
  for (const Statement& statement : statements_) {
    if (!applies(statement, question, action, resource)) continue;
    if (!statement.allow) return PolicyVerdict::kDeny;
    allowed = true;
  }
  return allowed ? PolicyVerdict::kAllow : PolicyVerdict::kNothingSaid;
}

bool Policy::is_public() const {
  return std::ranges::any_of(statements_, [](const Statement& statement) {
    return statement.allow && statement.everyone && statement.conditions.empty();
  });
}

}  // namespace tp::plane
