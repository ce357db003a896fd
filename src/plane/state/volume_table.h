// VolumeTable: every volume in memory, with its policy parsed. Changed on the shard's thread once a change is durable,
// read from any thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "meta/layer.h"
#include "meta/meta_store.h"
#include "meta/snapshot_record.h"
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
  /// Reads all volumes and snapshots. kCorruption, also for a stored policy that does not parse.
  Task<void> load(meta::MetaStore& meta);

  /// A volume by its name, or a snapshot as "VOLUME@SNAPSHOT", also "VOLUME.snapshot.SNAPSHOT". kNotFound with
  /// Reason::kNoSuchVolume; kNoSuchSnapshot where only the snapshot is not there.
  Result<VolumeEntryPtr> find(std::string_view name) const;
  /// A volume, or a snapshot by snapshot_volume_id(); null if there is none.
  VolumeEntryPtr find_id(VolumeId id) const;
  /// New or changed; what its snapshots and its base say of it is filled in.
  void put(VolumeEntryPtr volume);
  void erase(std::string_view name);
  /// In name order from the first name > `after`; until `visit` returns false. Without snapshots.
  void walk(std::string_view after, const std::function<bool(const VolumeEntryPtr&)>& visit) const;
  size_t size() const;

  // Snapshots: those that are being deleted are found by nobody but marked().
  void put_snapshot(const meta::SnapshotRecord& record);
  void erase_snapshot(VolumeId volume, Epoch at);
  /// Oldest first.
  std::vector<meta::SnapshotRecord> snapshots(VolumeId volume) const;
  std::optional<meta::SnapshotRecord> snapshot(VolumeId volume, std::string_view name) const;
  /// Those that are being deleted, of all volumes or of one, oldest first.
  std::vector<meta::SnapshotRecord> marked(VolumeId of = VolumeId()) const;
  size_t snapshot_count() const;
  /// Volumes that have a schedule.
  std::vector<VolumeEntryPtr> scheduled() const;

 private:
  struct Kept {
    meta::SnapshotRecord record;
    meta::LayerPtr layer;
    mutable VolumeEntryPtr entry;  // made when it is asked for
  };
  using KeptByEpoch = std::map<uint64_t, Kept>;

  void put_locked(VolumeEntryPtr volume);
  const Kept* find_kept(std::string_view name) const;  // of both
  const Kept* find_kept(std::string_view of, std::string_view name) const;
  const Kept* find_kept(VolumeId id) const;
  VolumeEntryPtr entry_of(const Kept& kept) const;

  mutable std::shared_mutex mutex_;
  std::map<std::string, VolumeEntryPtr, std::less<>> volumes_;
  std::unordered_map<uint64_t, VolumeEntryPtr> by_id_;
  std::unordered_map<uint64_t, KeptByEpoch> kept_;       // by volume
  std::unordered_map<uint64_t, VolumeId> by_epoch_;
  std::set<uint64_t> scheduled_;
};

/// How a snapshot is named where volumes are named by id, as in file handles.
constexpr VolumeId snapshot_volume_id(Epoch at) { return VolumeId(uint64_t{1} << 63 | at.value); }

/// kCorruption if the stored policy does not parse.
Result<VolumeEntryPtr> make_volume_entry(meta::VolumeRecord record);

}  // namespace tp::plane
