// Who may lock and unlock. The owner of an object that is not the volume's owner may not loosen the locks of what it
// wrote: that takes the volume's owner, or a policy.
#pragma once

#include "plane/locks/lock_rules.h"
#include "plane/rights/rights.h"

namespace tp::plane {

/// Whether a caller who asks to bypass governance mode may.
bool may_bypass(const Caller& caller, const VolumeEntry& volume, std::string_view key, bool asked);

/// Before a version of `key` that `record` describes goes for good: require_unlocked() with the caller's right to
/// bypass. `asked`: WriteConditions::bypass_governance.
Result<void> require_removable(const Caller& caller, const VolumeEntry& volume, std::string_view key,
                               const meta::InodeRecord& record, rt::Nanos now, bool asked);

/// Whether a new version of `key` may get the locks that the request names: kInvalidArgument with kLockNotEnabled or
/// kInvalidRetention, kPermissionDenied without the rights to lock.
Result<void> check_new_lock(const Caller& caller, const VolumeEntry& volume, std::string_view key,
                            const ObjectAttributes& attributes, rt::Nanos now);

}  // namespace tp::plane
