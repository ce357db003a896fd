// LifecycleRules: what S3's PutBucketLifecycleConfiguration can say, and what a volume keeps of it
// (meta::VolumeRecord::lifecycle). Spec: the S3 API's LifecycleRule; docs/lifecycle.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "meta/volume_record.h"
#include "rt/env/clock.h"

namespace tp::lifecycle {

/// How the rule wrote its filter: it is given back that way.
enum class FilterForm : uint8_t {
  kPrefixElement = 1,  // <Prefix> in the rule itself, the older form
  kFilter = 2,         // <Filter> with nothing or one condition in it
  kAnd = 3,            // <Filter><And>
};

struct RuleFilter {
  FilterForm form = FilterForm::kFilter;
  std::string prefix;
  bool has_prefix = false;  // <Prefix> was written, if only to be empty
  meta::TagSet tags;        // all of them
  std::optional<int64_t> size_greater_than, size_less_than;  // bytes, exclusive
  friend bool operator==(const RuleFilter&, const RuleFilter&) = default;
};

/// Exactly one is set: a number of days or a date (wall, nanoseconds).
struct Expiration {
  std::optional<int64_t> days;
  std::optional<rt::Nanos> date;
  std::optional<bool> expired_delete_marker;
  friend bool operator==(const Expiration&, const Expiration&) = default;
};

struct NoncurrentExpiration {
  std::optional<int64_t> days;
  std::optional<int64_t> newer_noncurrent_versions;
  friend bool operator==(const NoncurrentExpiration&, const NoncurrentExpiration&) = default;
};

/// Exactly one of the first three is set. `access_days` is an extension: <DaysSinceLastAccess>.
struct Transition {
  std::optional<int64_t> days;
  std::optional<rt::Nanos> date;
  std::optional<int64_t> access_days;
  std::string storage_class;
  friend bool operator==(const Transition&, const Transition&) = default;
};

struct NoncurrentTransition {
  std::optional<int64_t> days;
  std::optional<int64_t> newer_noncurrent_versions;
  std::string storage_class;
  friend bool operator==(const NoncurrentTransition&, const NoncurrentTransition&) = default;
};

struct LifecycleRule {
  std::string id;  // "" is given one by complete()
  bool enabled = true;
  RuleFilter filter;
  std::optional<Expiration> expiration;
  std::optional<NoncurrentExpiration> noncurrent_expiration;
  /// AbortIncompleteMultipartUpload; `abort_upload` without days is <AbortIncompleteMultipartUpload/>.
  bool abort_upload = false;
  std::optional<int64_t> abort_upload_days;
  std::vector<Transition> transitions;
  std::vector<NoncurrentTransition> noncurrent_transitions;
  friend bool operator==(const LifecycleRule&, const LifecycleRule&) = default;
};

/// x-amz-transition-default-minimum-object-size: objects below 128 KiB change their class...
enum class TransitionMinimum : uint8_t {
  kAll128K = 1,             // "all_storage_classes_128K": only by a rule whose filter names sizes
  kVariesByStorageClass = 2 // "varies_by_storage_class": also to GLACIER and DEEP_ARCHIVE
};

struct LifecycleRules {
  std::vector<LifecycleRule> rules;
  TransitionMinimum transition_minimum = TransitionMinimum::kAll128K;
  friend bool operator==(const LifecycleRules&, const LifecycleRules&) = default;
};

inline constexpr size_t kMaxRules = 1000;
inline constexpr size_t kMaxRuleIdBytes = 255;

/// What is wrong with rules, as S3 says it: all are status 400.
struct Problem {
  enum class Kind : uint8_t { kMalformedXml, kInvalidArgument, kInvalidRequest };
  Kind kind = Kind::kMalformedXml;
  std::string message;  // empty: the code's usual text
};

/// The first thing S3 would refuse; nullopt if the rules can be kept. `own_classes`: storage classes that may be a
/// transition's target beside those of S3.
std::optional<Problem> validate(const LifecycleRules& rules, std::span<const std::string> own_classes = {});
/// Gives rules without an id one that no other rule has, of 48 characters as S3's are, the same for the same rules.
void complete(LifecycleRules* rules);

/// Colder is larger; STANDARD and "" are 0. Classes of the operator's own lie between ONEZONE_IA and GLACIER_IR.
int coldness(std::string_view storage_class);
/// "(prefix=logs/)", as S3's messages name a rule.
std::string describe_filter(const RuleFilter& filter);

/// For VolumeRecord::lifecycle. Rules that validate() finds nothing wrong with come back as they were.
std::string encode_rules(const LifecycleRules& rules);
/// kCorruption if it does not parse.
Result<LifecycleRules> decode_rules(BytesView value);

}  // namespace tp::lifecycle
