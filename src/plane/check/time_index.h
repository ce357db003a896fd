// TimeIndex: what a check has to know of snapshots, clones and versions before it looks at trees and inodes: which
// inodes nothing but a snapshot or a version leads to, and how clones find their records. Filled by HistoryPass; memory
// grows with the inodes that are held or superseded. Owner: check().
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "meta/layer.h"
#include "meta/record_source.h"
#include "meta/volume_record.h"

namespace tp::plane {

struct TimeIndex {
  /// Makes a view of the same point in time through a layer.
  std::function<std::unique_ptr<meta::ReadView>(meta::LayerPtr)> view;
  struct Clone {
    meta::VolumeRecord record;
    meta::LayerPtr layer;
  };
  std::vector<Clone> clones;
  /// Null for a volume that is no clone.
  meta::LayerPtr layer_of(VolumeId volume) const {
    for (const Clone& clone : clones) {
      if (clone.record.id == volume) return clone.layer;
    }
    return nullptr;
  }
  std::vector<meta::VolumeRecord> removed_clones;  // which are being freed
  std::unordered_set<uint64_t> held;               // dropped inodes whose bytes a snapshot keeps
  std::unordered_set<uint64_t> versions;           // inodes that records of earlier versions lead to
  std::unordered_map<VolumeId, uint64_t> version_bytes;
};

}  // namespace tp::plane
