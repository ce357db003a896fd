#include "plane/snapshots/snapshot_steps.h"
#include "plane/snapshots/snapshots_impl.h"

namespace tp::plane {

Task<std::vector<SnapshotInfo>> SnapshotsImpl::list(Caller caller, std::string volume) {
  TP_CO_TRY(const VolumeEntryPtr found, find_for_snapshots(core_, caller, volume));
  std::vector<SnapshotInfo> infos;
  for (meta::SnapshotRecord& record : core_.volumes.snapshots(found->id)) {
    infos.push_back({found->name, std::move(record)});
  }
  co_return infos;
}

}  // namespace tp::plane
