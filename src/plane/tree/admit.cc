#include "plane/reason.h"
#include "plane/rights/export_rules.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/files_impl.h"

namespace tp::plane {

Result<FileCaller> FilesImpl::admit(const ClaimedIdentity& claimed, VolumeId volume) {
  VolumeEntryPtr entry = core_.volumes.find_id(is_snapshot_list(volume) ? live_volume_of_list(volume) : volume);
  // A snapshot is as open as its volume is now.
  if (entry != nullptr && entry->snapshot) entry = core_.volumes.find_id(entry->live);
  if (entry == nullptr) return fail(Code::kNotFound, Reason::kStale, "there is no such volume");
  if (!export_allows(core_, *entry, claimed.source_ip)) {
    return fail(Code::kPermissionDenied, Reason::kNotExported, "the volume is not exported to this address");
  }
  return squash(entry->exports, claimed);
}

}  // namespace tp::plane
