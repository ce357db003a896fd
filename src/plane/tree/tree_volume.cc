#include "plane/tree/tree_volume.h"

#include "plane/entries/entry_objects.h"
#include "plane/reason.h"

namespace tp::plane {

Result<VolumeEntryPtr> volume_of(const Core& core, VolumeId volume) {
  VolumeEntryPtr entry = core.volumes.find_id(volume);
  if (entry == nullptr) return fail(Code::kNotFound, Reason::kStale, "there is no such volume");
  return entry;
}

Result<VolumeEntryPtr> writable_volume(const Core& core, VolumeId volume) {
  TP_TRY(VolumeEntryPtr entry, volume_of(core, volume));
  if (is_cache(*entry)) return entries_are_read_only();
  if (entry->exports.read_only) {
    return fail(Code::kPermissionDenied, Reason::kReadOnlyVolume, "the volume is exported read-only");
  }
  return entry;
}

}  // namespace tp::plane
