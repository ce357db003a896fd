#include "plane/upkeep/upkeep_impl.h"

namespace tp::plane {

std::vector<VolumePtr> UpkeepImpl::volumes() {
  std::vector<VolumePtr> found;
  core_.volumes.walk("", [&found](const VolumeEntryPtr& volume) {
    found.push_back(volume);
    return true;
  });
  return found;
}

VolumePtr UpkeepImpl::volume(VolumeId id) {
  return core_.volumes.find_id(id);
}

}  // namespace tp::plane
