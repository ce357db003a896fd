// VolumeTable: every volume in memory, with its policy parsed. Changed on the shard's thread once a change is durable,
// read from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "meta/layer.h"
#include "meta/meta_store.h"
#include "plane/rights/ip_range.h"
#include "plane/rights/policy.h"
#include "plane/volume.h"

namespace tp::plane {

/// A volume as the plane itself needs it; converts to VolumePtr.
struct VolumeEntry : meta::VolumeRecord {
  std::shared_ptr<const Policy> rules;  // of `policy`; null for none
  std::vector<IpRange> networks;        // of `exports`
  meta::LayerPtr layer;                 // how records are found where that is not plain: of a snapshot, of a clone
  Epoch snapshot;                       // it is this snapshot: read-only, with an id of its own; zero: it is a volume
  VolumeId live;                        // of a snapshot: the volume it was taken of, whose name and policies it has
  Epoch latest, newest_marked;          // as meta::WriteScope
};
using VolumeEntryPtr = std::shared_ptr<const VolumeEntry>;

class VolumeTable {
 public:
  /// Reads all volumes. kCorruption, also for a stored policy that does not parse.
  Task<void> load(meta::MetaStore& meta);

  /// kNotFound with Reason::kNoSuchVolume.
  Result<VolumeEntryPtr> find(std::string_view name) const;
  VolumeEntryPtr find_id(VolumeId id) const;  // null if there is none
  void put(VolumeEntryPtr volume);
  void erase(std::string_view name);
  /// In name order from the first name > `after`; until `visit` returns false.
  void walk(std::string_view after, const std::function<bool(const VolumeEntryPtr&)>& visit) const;
  size_t size() const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, VolumeEntryPtr, std::less<>> volumes_;
  std::unordered_map<uint64_t, VolumeEntryPtr> by_id_;
};

/// kCorruption if the stored policy does not parse.
Result<VolumeEntryPtr> make_volume_entry(meta::VolumeRecord record);

}  // namespace tp::plane
