// Removes clones: gone at once for everybody, with a note that says what is left; then all that the clone had of its
// own is freed batch by batch, restartable at any point. Spec: docs/snapshots.md, clones.
#pragma once

#include "plane/core/core.h"
#include "plane/core/namespace.h"
#include "plane/snapshots/freeing/free_snapshot.h"

namespace tp::plane {

/// In the transaction that ends the clone: its name and counters go, a note is left, its base counts one clone less.
/// kNotFound with Reason::kNoSuchVolume; kNotEmpty while it has snapshots.
Result<void> mark_clone_removed(Core& core, meta::Txn& txn, const VolumeEntry& volume);

/// One transaction for one removed clone that is not read; false: there is none.
Task<bool> free_clone_batch(Core& core, const StillRead& still_read = nullptr);

/// Records of removed clones that are not freed yet.
Result<std::vector<meta::VolumeRecord>> removed_clones(meta::RecordSource& source);

}  // namespace tp::plane
