// Frees what snapshots that are being deleted keep: what the next older snapshot saw goes to it, the rest goes. Batch
// by batch, restartable at any point: the index of the epoch says what is left. Spec: docs/snapshots.md, deleting.
#pragma once

#include <functional>

#include "plane/core/core.h"

namespace tp::plane {

/// Whether a read of the snapshot (its epoch) or removed clone (its volume's id) may still be under way: such a read
/// would find what is true now in the place of what goes. Null: nobody reads.
using StillRead = std::function<bool(uint64_t id)>;

/// Works on the oldest snapshot that is being deleted and not read; false: there is none. Each call is a transaction of
/// bounded size and, at the end of an index, the one in which the record goes.
Task<bool> free_one_batch(Core& core, const StillRead& still_read = nullptr);
/// Frees all of one volume, or (no id) of all.
Task<void> free_marked_snapshots(Core& core, VolumeId volume = VolumeId());

}  // namespace tp::plane
