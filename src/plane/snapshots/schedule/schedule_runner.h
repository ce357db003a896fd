// Takes the snapshots that schedules want and deletes those that they do not keep. One call looks at all volumes with a
// schedule; whoever calls it again and again (the janitor) says how late a snapshot may be.
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

inline constexpr rt::Nanos kScheduleEvery = 2 * rt::kSecond;

/// A volume that fails does not keep the others; the first error is returned.
Task<void> run_schedules(Core& core);

}  // namespace tp::plane
