// Plan: what lifecycle rules ask of one key at one time, and when to look again. Pure: no clock, no store. Days are
// counted as S3 counts them: added to the time they run from and rounded up to the next midnight UTC; what falls on a
// midnight exactly stays there. Semantics: docs/lifecycle.md.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lifecycle/rules.h"
#include "plane/upkeep.h"

namespace tp::lifecycle {

inline constexpr rt::Nanos kDay = 86400 * rt::kSecond;

/// The midnight at or after `time`; the last one there is if `time` lies after that.
rt::Nanos round_up_to_midnight(rt::Nanos time);
/// `days` whole days after `time`, rounded up.
rt::Nanos due_after(rt::Nanos time, int64_t days);

struct Step {
  enum class Kind : uint8_t {
    kExpire,         // the current object: as a DELETE without a version
    kExpireVersion,  // this version or delete marker, for good
    kTransition,     // to `storage_class`
  };
  Kind kind = Kind::kExpire;
  size_t object = 0;  // index of the version that was asked about
  std::string storage_class;
};

struct Plan {
  std::vector<Step> steps;        // due now; the oldest versions first, the current one last
  std::optional<rt::Nanos> next;  // when the next step will be due if nothing changes
};

/// `versions`: all of one key, newest first. `versioning`: of the volume: says whether to expire is to delete for good.
Plan plan_key(const LifecycleRules& rules, meta::Versioning versioning, std::span<const plane::UpkeepObject> versions,
              rt::Nanos now);

/// When an upload in progress is aborted; nullopt: no rule says so.
std::optional<rt::Nanos> upload_due(const LifecycleRules& rules, std::string_view key, rt::Nanos created);

/// When the current object goes, and by which rule: what x-amz-expiration says.
struct Expiry {
  rt::Nanos at = 0;
  std::string rule_id;
};
std::optional<Expiry> expiry_of(const LifecycleRules& rules, const plane::UpkeepObject& object);

/// Whether any rule is enabled.
bool has_work(const LifecycleRules& rules);
/// Whether any enabled rule asks when objects were last read.
bool asks_for_access(const LifecycleRules& rules);

}  // namespace tp::lifecycle
