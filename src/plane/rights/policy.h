// Policy: a parsed S3 bucket policy. What it cannot honour exactly it refuses when it is set, so that a stored policy
// never means something else than its text. Spec: S3 user guide, "Policies and permissions" and "Policy language
// overview".
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "plane/actions.h"
#include "plane/caller.h"
#include "plane/rights/ip_range.h"

namespace tp::plane {

enum class PolicyVerdict : uint8_t { kNothingSaid, kAllow, kDeny };

/// What a statement is matched against.
struct PolicyQuestion {
  const Caller& caller;
  std::string_view action;         // "s3:GetObject"
  std::string_view volume;
  std::string_view key;            // empty: the volume itself is meant
  bool on_object = false;
  bool lists = false;              // a listing: the next two have a meaning
  std::string_view list_prefix;    // s3:prefix
  std::string_view list_delimiter; // s3:delimiter
};

class Policy {
 public:
  /// kInvalidArgument with Reason::kMalformedPolicy and words for anything that is not a policy we honour in full.
  static Result<std::shared_ptr<const Policy>> parse(std::string_view json, std::string_view volume);

  /// An explicit deny wins over every allow.
  PolicyVerdict judge(const PolicyQuestion& question) const;
  /// Whether some statement allows something to everyone without a condition that narrows who.
  bool is_public() const;

  enum class Operator : uint8_t {
    kStringEquals, kStringNotEquals, kStringLike, kStringNotLike, kIpAddress, kNotIpAddress, kBool
  };
  struct Condition {
    Operator op;
    std::string key;                  // lower case: "aws:sourceip", "aws:securetransport", "s3:prefix", ...
    std::vector<std::string> values;  // one must match (none, for the negated ones)
    std::vector<IpRange> ranges;      // the values of the address operators
  };
  struct Statement {
    bool allow = false;
    bool everyone = false;
    bool negated_principal = false;
    std::vector<std::string> principals;  // user ids, or "name:" + user name
    bool negated_actions = false;
    std::vector<std::string> actions;     // lower case, with wildcards
    bool negated_resources = false;
    std::vector<std::string> resources;   // "bucket" or "bucket/pattern"
    std::vector<Condition> conditions;
  };

 private:
  std::vector<Statement> statements_;
};

/// '*' matches any run, '?' any byte. Linear in text times stars.
bool wildcard_match(std::string_view pattern, std::string_view text);

}  // namespace tp::plane
