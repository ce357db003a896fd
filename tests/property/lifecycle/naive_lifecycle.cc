#include "property/lifecycle/naive_lifecycle.h"

#include <map>

namespace tp::test {

namespace {

using lifecycle::LifecycleRule;
using Object = FakeUpkeep::Object;

constexpr int64_t kDayNanos = 24 * 3600 * rt::kSecond;

// The number of the midnight that ends, or is, the time.
int64_t midnight(rt::Nanos time) {
  return time / kDayNanos + (time % kDayNanos != 0 ? 1 : 0);
}
bool reached(int64_t day, rt::Nanos now) {
  return now >= day * kDayNanos;
}
bool date_reached(rt::Nanos date, const Object& object, rt::Nanos now) {
  return now >= date && reached(midnight(object.modified), now);
}

bool applies(const LifecycleRule& rule, const Object& object) {
  if (!rule.enabled || object.key.substr(0, rule.filter.prefix.size()) != rule.filter.prefix) return false;
  if (!object.inode) return rule.filter.tags.empty() && !rule.filter.size_greater_than && !rule.filter.size_less_than;
  const std::map<std::string, std::string> tags(object.tags.begin(), object.tags.end());
  for (const auto& [key, value] : rule.filter.tags) {
    const auto found = tags.find(key);
    if (found == tags.end() || found->second != value) return false;
  }
  const auto size = static_cast<int64_t>(object.size_bytes);
  if (rule.filter.size_greater_than && !(size > *rule.filter.size_greater_than)) return false;
  if (rule.filter.size_less_than && !(size < *rule.filter.size_less_than)) return false;
  return true;
}

bool expires(const lifecycle::LifecycleRules& rules, const Object& object, rt::Nanos now) {
  for (const LifecycleRule& rule : rules.rules) {
    if (!rule.expiration || !applies(rule, object)) continue;
    if (rule.expiration->days && reached(midnight(object.modified) + *rule.expiration->days, now)) return true;
    if (rule.expiration->date && date_reached(*rule.expiration->date, object, now)) return true;
    const bool marker_rule = rule.expiration->expired_delete_marker == true;
    if (!object.inode && marker_rule && reached(midnight(object.modified), now)) return true;
  }
  return false;
}

bool noncurrent_expires(const lifecycle::LifecycleRules& rules, const Object& object, int64_t newer, rt::Nanos now) {
  for (const LifecycleRule& rule : rules.rules) {
    if (!rule.noncurrent_expiration || !applies(rule, object)) continue;
    if (newer < rule.noncurrent_expiration->newer_noncurrent_versions.value_or(0)) continue;
    if (reached(midnight(object.superseded) + *rule.noncurrent_expiration->days, now)) return true;
  }
  return false;
}

const std::vector<std::string> kWarmestFirst = {"STANDARD",   "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA",
                                                "GLACIER_IR", "GLACIER",     "DEEP_ARCHIVE"};
size_t rank(const std::string& name) {
  size_t at = 0;
  while (at < kWarmestFirst.size() && kWarmestFirst[at] != name) ++at;
  return at;
}

bool large_enough(const lifecycle::LifecycleRules& rules, const LifecycleRule& rule, const Object& object,
                  const std::string& target) {
  if (object.size_bytes >= 131072 || rule.filter.size_greater_than || rule.filter.size_less_than) return true;
  if (rules.transition_minimum == lifecycle::TransitionMinimum::kAll128K) return false;
  return target == "GLACIER" || target == "DEEP_ARCHIVE";
}

// The coldest class that any rule says by now; the present one if none does.
std::string class_due(const lifecycle::LifecycleRules& rules, const Object& object, int64_t newer, rt::Nanos now) {
  std::string best = object.storage_class.empty() ? "STANDARD" : object.storage_class;
  const auto offer = [&](const LifecycleRule& rule, const std::string& target, bool due) {
    if (due && rank(target) > rank(best) && large_enough(rules, rule, object, target)) best = target;
  };
  for (const LifecycleRule& rule : rules.rules) {
    if (!applies(rule, object)) continue;
    for (const auto& each : rule.transitions) {
      if (!object.current) break;
      bool due = false;
      if (each.days) due = reached(midnight(object.modified) + *each.days, now);
      if (each.date) due = date_reached(*each.date, object, now);
      if (each.access_days)
        due = reached(midnight(std::max(object.accessed, object.modified)) + *each.access_days, now);
      offer(rule, each.storage_class, due);
    }
    for (const auto& each : rule.noncurrent_transitions) {
      if (object.current || newer < each.newer_noncurrent_versions.value_or(0)) continue;
      offer(rule, each.storage_class, reached(midnight(object.superseded) + *each.days, now));
    }
  }
  return best;
}

// Of the current version, the only one left or not. True: something was done.
bool step_current(FakeUpkeep& store, VolumeId volume, const lifecycle::LifecycleRules& rules, const Object& object,
                  bool alone, rt::Nanos now) {
  if (!object.inode) {
    return alone && expires(rules, object, now) && store.expire_version_now(volume, object.key, object.version);
  }
  const meta::Versioning keeps = store.volume(volume)->versioning;
  const bool for_good = keeps == meta::Versioning::kOff || (keeps == meta::Versioning::kSuspended && !object.version);
  const bool expiring = expires(rules, object, now);
  if (expiring && for_good) return store.expire_now(volume, object.key, object.inode);
  const std::string target = class_due(rules, object, 0, now);
  if (target != object.storage_class && !(target == "STANDARD" && object.storage_class.empty())) {
    return store.transition_now(volume, object.key, object.version, target);
  }
  return expiring && store.expire_now(volume, object.key, object.inode);
}

// Looks at all versions as they are now, then acts. True: something was done, and the versions are others now.
bool step(FakeUpkeep& store, VolumeId volume, const lifecycle::LifecycleRules& rules, const std::string& key,
          rt::Nanos now) {
  const auto found = store.keys(volume).find(key);
  if (found == store.keys(volume).end()) return false;
  const FakeUpkeep::Versions versions = found->second;
  bool done = false;
  int64_t newer = 0;
  for (const Object& object : versions) {
    if (object.current) continue;
    const int64_t newer_than_this = newer++;
    if (noncurrent_expires(rules, object, newer_than_this, now)) {
      done = store.expire_version_now(volume, key, object.version) || done;
      continue;
    }
    if (!object.inode) continue;
    const std::string target = class_due(rules, object, newer_than_this, now);
    if (target == object.storage_class || (target == "STANDARD" && object.storage_class.empty())) continue;
    done = store.transition_now(volume, key, object.version, target) || done;
  }
  if (versions.front().current) {
    done = step_current(store, volume, rules, versions.front(), versions.size() == 1, now) || done;
  }
  return done;
}

}  // namespace

void scan_naively(FakeUpkeep& store, VolumeId volume, const lifecycle::LifecycleRules& rules, rt::Nanos now) {
  std::vector<std::string> keys;
  for (const auto& [key, versions] : store.keys(volume)) keys.push_back(key);
  for (const std::string& key : keys) {
    while (step(store, volume, rules, key, now)) {
    }
  }
  std::erase_if(store.uploads_of(volume), [&](const plane::UpkeepUpload& upload) {
    for (const LifecycleRule& rule : rules.rules) {
      if (!rule.enabled || !rule.abort_upload || !upload.key.starts_with(rule.filter.prefix)) continue;
      if (reached(midnight(upload.created) + *rule.abort_upload_days, now)) return true;
    }
    return false;
  });
}

}  // namespace tp::test
