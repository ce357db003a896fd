#include "lifecycle/plan.h"

#include <algorithm>
#include <tuple>

namespace tp::lifecycle {

namespace {

using plane::UpkeepObject;

constexpr int64_t kSmallObjectBytes = 128 << 10;  // S3 does not move smaller ones unless a filter names sizes
constexpr rt::Nanos kLastMidnight = INT64_MAX / kDay * kDay;

bool has_sizes(const RuleFilter& filter) {
  return filter.size_greater_than || filter.size_less_than;
}

bool matches(const RuleFilter& filter, const UpkeepObject& object) {
  if (!object.key.starts_with(filter.prefix)) return false;
  const bool marker = !object.inode;
  // A delete marker has neither tags nor a size.
  if (marker && (!filter.tags.empty() || has_sizes(filter))) return false;
  for (const auto& tag : filter.tags) {
    if (std::ranges::find(object.tags, tag) == object.tags.end()) return false;
  }
  if (filter.size_greater_than && object.size_bytes <= static_cast<uint64_t>(*filter.size_greater_than)) return false;
  return !filter.size_less_than || object.size_bytes < static_cast<uint64_t>(*filter.size_less_than);
}

// What is there by a date goes on it; what comes later, at its own next midnight.
rt::Nanos due_by_date(rt::Nanos date, rt::Nanos modified) {
  return std::max(date, round_up_to_midnight(modified));
}

std::optional<rt::Nanos> expiration_due(const Expiration& expiration, const UpkeepObject& object) {
  if (expiration.days) return due_after(object.modified, *expiration.days);
  if (expiration.date) return due_by_date(*expiration.date, object.modified);
  return std::nullopt;
}

// The earliest of several times.
struct Earliest {
  std::optional<rt::Nanos> at;
  void add(std::optional<rt::Nanos> time) {
    if (time && (!at || *time < *at)) at = time;
  }
};

class KeyPlan {
 public:
  KeyPlan(const LifecycleRules& rules, std::span<const UpkeepObject> versions, rt::Nanos now)
      : rules_(rules), versions_(versions), now_(now) {}

  Plan take() {
    plan_.next = next_.at;
    return std::move(plan_);
  }

  void noncurrent(size_t index, int64_t newer_noncurrent) {
    const UpkeepObject& object = versions_[index];
    Earliest expiry;
    for (const LifecycleRule& rule : rules_.rules) {
      if (!rule.enabled || !rule.noncurrent_expiration || !matches(rule.filter, object)) continue;
      const NoncurrentExpiration& expiration = *rule.noncurrent_expiration;
      if (newer_noncurrent < expiration.newer_noncurrent_versions.value_or(0)) continue;
      expiry.add(due_after(object.superseded, expiration.days.value_or(1)));
    }
    if (step_if_due(expiry.at, Step::Kind::kExpireVersion, index)) return;
    if (!object.inode) return;
    start_transitions(object);
    for (const LifecycleRule& rule : rules_.rules) {
      if (!rule.enabled || rule.noncurrent_transitions.empty() || !matches(rule.filter, object)) continue;
      for (const NoncurrentTransition& transition : rule.noncurrent_transitions) {
        if (newer_noncurrent < transition.newer_noncurrent_versions.value_or(0)) continue;
        add_transition(rule.filter, object, transition.storage_class,
                       due_after(object.superseded, transition.days.value_or(0)));
      }
    }
    end_transitions(index);
  }

  /// `for_good`: expiring it is not undone by a delete marker's end.
  void current(size_t index, bool for_good) {
    const UpkeepObject& object = versions_[index];
    Earliest expiry;
    for (const LifecycleRule& rule : rules_.rules) {
      if (rule.enabled && rule.expiration && matches(rule.filter, object)) {
        expiry.add(expiration_due(*rule.expiration, object));
      }
    }
    // To delete for good comes before a transition, and a transition before a delete marker.
    if (for_good && step_if_due(expiry.at, Step::Kind::kExpire, index)) return;
    start_transitions(object);
    for (const LifecycleRule& rule : rules_.rules) {
      if (!rule.enabled || rule.transitions.empty() || !matches(rule.filter, object)) continue;
      for (const Transition& transition : rule.transitions) {
        add_transition(rule.filter, object, transition.storage_class, transition_due(transition, object));
      }
    }
    end_transitions(index);
    if (!for_good) step_if_due(expiry.at, Step::Kind::kExpire, index);
  }

  /// A delete marker under which nothing is left.
  void lone_marker(size_t index) {
    const UpkeepObject& object = versions_[index];
    Earliest expiry;
    for (const LifecycleRule& rule : rules_.rules) {
      if (!rule.enabled || !rule.expiration || !matches(rule.filter, object)) continue;
      expiry.add(expiration_due(*rule.expiration, object));
      if (rule.expiration->expired_delete_marker.value_or(false)) expiry.add(round_up_to_midnight(object.modified));
    }
    step_if_due(expiry.at, Step::Kind::kExpireVersion, index);
  }

 private:
  struct Candidate {
    rt::Nanos due = 0;
    std::string_view storage_class;
  };

  bool step_if_due(std::optional<rt::Nanos> at, Step::Kind kind, size_t index) {
    if (!at) return false;
    if (*at > now_) {
      next_.add(at);
      return false;
    }
    plan_.steps.push_back({kind, index, {}});
    return true;
  }

  static rt::Nanos transition_due(const Transition& transition, const UpkeepObject& object) {
    if (transition.date) return due_by_date(*transition.date, object.modified);
    if (transition.access_days) return due_after(std::max(object.accessed, object.modified), *transition.access_days);
    return due_after(object.modified, transition.days.value_or(0));
  }

  void start_transitions(const UpkeepObject& object) {
    best_.reset();
    present_ = object.storage_class.empty() ? "STANDARD" : std::string_view(object.storage_class);
  }

  void add_transition(const RuleFilter& filter, const UpkeepObject& object, std::string_view target, rt::Nanos due) {
    if (coldness(target) < coldness(present_)) return;  // never back to a warmer class
    if (object.size_bytes < static_cast<uint64_t>(kSmallObjectBytes) && !has_sizes(filter)) {
      const bool deep = target == "GLACIER" || target == "DEEP_ARCHIVE";
      if (rules_.transition_minimum == TransitionMinimum::kAll128K || !deep) return;
    }
    if (due > now_) {
      if (target != present_) next_.add(due);
      return;
    }
    // Of several, the coldest; of two equally cold, the later one.
    const Candidate candidate{due, target};
    if (!best_ || std::tuple(coldness(target), due) > std::tuple(coldness(best_->storage_class), best_->due)) {
      best_ = candidate;
    }
  }

  void end_transitions(size_t index) {
    if (!best_ || best_->storage_class == present_) return;
    plan_.steps.push_back({Step::Kind::kTransition, index, std::string(best_->storage_class)});
  }

  const LifecycleRules& rules_;
  const std::span<const UpkeepObject> versions_;
  const rt::Nanos now_;
  Plan plan_;
  Earliest next_;
  std::optional<Candidate> best_;  // of the version at hand
  std::string_view present_;       // its class
};

}  // namespace

rt::Nanos round_up_to_midnight(rt::Nanos time) {
  if (time <= 0) return 0;
  if (time >= kLastMidnight) return kLastMidnight;
  return (time + kDay - 1) / kDay * kDay;
}

rt::Nanos due_after(rt::Nanos time, int64_t days) {
  const rt::Nanos from = std::max<rt::Nanos>(time, 0);
  if (days >= (kLastMidnight - std::min(from, kLastMidnight)) / kDay) return kLastMidnight;
  return round_up_to_midnight(from + days * kDay);
}

Plan plan_key(const LifecycleRules& rules, meta::Versioning versioning, std::span<const UpkeepObject> versions,
              rt::Nanos now) {
  KeyPlan plan(rules, versions, now);
  // The oldest first: if not all of it can be done, what is left still has as many newer ones as it was judged by.
  int64_t newer_noncurrent = std::ranges::count(versions, false, &UpkeepObject::current);
  for (size_t i = versions.size(); i-- > 0;) {
    if (!versions[i].current) plan.noncurrent(i, --newer_noncurrent);
  }
  for (size_t i = 0; i < versions.size(); ++i) {
    const UpkeepObject& object = versions[i];
    if (!object.current) continue;
    const bool replaced_in_place = versioning == meta::Versioning::kSuspended && object.version == 0;
    if (object.inode) plan.current(i, versioning == meta::Versioning::kOff || replaced_in_place);
    if (!object.inode && versions.size() == 1) plan.lone_marker(i);
  }
  return plan.take();
}

std::optional<rt::Nanos> upload_due(const LifecycleRules& rules, std::string_view key, rt::Nanos created) {
  Earliest due;
  for (const LifecycleRule& rule : rules.rules) {
    if (!rule.enabled || !rule.abort_upload || !rule.abort_upload_days) continue;
    if (key.starts_with(rule.filter.prefix)) due.add(due_after(created, *rule.abort_upload_days));
  }
  return due.at;
}

std::optional<Expiry> expiry_of(const LifecycleRules& rules, const UpkeepObject& object) {
  std::optional<Expiry> first;
  for (const LifecycleRule& rule : rules.rules) {
    if (!rule.enabled || !rule.expiration || !matches(rule.filter, object)) continue;
    const auto due = expiration_due(*rule.expiration, object);
    if (due && (!first || *due < first->at)) first = Expiry{*due, rule.id};
  }
  return first;
}

bool has_work(const LifecycleRules& rules) {
  return std::ranges::any_of(rules.rules, [](const LifecycleRule& rule) { return rule.enabled; });
}

bool asks_for_access(const LifecycleRules& rules) {
  return std::ranges::any_of(rules.rules, [](const LifecycleRule& rule) {
    return rule.enabled &&
           std::ranges::any_of(rule.transitions, [](const Transition& each) { return each.access_days.has_value(); });
  });
}

}  // namespace tp::lifecycle
