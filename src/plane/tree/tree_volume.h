// The volume that a file is in.
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

/// kNotFound with Reason::kStale.
Result<VolumeEntryPtr> volume_of(const Core& core, VolumeId volume);
/// Also kPermissionDenied with Reason::kReadOnlyVolume: it is exported so, or a cache volume.
Result<VolumeEntryPtr> writable_volume(const Core& core, VolumeId volume);

}  // namespace tp::plane
