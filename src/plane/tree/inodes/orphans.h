// Files without a name: kept while somebody has them open, or has read them lately; then freed.
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

/// Frees one, unless it has a name or is kept.
Task<void> reap_orphan(Core& core, FileId file);
/// Frees all that nobody keeps; before the grace period has ended none.
Task<void> reap_orphans(Core& core);

}  // namespace tp::plane
