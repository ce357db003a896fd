// Cache volumes as volumes: what the plane does beside the records when one comes or goes.
#pragma once

#include "plane/entries/entry_objects.h"

namespace tp::plane {

/// The records of a cache volume; it has no tree. kNotFound with Reason::kNoSuchVolume.
Result<void> erase_cache_volume(Core& core, meta::Txn& txn, const meta::VolumeRecord& volume);
/// The volume goes with all it holds: entries do not keep a cache.
Task<void> remove_cache_volume(Core& core, VolumeEntryPtr volume);

}  // namespace tp::plane
