// Parsing of bucket policies: from JSON to Policy's statements, refusing what is not honoured in full.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "plane/reason.h"
#include "plane/rights/policy.h"

namespace tp::plane {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxPolicyBytes = 20 << 10;  // S3's limit
constexpr std::string_view kArn = "arn:aws:s3:::";

std::unexpected<Error> malformed(std::string words) {
  return fail(Code::kInvalidArgument, Reason::kMalformedPolicy, std::move(words));
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// A string, or a list of strings, as policies allow in most places. Policy variables are not honoured, so not taken.
Result<std::vector<std::string>> strings_of(const Json& json, const char* what) {
  std::vector<std::string> strings;
  auto take = [&strings](const Json& one) {
    if (one.is_boolean()) strings.push_back(one.get<bool>() ? "true" : "false");
    else if (one.is_string()) strings.push_back(one.get<std::string>());
    else return false;
    return strings.back().find("${") == std::string::npos;
  };
  bool good = json.is_array() ? !json.empty() && std::ranges::all_of(json, take) : take(json);
  if (!good) return malformed(std::string(what) + " must be a string or a list of strings, without policy variables");
  return strings;
}

/// "arn:aws:iam::123:user/ann" names a user by name, "arn:aws:iam::ID:root" and "ID" by id.
Result<std::string> principal_of(const std::string& text) {
  constexpr std::string_view kIam = "arn:aws:iam::";
  if (!text.starts_with("arn:")) return text;
  if (!text.starts_with(kIam)) return malformed("the principal " + text + " is not supported");
  std::string_view rest = std::string_view(text).substr(kIam.size());
  size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return malformed("the principal " + text + " is not an ARN");
  std::string_view account = rest.substr(0, colon), who = rest.substr(colon + 1);
  if (who == "root" && !account.empty()) return std::string(account);
  if (who.starts_with("user/") && who.size() > 5) return "name:" + std::string(who.substr(5));
  return malformed("the principal " + text + " is not supported");
}

Result<void> parse_principal(const Json& json, Policy::Statement& statement) {
  if (json.is_string()) {
    if (json != "*") return malformed("a Principal is \"*\" or names users under \"AWS\" or \"CanonicalUser\"");
    statement.everyone = true;
    return ok;
  }
  if (!json.is_object() || json.empty()) return malformed("a Principal must be \"*\" or an object");
  for (const auto& [kind, value] : json.items()) {
    if (kind != "AWS" && kind != "CanonicalUser") return malformed("principals of kind " + kind + " are not supported");
    TP_TRY(auto names, strings_of(value, "a Principal"));
    for (const std::string& name : names) {
      if (name == "*" && kind == "AWS") {
        statement.everyone = true;
        continue;
      }
      if (name.empty()) return malformed("a Principal is empty");
      TP_TRY(std::string principal, principal_of(name));
      statement.principals.push_back(std::move(principal));
    }
  }
  return ok;
}

Result<void> parse_actions(const Json& json, Policy::Statement& statement) {
  TP_TRY(auto actions, strings_of(json, "an Action"));
  for (const std::string& action : actions) {
    std::string name = lower(action);
    if (name != "*" && !name.starts_with("s3:")) return malformed("the action " + action + " is not one of S3's");
    statement.actions.push_back(std::move(name));
  }
  return ok;
}

Result<void> parse_resources(const Json& json, std::string_view volume, Policy::Statement& statement) {
  TP_TRY(auto resources, strings_of(json, "a Resource"));
  for (const std::string& resource : resources) {
    if (resource != "*" && !resource.starts_with(kArn))
      return malformed("the resource " + resource + " is not supported");
    std::string pattern = resource == "*" ? resource : resource.substr(kArn.size());
    if (!wildcard_match(pattern.substr(0, pattern.find('/')), volume)) {
      return malformed("the resource " + resource + " is not in this bucket");
    }
    statement.resources.push_back(std::move(pattern));
  }
  return ok;
}

struct OperatorName {
  std::string_view name;
  Policy::Operator op;
};
constexpr OperatorName kOperators[] = {
    {"StringEquals", Policy::Operator::kStringEquals},   {"StringNotEquals", Policy::Operator::kStringNotEquals},
    {"StringLike", Policy::Operator::kStringLike},       {"StringNotLike", Policy::Operator::kStringNotLike},
    {"IpAddress", Policy::Operator::kIpAddress},         {"NotIpAddress", Policy::Operator::kNotIpAddress},
    {"Bool", Policy::Operator::kBool},
};

bool fits(Policy::Operator op, std::string_view key) {
  switch (op) {
    case Policy::Operator::kIpAddress:
    case Policy::Operator::kNotIpAddress:
      return key == "aws:sourceip";
    case Policy::Operator::kBool:
      return key == "aws:securetransport";
    default:
      return key == "s3:prefix" || key == "s3:delimiter" || key == "aws:username" || key == "aws:userid";
  }
}

Result<Policy::Condition> parse_condition(Policy::Operator op, const std::string& key, const Json& values) {
  Policy::Condition condition;
  condition.op = op;
  condition.key = lower(key);
  if (!fits(op, condition.key)) return malformed("the condition key " + key + " is not supported with this operator");
  TP_TRY(condition.values, strings_of(values, "a condition's values"));
  for (const std::string& value : condition.values) {
    if (op == Policy::Operator::kBool && value != "true" && value != "false") {
      return malformed("a Bool condition is \"true\" or \"false\"");
    }
    if (op != Policy::Operator::kIpAddress && op != Policy::Operator::kNotIpAddress) continue;
    auto range = parse_ip_range(value);
    if (!range) return malformed(value + " is not an IP address or CIDR block");
    condition.ranges.push_back(*range);
  }
  return condition;
}

Result<void> parse_conditions(const Json& json, Policy::Statement& statement) {
  if (!json.is_object()) return malformed("a Condition must be an object");
  for (const auto& [name, keys] : json.items()) {
    auto known = std::ranges::find(kOperators, name, &OperatorName::name);
    if (known == std::end(kOperators)) return malformed("the condition operator " + name + " is not supported");
    if (!keys.is_object()) return malformed("the operator " + name + " must hold an object");
    for (const auto& [key, values] : keys.items()) {
      TP_TRY(auto condition, parse_condition(known->op, key, values));
      statement.conditions.push_back(std::move(condition));
    }
  }
  return ok;
}

Result<void> parse_member(const std::string& name, const Json& value, std::string_view volume,
                          Policy::Statement& statement) {
  if (name == "Sid") return value.is_string() ? Result<void>() : malformed("a Sid must be a string");
  if (name == "Effect") {
    if (value != "Allow" && value != "Deny") return malformed("an Effect is \"Allow\" or \"Deny\"");
    statement.allow = value == "Allow";
    return ok;
  }
  if (name == "Principal" || name == "NotPrincipal") {
    statement.negated_principal = name == "NotPrincipal";
    return parse_principal(value, statement);
  }
  if (name == "Action" || name == "NotAction") {
    statement.negated_actions = name == "NotAction";
    return parse_actions(value, statement);
  }
  if (name == "Resource" || name == "NotResource") {
    statement.negated_resources = name == "NotResource";
    return parse_resources(value, volume, statement);
  }
  if (name == "Condition") return parse_conditions(value, statement);
  return malformed("a statement has an unknown member " + name);
}

Result<Policy::Statement> parse_statement(const Json& json, std::string_view volume) {
  if (!json.is_object()) return malformed("a Statement must be an object");
  for (const char* name : {"Principal", "Action", "Resource"}) {
    if (json.contains(name) == json.contains(std::string("Not") + name)) {
      return malformed(std::string("a statement needs one of ") + name + " and Not" + name);
    }
  }
  if (!json.contains("Effect")) return malformed("a statement needs an Effect");
  Policy::Statement statement;
  for (const auto& [name, value] : json.items()) TP_TRY_VOID(parse_member(name, value, volume, statement));
  // Everyone but some is allowed what others are not: S3 warns of it, and nobody who can name users needs it.
  if (statement.negated_principal && statement.allow) return malformed("NotPrincipal is supported with Deny only");
  return statement;
}

}  // namespace

Result<std::shared_ptr<const Policy>> Policy::parse(std::string_view text, std::string_view volume) {
  if (text.size() > kMaxPolicyBytes) return malformed("the policy is larger than 20 KiB");
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return malformed("the policy is not a JSON object");
  for (const auto& [name, value] : json.items()) {
    if (name != "Version" && name != "Id" && name != "Statement") {
      return malformed("the policy has an unknown member " + name);
    }
  }
  if (json.contains("Version") && json["Version"] != "2012-10-17" && json["Version"] != "2008-10-17") {
    return malformed("the policy's Version must be 2012-10-17");
  }
  if (!json.contains("Statement")) return malformed("the policy has no Statement");
  const Json& statements = json["Statement"];
  auto policy = std::make_shared<Policy>();
  for (const Json& one : statements.is_array() ? statements : Json::array({statements})) {
    TP_TRY(auto statement, parse_statement(one, volume));
    policy->statements_.push_back(std::move(statement));
  }
  if (policy->statements_.empty()) return malformed("the policy has no Statement");
  return policy;
}

}  // namespace tp::plane
