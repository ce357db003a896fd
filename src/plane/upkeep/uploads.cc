#include "meta/keys.h"
#include "plane/reason.h"
#include "plane/upkeep/upkeep_impl.h"
#include "plane/uploads/upload_steps.h"

namespace tp::plane {

Task<std::vector<UpkeepUpload>> UpkeepImpl::uploads(VolumeId volume) {
  auto look = [this, volume]() -> Result<std::vector<UpkeepUpload>> {
    std::vector<UpkeepUpload> found;
    Result<void> parsed = ok;
    meta::ReadView view(core_.meta.engine(), kv::ReadMode::kAny);
    auto visit = [&found, &parsed](BytesView key, BytesView value) {
      auto parts = meta::parse_upload_key(key);
      auto record = meta::decode_upload(value);
      if (!parts) parsed = std::unexpected(std::move(parts).error());
      if (parts && !record) parsed = std::unexpected(std::move(record).error());
      if (!parsed) return false;
      found.push_back({std::move(parts->object_key), parts->upload, record->created});
      return true;
    };
    TP_TRY_VOID(view.scan(kv::Space::kUploads, meta::uploads_begin(volume), meta::uploads_end(volume), visit));
    TP_TRY_VOID(std::move(parsed));
    return found;
  };
  co_return co_await core_.runtime.pool().run(std::move(look));
}

Task<bool> UpkeepImpl::abort_upload(VolumeId volume_id, std::string key, UploadId upload) {
  const VolumeEntryPtr volume = core_.volumes.find_id(volume_id);
  if (volume == nullptr) co_return false;
  auto body = [&](meta::Txn& txn) -> Result<bool> {
    TP_TRY(Namespace space, Namespace::open(core_, txn, *volume));
    auto found = load_upload(txn, volume_id, key, upload);
    if (!found && found.error().code == Code::kNotFound) return false;
    if (!found) return std::unexpected(std::move(found).error());
    TP_TRY_VOID(drop_upload(space, key, upload));
    space.journal(meta::ChangeKind::kUploadAborted, key, InodeId(), 0);
    TP_TRY_VOID(space.finish());
    return true;
  };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
