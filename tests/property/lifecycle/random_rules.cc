#include "property/lifecycle/random_rules.h"

#include <array>

#include "lifecycle/plan.h"

namespace tp::test {

namespace {

using namespace lifecycle;

constexpr std::array<const char*, 5> kPrefixes = {"", "a/", "a/x", "b/", "c"};
constexpr std::array<const char*, 6> kClasses = {"STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR",
                                                 "GLACIER",     "DEEP_ARCHIVE"};

int64_t days(Random& random) {
  return static_cast<int64_t>(chance(random, 4) ? 1 + below(random, 200) : 1 + below(random, 20));
}

RuleFilter random_filter(Random& random) {
  RuleFilter filter;
  filter.form = FilterForm::kAnd;
  filter.prefix = kPrefixes[below(random, kPrefixes.size())];
  filter.has_prefix = true;
  if (chance(random, 3)) filter.tags.emplace_back("k", chance(random, 2) ? "1" : "2");
  if (chance(random, 8)) filter.tags.emplace_back("l", "1");
  if (chance(random, 4)) filter.size_greater_than = static_cast<int64_t>(below(random, 200'000));
  if (chance(random, 5))
    filter.size_less_than = filter.size_greater_than.value_or(0) + 1 + static_cast<int64_t>(below(random, 200'000));
  if (filter.tags.empty() && !filter.size_greater_than && !filter.size_less_than) filter.form = FilterForm::kFilter;
  return filter;
}

Expiration random_expiration(Random& random, const RuleFilter& filter, rt::Nanos now) {
  Expiration expiration;
  const bool plain = filter.tags.empty() && !filter.size_greater_than && !filter.size_less_than;
  if (plain && chance(random, 4)) {
    expiration.expired_delete_marker = !chance(random, 5);
  } else if (chance(random, 4)) {
    expiration.date = (now / kDay + static_cast<int64_t>(below(random, 60)) - 10) * kDay;
  } else {
    expiration.days = days(random);
  }
  return expiration;
}

Transition random_transition(Random& random, rt::Nanos now) {
  Transition transition;
  transition.storage_class = kClasses[below(random, kClasses.size())];
  if (chance(random, 4)) {
    transition.date = (now / kDay + static_cast<int64_t>(below(random, 60)) - 10) * kDay;
  } else if (chance(random, 3)) {
    transition.access_days = days(random);
  } else {
    transition.days = days(random) - 1;
  }
  return transition;
}

LifecycleRule random_rule(Random& random, rt::Nanos now) {
  LifecycleRule rule;
  rule.enabled = !chance(random, 8);
  rule.filter = random_filter(random);
  if (chance(random, 2)) rule.expiration = random_expiration(random, rule.filter, now);
  if (chance(random, 2)) {
    rule.noncurrent_expiration = NoncurrentExpiration{days(random), std::nullopt};
    if (chance(random, 2))
      rule.noncurrent_expiration->newer_noncurrent_versions = 1 + static_cast<int64_t>(below(random, 3));
  }
  const uint64_t transitions = chance(random, 2) ? 1 + below(random, 2) : 0;
  for (uint64_t i = 0; i < transitions; ++i) rule.transitions.push_back(random_transition(random, now));
  if (chance(random, 3)) {
    NoncurrentTransition transition{days(random) - 1, std::nullopt, kClasses[below(random, kClasses.size())]};
    if (chance(random, 3)) transition.newer_noncurrent_versions = 1;
    rule.noncurrent_transitions.push_back(std::move(transition));
  }
  if (chance(random, 4)) {
    rule.abort_upload = true;
    rule.abort_upload_days = days(random);
  }
  return rule;
}

}  // namespace

bool chance(Random& random, uint64_t n) {
  return random() % n == 0;
}
uint64_t below(Random& random, uint64_t n) {
  return random() % n;
}

LifecycleRules random_rules(Random& random, rt::Nanos now) {
  LifecycleRules rules;
  if (chance(random, 2)) rules.transition_minimum = TransitionMinimum::kVariesByStorageClass;
  const uint64_t count = 1 + below(random, 4);
  while (rules.rules.size() < count) {
    rules.rules.push_back(random_rule(random, now));
    rules.rules.back().id = std::to_string(rules.rules.size());
    if (validate(rules)) rules.rules.pop_back();
  }
  return rules;
}

}  // namespace tp::test
