// What lies on tiers and belongs to nobody: segments of earlier starts with nothing live that are still there though
// they have been reclaimed.
#pragma once

#include "plane/check/finding_list.h"
#include "plane/core/core.h"

namespace tp::plane {

/// A tier that does not answer is a finding of its own.
Task<void> check_tiers(Core& core, FindingList& findings);

}  // namespace tp::plane
