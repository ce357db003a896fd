#include "plane/tree/tree_volume.h"

#include "plane/entries/entry_objects.h"
#include "plane/reason.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/snapshots/snapshot_files.h"

namespace tp::plane {

Result<VolumeEntryPtr> volume_of(const Core& core, VolumeId volume) {
  // What is to be had of a ".snapshot" was asked before.
  if (is_snapshot_list(volume)) return fail(Code::kInvalidArgument, Reason::kIsDirectory, "it is a directory");
  VolumeEntryPtr entry = core.volumes.find_id(volume);
  if (entry == nullptr) return fail(Code::kNotFound, Reason::kStale, "there is no such volume");
  return entry;
}

Result<VolumeEntryPtr> writable_volume(const Core& core, VolumeId volume) {
  if (is_snapshot_list(volume)) return snapshots_are_read_only();
  TP_TRY(VolumeEntryPtr entry, volume_of(core, volume));
  if (entry->snapshot) return snapshots_are_read_only();
  if (is_cache(*entry)) return entries_are_read_only();
  if (entry->exports.read_only) {
    return fail(Code::kPermissionDenied, Reason::kReadOnlyVolume, "the volume is exported read-only");
  }
  return entry;
}

}  // namespace tp::plane
