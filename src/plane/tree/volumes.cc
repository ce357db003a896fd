// Volumes as exports: their roots, whether they may be written, and how full they are.
#include <algorithm>

#include "meta/keys.h"
#include "plane/reason.h"
#include "plane/tree/snapshots/snapshot_ids.h"
#include "plane/tree/files_impl.h"

namespace tp::plane {
namespace {

// Of files where no quota says how many: ids are of 40 bits in each start of the store (docs/formats/records.md).
constexpr uint64_t kFilesWithoutQuota = uint64_t{1} << 40;

std::unexpected<Error> stale() { return fail(Code::kNotFound, Reason::kStale, "there is no such volume"); }

SpaceStatus space_of(const meta::VolumeRecord& volume, const meta::VolumeCounters& counters,
                     const io::SpaceInfo& disk) {
  SpaceStatus status;
  status.total_bytes = disk.total_bytes;
  status.free_bytes = disk.free_bytes;
  if (volume.quota_bytes != 0) {
    // As the quota counts: parts of uploads too (Namespace::finish). The disk may be nearer to its end.
    const uint64_t used = counters.bytes + counters.upload_bytes;
    const uint64_t left = volume.quota_bytes - std::min(volume.quota_bytes, used);
    status.total_bytes = volume.quota_bytes;
    status.free_bytes = std::min(left, disk.free_bytes);
  }
  status.available_bytes = status.free_bytes;
  status.total_files = volume.quota_objects != 0 ? volume.quota_objects : kFilesWithoutQuota;
  status.free_files = status.total_files - std::min(status.total_files, counters.objects);
  return status;
}

}  // namespace

Result<FileId> FilesImpl::root(std::string_view volume) {
  TP_TRY(VolumeEntryPtr entry, core_.volumes.find(volume));
  return FileId{entry->id, entry->root};
}

Result<bool> FilesImpl::read_only(VolumeId volume) {
  if (is_snapshot_list(volume)) return true;
  const VolumeEntryPtr entry = core_.volumes.find_id(volume);
  if (entry == nullptr) return stale();
  return entry->exports.read_only || entry->snapshot;
}

Task<SpaceStatus> FilesImpl::space(FileId file) {
  if (is_snapshot_list(file.volume)) file = directory_of_snapshot_list(file);
  const VolumeEntryPtr volume = core_.volumes.find_id(file.volume);
  if (volume == nullptr) co_return stale();
  if (volume->snapshot) co_return snapshots_.space(*volume);
  auto read = [id = volume->id](meta::ReadView& view) -> Result<meta::VolumeCounters> {
    TP_TRY(auto value, view.get(kv::Space::kMeta, meta::counters_key(id)));
    if (!value) return stale();
    return meta::decode_counters(*value);
  };
  TP_CO_TRY(const meta::VolumeCounters counters, co_await core_.meta.read(std::move(read)));
  TP_CO_TRY(const io::SpaceInfo disk, core_.blobs.space());
  co_return space_of(*volume, counters, disk);
}

}  // namespace tp::plane
