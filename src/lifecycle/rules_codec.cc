#include "lifecycle/rules.h"
#include "meta/codec/common_fields.h"

namespace tp::lifecycle {

using meta::FieldReader;
using meta::FieldWriter;

namespace {

constexpr size_t kMaxTransitions = 1000, kMaxTags = 1000;
constexpr uint64_t kMaxNumber = INT64_MAX;

enum RulesField : uint32_t { kRule = 1, kTransitionMinimum = 2 };
enum RuleField : uint32_t {
  kId = 1,
  kEnabled = 2,
  kFilter = 3,
  kExpiration = 4,
  kNoncurrentExpiration = 5,
  kAbortUpload = 6,
  kAbortUploadDays = 7,
  kTransition = 8,
  kNoncurrentTransition = 9,
};
enum FilterField : uint32_t { kForm = 1, kPrefix = 2, kHasPrefix = 3, kTag = 4, kSizeGreater = 5, kSizeLess = 6 };
enum ActionField : uint32_t {
  kDays = 1,
  kDate = 2,
  kAccessDays = 3,
  kStorageClass = 4,
  kNewerVersions = 5,
  kDeleteMarker = 6,  // 1 + the boolean
};

// What may be missing is written plus one, since a zero is left out.
void write_optional(FieldWriter& out, uint32_t number, const std::optional<int64_t>& value) {
  if (value && *value >= 0) out.varint(number, static_cast<uint64_t>(*value) + 1);
}
std::optional<int64_t> read_optional(FieldReader& in) {
  const uint64_t value = in.varint(kMaxNumber);
  if (value == 0) return std::nullopt;
  return static_cast<int64_t>(value - 1);
}
void write_date(FieldWriter& out, const std::optional<rt::Nanos>& date) {
  if (date) out.fixed64_always(kDate, static_cast<uint64_t>(*date));
}

FieldWriter filter_fields(const RuleFilter& filter) {
  FieldWriter out;
  out.varint(kForm, static_cast<uint64_t>(filter.form));
  out.bytes(kPrefix, filter.prefix);
  out.varint(kHasPrefix, filter.has_prefix ? 1 : 0);
  meta::write_pairs(out, kTag, filter.tags);
  write_optional(out, kSizeGreater, filter.size_greater_than);
  write_optional(out, kSizeLess, filter.size_less_than);
  return out;
}

void read_filter(FieldReader& outer, RuleFilter* filter) {
  FieldReader in(outer.bytes());
  bool has_form = false;
  while (in.next()) {
    if (in.number() == kForm) {
      filter->form = in.enumeration(FilterForm::kPrefixElement, FilterForm::kAnd);
      has_form = true;
    }
    if (in.number() == kPrefix) filter->prefix = meta::read_string(in);
    if (in.number() == kHasPrefix) filter->has_prefix = in.boolean();
    if (in.number() == kTag) {
      in.require(filter->tags.size() < kMaxTags);
      meta::read_pair(in, &filter->tags);
    }
    if (in.number() == kSizeGreater) filter->size_greater_than = read_optional(in);
    if (in.number() == kSizeLess) filter->size_less_than = read_optional(in);
  }
  outer.require(in.good() && has_form);
}

struct Action {
  std::optional<int64_t> days, access_days, newer_versions;
  std::optional<rt::Nanos> date;
  std::optional<bool> delete_marker;
  std::string storage_class;
};

void write_action(FieldWriter& outer, uint32_t number, const Action& action) {
  FieldWriter out;
  write_optional(out, kDays, action.days);
  write_date(out, action.date);
  write_optional(out, kAccessDays, action.access_days);
  out.bytes(kStorageClass, action.storage_class);
  write_optional(out, kNewerVersions, action.newer_versions);
  if (action.delete_marker) out.varint(kDeleteMarker, *action.delete_marker ? 2 : 1);
  outer.message(number, out);
}

Action read_action(FieldReader& outer) {
  FieldReader in(outer.bytes());
  Action action;
  while (in.next()) {
    if (in.number() == kDays) action.days = read_optional(in);
    if (in.number() == kDate) action.date = meta::read_time(in);
    if (in.number() == kAccessDays) action.access_days = read_optional(in);
    if (in.number() == kStorageClass) action.storage_class = meta::read_string(in);
    if (in.number() == kNewerVersions) action.newer_versions = read_optional(in);
    if (in.number() == kDeleteMarker) action.delete_marker = in.varint(2) == 2;
  }
  outer.require(in.good());
  return action;
}

FieldWriter rule_fields(const LifecycleRule& rule) {
  FieldWriter out;
  out.bytes(kId, rule.id);
  out.varint(kEnabled, rule.enabled ? 1 : 0);
  out.message(kFilter, filter_fields(rule.filter));
  if (const auto& expiration = rule.expiration) {
    Action action;
    action.days = expiration->days;
    action.date = expiration->date;
    action.delete_marker = expiration->expired_delete_marker;
    write_action(out, kExpiration, action);
  }
  if (const auto& expiration = rule.noncurrent_expiration) {
    Action action;
    action.days = expiration->days;
    action.newer_versions = expiration->newer_noncurrent_versions;
    write_action(out, kNoncurrentExpiration, action);
  }
  out.varint(kAbortUpload, rule.abort_upload ? 1 : 0);
  write_optional(out, kAbortUploadDays, rule.abort_upload_days);
  for (const Transition& transition : rule.transitions) {
    Action action;
    action.days = transition.days;
    action.date = transition.date;
    action.access_days = transition.access_days;
    action.storage_class = transition.storage_class;
    write_action(out, kTransition, action);
  }
  for (const NoncurrentTransition& transition : rule.noncurrent_transitions) {
    Action action;
    action.days = transition.days;
    action.newer_versions = transition.newer_noncurrent_versions;
    action.storage_class = transition.storage_class;
    write_action(out, kNoncurrentTransition, action);
  }
  return out;
}

void read_rule(FieldReader& outer, LifecycleRule* rule) {
  FieldReader in(outer.bytes());
  rule->enabled = false;
  bool has_filter = false;
  while (in.next()) {
    switch (in.number()) {
      case kId:
        rule->id = meta::read_string(in);
        break;
      case kEnabled:
        rule->enabled = in.boolean();
        break;
      case kFilter:
        read_filter(in, &rule->filter);
        has_filter = true;
        break;
      case kExpiration: {
        const Action action = read_action(in);
        rule->expiration = Expiration{action.days, action.date, action.delete_marker};
        break;
      }
      case kNoncurrentExpiration: {
        const Action action = read_action(in);
        rule->noncurrent_expiration = NoncurrentExpiration{action.days, action.newer_versions};
        break;
      }
      case kAbortUpload:
        rule->abort_upload = in.boolean();
        break;
      case kAbortUploadDays:
        rule->abort_upload_days = read_optional(in);
        break;
      case kTransition: {
        Action action = read_action(in);
        in.require(rule->transitions.size() < kMaxTransitions);
        rule->transitions.push_back({action.days, action.date, action.access_days, std::move(action.storage_class)});
        break;
      }
      case kNoncurrentTransition: {
        Action action = read_action(in);
        in.require(rule->noncurrent_transitions.size() < kMaxTransitions);
        rule->noncurrent_transitions.push_back({action.days, action.newer_versions, std::move(action.storage_class)});
        break;
      }
      default:
        break;
    }
  }
  outer.require(in.good() && has_filter);
}

}  // namespace

std::string encode_rules(const LifecycleRules& rules) {
  FieldWriter out(meta::kValueVersion, 256);
  for (const LifecycleRule& rule : rules.rules) out.message(kRule, rule_fields(rule));
  out.varint(kTransitionMinimum, static_cast<uint64_t>(rules.transition_minimum));
  return out.take();
}

Result<LifecycleRules> decode_rules(BytesView value) {
  FieldReader in(value, meta::kValueVersion);
  LifecycleRules rules;
  while (in.next()) {
    if (in.number() == kRule) {
      in.require(rules.rules.size() < kMaxRules);
      rules.rules.emplace_back();
      read_rule(in, &rules.rules.back());
    }
    if (in.number() == kTransitionMinimum) {
      rules.transition_minimum = in.enumeration(TransitionMinimum::kAll128K, TransitionMinimum::kVariesByStorageClass);
    }
  }
  TP_TRY_VOID(in.finish("lifecycle rules"));
  return rules;
}

}  // namespace tp::lifecycle
