#include <algorithm>
#include <array>
#include <set>

#include "lifecycle/rules.h"

namespace tp::lifecycle {

namespace {

using Kind = Problem::Kind;
using Found = std::optional<Problem>;

constexpr int64_t kMaxDays = INT32_MAX;
constexpr int64_t kMaxSizeBytes = 1'099'511'627'776'000;  // of ObjectSizeGreaterThan and -LessThan
constexpr size_t kMaxPrefixBytes = 1024, kMaxTags = 10, kMaxTagKeyCharacters = 128, kMaxTagValueCharacters = 256;
constexpr int64_t kLeastInfrequentAccessDays = 30;
constexpr rt::Nanos kDay = 86400 * rt::kSecond;
constexpr std::array<std::string_view, 6> kTargets = {"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR",
                                                      "GLACIER",     "DEEP_ARCHIVE"};

Found malformed() {
  return Problem{Kind::kMalformedXml, ""};
}
Found argument(std::string message) {
  return Problem{Kind::kInvalidArgument, std::move(message)};
}
Found request(std::string message) {
  return Problem{Kind::kInvalidRequest, std::move(message)};
}

#define FIRST_OF(...)                              \
  do {                                             \
    if (Found found = (__VA_ARGS__)) return found; \
  } while (0)

size_t utf8_characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// A number of days that was written must be at least `least`.
Found check_days(const std::optional<int64_t>& days, int64_t least, const std::string& field,
                 const std::string& action) {
  if (!days) return std::nullopt;
  if (*days < 0 && least == 0) return argument("'" + field + "' in " + action + " action must be nonnegative");
  if (*days < least) return argument("'" + field + "' for " + action + " action must be a positive integer");
  if (*days > kMaxDays) return malformed();
  return std::nullopt;
}

Found check_date(const std::optional<rt::Nanos>& date) {
  if (date && (*date < 0 || *date % kDay != 0)) return argument("'Date' must be at midnight GMT");
  return std::nullopt;
}

Found check_newer(const std::optional<int64_t>& newer, const std::string& action, bool version_1) {
  if (!newer) return std::nullopt;
  if (version_1) return request("NewerNoncurrentVersions element can only be used in Lifecycle V2.");
  if (*newer <= 0) {
    return argument("'NewerNoncurrentVersions' for " + action + " action must be a positive integer");
  }
  if (*newer > kMaxDays) return malformed();
  return std::nullopt;
}

Found check_size(const std::optional<int64_t>& size, int64_t least, const std::string& field) {
  if (!size || (*size >= least && *size <= kMaxSizeBytes)) return std::nullopt;
  return request("'" + field + "' should be between " + std::to_string(least) + " and 1099511627776000.");
}

Found check_filter(const RuleFilter& filter) {
  if (filter.prefix.size() > kMaxPrefixBytes) return argument("The maximum size of a prefix is 1024.");
  std::set<std::string_view> keys;
  for (const auto& [key, value] : filter.tags) {
    if (key.empty()) return malformed();
    if (utf8_characters(key) > kMaxTagKeyCharacters) return argument("The TagKey you have provided is invalid");
    if (utf8_characters(value) > kMaxTagValueCharacters) return argument("The TagValue you have provided is invalid");
    if (!keys.insert(key).second) return request("Duplicate Tag Keys are not allowed.");
  }
  if (keys.size() > kMaxTags) return request("The number of tags must not exceed the allowed limit of 10 tags.");
  FIRST_OF(check_size(filter.size_greater_than, 0, "ObjectSizeGreaterThan"));
  FIRST_OF(check_size(filter.size_less_than, 1, "ObjectSizeLessThan"));
  if (filter.size_greater_than && filter.size_less_than && *filter.size_less_than <= *filter.size_greater_than) {
    return request("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
  }
  const size_t conditions = (filter.has_prefix || !filter.prefix.empty() ? 1 : 0) + filter.tags.size() +
                            (filter.size_greater_than ? 1 : 0) + (filter.size_less_than ? 1 : 0);
  if (filter.form == FilterForm::kAnd ? conditions < 2 : conditions > 1) return malformed();
  return std::nullopt;
}

Found check_expiration(const LifecycleRule& rule) {
  if (!rule.expiration) return std::nullopt;
  const Expiration& expiration = *rule.expiration;
  const int forms = (expiration.days ? 1 : 0) + (expiration.date ? 1 : 0) + (expiration.expired_delete_marker ? 1 : 0);
  if (forms != 1) return malformed();
  FIRST_OF(check_days(expiration.days, 1, "Days", "Expiration"));
  FIRST_OF(check_date(expiration.date));
  if (!expiration.expired_delete_marker) return std::nullopt;
  if (!rule.filter.tags.empty()) return request("ExpiredObjectDeleteMarker cannot be specified with Tags.");
  if (rule.filter.size_greater_than || rule.filter.size_less_than) {
    return request("ExpiredObjectDeleteMarker cannot be specified with Object Size.");
  }
  return std::nullopt;
}

Found check_noncurrent_expiration(const LifecycleRule& rule, bool version_1) {
  if (!rule.noncurrent_expiration) return std::nullopt;
  const NoncurrentExpiration& expiration = *rule.noncurrent_expiration;
  if (!expiration.days) return malformed();
  FIRST_OF(check_days(expiration.days, 1, "NoncurrentDays", "NoncurrentVersionExpiration"));
  return check_newer(expiration.newer_noncurrent_versions, "NoncurrentVersionExpiration", version_1);
}

Found check_abort(const LifecycleRule& rule) {
  if (!rule.abort_upload) return std::nullopt;
  if (!rule.abort_upload_days) return malformed();
  FIRST_OF(check_days(rule.abort_upload_days, 1, "DaysAfterInitiation", "AbortIncompleteMultipartUpload"));
  if (!rule.filter.tags.empty()) return request("AbortIncompleteMultipartUpload cannot be specified with Tags.");
  if (rule.filter.size_greater_than || rule.filter.size_less_than) {
    return request("AbortIncompleteMultipartUpload cannot be specified with Object Size.");
  }
  return std::nullopt;
}

Found check_class(const std::string& storage_class, std::span<const std::string> own_classes) {
  if (std::ranges::find(kTargets, storage_class) != kTargets.end()) return std::nullopt;
  if (std::ranges::find(own_classes, storage_class) != own_classes.end()) return std::nullopt;
  return malformed();
}

Found check_infrequent_access(const std::string& storage_class, const std::optional<int64_t>& days,
                              const std::string& field, const std::string& action) {
  if (storage_class != "STANDARD_IA" && storage_class != "ONEZONE_IA") return std::nullopt;
  if (!days || *days >= kLeastInfrequentAccessDays) return std::nullopt;
  return argument("'" + field + "' in " + action + " action must be greater than or equal to 30 for storageClass '" +
                  storage_class + "'");
}

// Two transitions of a rule: different classes, and the colder one later.
template <class Value>
Found check_order(const std::string& class_a, const std::optional<Value>& a, const std::string& class_b,
                  const std::optional<Value>& b, const std::string& field, const std::string& action,
                  const RuleFilter& filter) {
  if (!a || !b || coldness(class_a) == coldness(class_b)) return std::nullopt;
  const bool b_is_colder = coldness(class_b) > coldness(class_a);
  const std::string& colder = b_is_colder ? class_b : class_a;
  const std::string& warmer = b_is_colder ? class_a : class_b;
  if (b_is_colder ? *b > *a : *a > *b) return std::nullopt;
  const std::string of = "' in the '" + action + "' action for StorageClass '";
  const std::string where = "' for filter '" + describe_filter(filter) + "'";
  return argument("'" + field + of + colder + where + " must be greater than '" + field + of + warmer + where);
}

Found different_classes(const std::string& a, const std::string& b, const std::string& action,
                        const RuleFilter& filter) {
  if (a != b) return std::nullopt;
  return request("'StorageClass' must be different for '" + action + "' actions in same 'Rule' with filter '" +
                 describe_filter(filter) + "'");
}

Found check_against_expiration(const LifecycleRule& rule, const Transition& transition) {
  if (!rule.expiration) return std::nullopt;
  const std::string filter = "'" + describe_filter(rule.filter) + "'";
  const Expiration& expiration = *rule.expiration;
  if ((expiration.days && transition.date) || (expiration.date && transition.days)) {
    return request(
        "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter " + filter);
  }
  const auto later = [&filter](const char* field) {
    return argument(std::string("'") + field + "' in the Expiration action for filter " + filter +
                    " must be greater than '" + field + "' in the Transition action");
  };
  if (expiration.days && transition.days && *expiration.days <= *transition.days) return later("Days");
  if (expiration.date && transition.date && *expiration.date <= *transition.date) return later("Date");
  return std::nullopt;
}

Found check_transitions(const LifecycleRule& rule, std::span<const std::string> own_classes) {
  bool by_days = false, by_date = false;
  for (const Transition& transition : rule.transitions) {
    FIRST_OF(check_class(transition.storage_class, own_classes));
    if ((transition.days ? 1 : 0) + (transition.date ? 1 : 0) + (transition.access_days ? 1 : 0) != 1) {
      return malformed();
    }
    FIRST_OF(check_days(transition.days, 0, "Days", "Transition"));
    FIRST_OF(check_days(transition.access_days, 1, "DaysSinceLastAccess", "Transition"));
    FIRST_OF(check_date(transition.date));
    FIRST_OF(check_infrequent_access(transition.storage_class, transition.days, "Days", "Transition"));
    by_days = by_days || transition.days.has_value();
    by_date = by_date || transition.date.has_value();
  }
  if (by_days && by_date) {
    return request("Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter '" +
                   describe_filter(rule.filter) + "'");
  }
  for (size_t i = 0; i < rule.transitions.size(); ++i) {
    const Transition& b = rule.transitions[i];
    for (size_t k = 0; k < i; ++k) {
      const Transition& a = rule.transitions[k];
      FIRST_OF(different_classes(a.storage_class, b.storage_class, "Transition", rule.filter));
      FIRST_OF(check_order(a.storage_class, a.days, b.storage_class, b.days, "Days", "Transition", rule.filter));
      FIRST_OF(check_order(a.storage_class, a.date, b.storage_class, b.date, "Date", "Transition", rule.filter));
      FIRST_OF(check_order(a.storage_class, a.access_days, b.storage_class, b.access_days, "DaysSinceLastAccess",
                           "Transition", rule.filter));
    }
    FIRST_OF(check_against_expiration(rule, b));
  }
  return std::nullopt;
}

Found check_noncurrent_transitions(const LifecycleRule& rule, std::span<const std::string> own_classes,
                                   bool version_1) {
  const std::string action = "NoncurrentVersionTransition";
  for (const NoncurrentTransition& transition : rule.noncurrent_transitions) {
    FIRST_OF(check_class(transition.storage_class, own_classes));
    if (!transition.days) return malformed();
    FIRST_OF(check_days(transition.days, 0, "NoncurrentDays", action));
    FIRST_OF(check_newer(transition.newer_noncurrent_versions, action, version_1));
    FIRST_OF(check_infrequent_access(transition.storage_class, transition.days, "NoncurrentDays", action));
  }
  for (size_t i = 0; i < rule.noncurrent_transitions.size(); ++i) {
    const NoncurrentTransition& b = rule.noncurrent_transitions[i];
    for (size_t k = 0; k < i; ++k) {
      const NoncurrentTransition& a = rule.noncurrent_transitions[k];
      FIRST_OF(different_classes(a.storage_class, b.storage_class, action, rule.filter));
      FIRST_OF(check_order(a.storage_class, a.days, b.storage_class, b.days, "NoncurrentDays", action, rule.filter));
    }
    if (rule.noncurrent_expiration && *rule.noncurrent_expiration->days <= *b.days) {
      return argument("'NoncurrentDays' in the NoncurrentVersionExpiration action for filter '" +
                      describe_filter(rule.filter) +
                      "' must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action");
    }
  }
  return std::nullopt;
}

// A configuration whose first rule has no <Filter> is of the older version, and so must be all of it.
Found check_rule(const LifecycleRule& rule, bool version_1, std::span<const std::string> own_classes) {
  const bool prefix_element = rule.filter.form == FilterForm::kPrefixElement;
  if (version_1 && !prefix_element) return request("Filter element can only be used in Lifecycle V2.");
  if (!version_1 && prefix_element) {
    return request("Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.");
  }
  FIRST_OF(check_filter(rule.filter));
  if (!rule.expiration && !rule.noncurrent_expiration && !rule.abort_upload && rule.transitions.empty() &&
      rule.noncurrent_transitions.empty()) {
    return request("At least one action needs to be specified in a rule");
  }
  FIRST_OF(check_expiration(rule));
  FIRST_OF(check_noncurrent_expiration(rule, version_1));
  FIRST_OF(check_abort(rule));
  FIRST_OF(check_transitions(rule, own_classes));
  return check_noncurrent_transitions(rule, own_classes, version_1);
}

Found check_ids(const LifecycleRules& rules) {
  std::set<std::string_view> ids;
  for (const LifecycleRule& rule : rules.rules) {
    if (rule.id.empty()) continue;
    if (utf8_characters(rule.id) > kMaxRuleIdBytes) {
      return argument("ID length should not exceed allowed limit of 255");
    }
    if (!ids.insert(rule.id).second) {
      return argument("Rule ID must be unique. Found same ID for more than one rule");
    }
  }
  return std::nullopt;
}

// Of the older version: no two rules do the same to the same keys. Sorted, a prefix that begins another begins the one
// after it.
Found check_overlaps(const LifecycleRules& rules) {
  using Takes = bool (*)(const LifecycleRule&);
  const std::array<std::pair<const char*, Takes>, 5> actions = {{
      {"Expiration", [](const LifecycleRule& rule) { return rule.expiration.has_value(); }},
      {"Transition", [](const LifecycleRule& rule) { return !rule.transitions.empty(); }},
      {"NoncurrentVersionExpiration", [](const LifecycleRule& rule) { return rule.noncurrent_expiration.has_value(); }},
      {"NoncurrentVersionTransition", [](const LifecycleRule& rule) { return !rule.noncurrent_transitions.empty(); }},
      {"AbortIncompleteMultipartUpload", [](const LifecycleRule& rule) { return rule.abort_upload; }},
  }};
  for (const auto& [action, takes] : actions) {
    std::vector<std::string_view> prefixes;
    for (const LifecycleRule& rule : rules.rules) {
      if (takes(rule)) prefixes.push_back(rule.filter.prefix);
    }
    std::ranges::sort(prefixes);
    for (size_t i = 1; i < prefixes.size(); ++i) {
      if (!prefixes[i].starts_with(prefixes[i - 1])) continue;
      return request("Found overlapping prefixes '" + std::string(prefixes[i - 1]) + "' and '" +
                     std::string(prefixes[i]) + "' for same action type '" + action + "'");
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> validate(const LifecycleRules& rules, std::span<const std::string> own_classes) {
  if (rules.rules.empty()) return request("At least one lifecycle rule must be specified.");
  if (rules.rules.size() > kMaxRules) {
    return request("The number of lifecycle rules must not exceed the allowed limit of 1000 rules.");
  }
  FIRST_OF(check_ids(rules));
  const bool version_1 = rules.rules.front().filter.form == FilterForm::kPrefixElement;
  for (const LifecycleRule& rule : rules.rules) FIRST_OF(check_rule(rule, version_1, own_classes));
  if (version_1) FIRST_OF(check_overlaps(rules));
  return std::nullopt;
}

#undef FIRST_OF

}  // namespace tp::lifecycle
