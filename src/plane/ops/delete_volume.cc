#include "meta/keys.h"
#include "plane/core/namespace.h"
#include "plane/core/plane_impl.h"
#include "plane/rights/rights.h"
#include "plane/uploads/upload_steps.h"

namespace tp::plane {
namespace {

// Uploads in progress do not keep a bucket, as in S3: clients that empty one before they remove it do not look for
// them.
Result<void> drop_uploads(Namespace& names, VolumeId volume) {
  std::vector<meta::UploadKeyParts> uploads;
  Result<void> parsed = ok;
  auto collect = [&](BytesView key, BytesView) {
    auto parts = meta::parse_upload_key(key);
    if (!parts) {
      parsed = std::unexpected(std::move(parts).error());
      return false;
    }
    uploads.push_back(std::move(*parts));
    return true;
  };
  TP_TRY_VOID(
      names.txn().scan(kv::Space::kUploads, meta::uploads_begin(volume), meta::uploads_end(volume), collect));
  TP_TRY_VOID(std::move(parsed));
  for (const auto& upload : uploads) TP_TRY_VOID(drop_upload(names, upload.object_key, upload.upload));
  return ok;
}

Result<void> erase_volume(Core& core, meta::Txn& txn, const VolumeEntry& volume) {
  TP_TRY(Namespace names, Namespace::open(core, txn, volume));
  bool empty = names.counters().objects == 0;
  if (empty) {
    // Counters are only counters: what the tree says decides.
    auto seen = [&empty](BytesView, BytesView) { return empty = false; };
    TP_TRY_VOID(txn.scan(kv::Space::kNames, meta::names_begin(volume.root), meta::names_end(volume.root), seen));
  }
  if (!empty) return fail(Code::kNotEmpty, Reason::kVolumeNotEmpty, "the bucket is not empty");
  TP_TRY_VOID(drop_uploads(names, volume.id));
  // Hands over the uploads' dead blobs; the counters it writes go with the rest.
  TP_TRY_VOID(names.finish());
  txn.erase(kv::Space::kMeta, meta::volume_key(volume.name));
  txn.erase(kv::Space::kMeta, meta::counters_key(volume.id));
  txn.erase(kv::Space::kInodes, meta::inode_key(volume.root));
  names.journal(meta::ChangeKind::kVolumeDeleted, volume.name, volume.root, 0);
  txn.after_commit([&core, name = volume.name] { core.volumes.erase(name); });
  return ok;
}

}  // namespace

Task<void> PlaneImpl::delete_volume(Caller caller, std::string name) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(name));
  TP_CO_TRY_VOID(require_on_volume(caller, *volume, Action::kDeleteBucket));
  auto body = [this, &volume](meta::Txn& txn) { return erase_volume(core_, txn, *volume); };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
