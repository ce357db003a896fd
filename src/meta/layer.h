// Layer: where the records of one volume, snapshot or clone are found. A plain volume needs none. Tracked spaces are
// kNames, kInodes, kData and kExtents: all their keys begin with an inode. Format: docs/formats/history.md.
#pragma once

#include <memory>

#include "base/ids.h"
#include "kv/engine.h"

namespace tp::meta {

/// A snapshot reads `volume` as of `at`: the oldest history of a record that was written at or after `at` is its value
/// then; where there is none, nothing has changed since. A clone reads its own overlay first, for records of inodes
/// below base->at, and then its base; records of later inodes are its own and lie where everybody's do.
struct Layer {
  VolumeId volume;                    // whose history and overlay
  Epoch at;                           // zero: as it is now
  std::shared_ptr<const Layer> base;  // of a clone: the snapshot it began as (base->at is not zero); null: none
};
using LayerPtr = std::shared_ptr<const Layer>;

/// What a transaction's writes to tracked spaces have to keep. Set by Txn::enter() before the first of them.
struct WriteScope {
  VolumeId volume;
  LayerPtr layer;       // of a clone; null: records lie where everybody's do
  Epoch latest;         // the newest snapshot that is kept: zero: none
  Epoch newest_marked;  // a newer snapshot than that which is being deleted and still has history; zero: none
};

/// Whether records of this space belong to volumes and are kept for snapshots.
constexpr bool is_tracked(kv::Space space) {
  return space == kv::Space::kNames || space == kv::Space::kInodes || space == kv::Space::kData ||
         space == kv::Space::kExtents;
}

}  // namespace tp::meta
