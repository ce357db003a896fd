// SnapshotsImpl: Snapshots over one shard.
#pragma once

#include "plane/core/core.h"
#include "plane/snapshots.h"

namespace tp::plane {

class SnapshotsImpl final : public Snapshots {
 public:
  explicit SnapshotsImpl(Core& core) : core_(core) {}

  Task<std::vector<SnapshotInfo>> create(Caller caller, std::vector<std::string> volumes, std::string name,
                                         std::string schedule) override;
  Task<std::vector<SnapshotInfo>> list(Caller caller, std::string volume) override;
  Task<void> remove(Caller caller, std::string volume, std::string name) override;
  Task<DifferencePage> diff(Caller caller, std::string volume, std::string from, std::string to, std::string after,
                            uint32_t max_entries) override;
  Task<RestoreReport> restore(Caller caller, std::string volume, std::string name, std::string path,
                              std::optional<std::string> target) override;
  Task<VolumePtr> clone(Caller caller, std::string volume, std::string name, std::string new_volume) override;
  Task<void> remove_clone(Caller caller, std::string volume) override;

 private:
  Core& core_;
};

}  // namespace tp::plane
