// Frees what snapshots that are being deleted keep: what the next older snapshot saw goes to it, the rest goes. Batch
// by batch, restartable at any point: the index of the epoch says what is left. Spec: docs/snapshots.md, deleting.
#pragma once

#include "plane/core/core.h"

namespace tp::plane {

/// Works on the oldest snapshot that is being deleted; false: there is none. Each call is a transaction of bounded size
/// and, at the end of an index, the one in which the record goes.
Task<bool> free_one_batch(Core& core);
/// Frees all of one volume, or (no id) of all.
Task<void> free_marked_snapshots(Core& core, VolumeId volume = VolumeId());

}  // namespace tp::plane
