// The volume that a file is in.
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

/// kNotFound with Reason::kStale.
Result<VolumeEntryPtr> volume_of(const Core& core, VolumeId volume);
/// Also kPermissionDenied with Reason::kReadOnlyVolume.
Result<VolumeEntryPtr> writable_volume(const Core& core, VolumeId volume);

}  // namespace tp::plane
