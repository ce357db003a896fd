#include "meta/keys.h"
#include "plane/core/namespace.h"
#include "plane/core/plane_impl.h"
#include "plane/rights/rights.h"

namespace tp::plane {
namespace {

Result<void> erase_volume(Core& core, meta::Txn& txn, const VolumeEntry& volume) {
  TP_TRY(Namespace names, Namespace::open(core, txn, volume));
  bool empty = names.counters().objects == 0 && names.counters().uploads == 0;
  if (empty) {
    // Counters are only counters: what the tree and the uploads say decides.
    auto seen = [&empty](BytesView, BytesView) { return empty = false; };
    TP_TRY_VOID(txn.scan(kv::Space::kNames, meta::names_begin(volume.root), meta::names_end(volume.root), seen));
    TP_TRY_VOID(txn.scan(kv::Space::kUploads, meta::uploads_begin(volume.id), meta::uploads_end(volume.id), seen));
  }
  if (!empty) return fail(Code::kNotEmpty, Reason::kVolumeNotEmpty, "the bucket is not empty");
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
