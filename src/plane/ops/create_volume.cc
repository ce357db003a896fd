#include "meta/keys.h"
#include "plane/core/namespace.h"
#include "plane/core/plane_impl.h"
#include "plane/state/volume_name.h"
#include "plane/rights/rights.h"

namespace tp::plane {
namespace {

/// All volumes are in memory.
constexpr size_t kMaxVolumes = 100'000;

Result<meta::VolumeRecord> write_volume(meta::Txn& txn, const Caller& caller, meta::VolumeRecord volume) {
  TP_TRY(auto existing, txn.get(kv::Space::kMeta, meta::volume_key(volume.name)));
  if (existing) {
    TP_TRY(auto other, meta::decode_volume(*existing));
    if (other.owner == caller.user_id) {
      return fail(Code::kAlreadyExists, Reason::kVolumeOwnedByCaller, "you have this bucket already");
    }
    return fail(Code::kAlreadyExists, Reason::kVolumeExists, "the bucket name is taken");
  }
  if (!caller.root) {
    TP_TRY(auto user, txn.get(kv::Space::kMeta, meta::user_key(caller.user_id)));
    if (!user) return fail(Code::kPermissionDenied, Reason::kAccessDenied, "the user is gone");
  }
  volume.id = VolumeId(txn.new_inode_id().value);
  volume.root = txn.new_inode_id();
  volume.created = txn.wall_now();
  meta::InodeRecord root;
  root.type = meta::InodeType::kDirectory;
  root.mode = 0755;
  root.links = 2;
  root.modified = root.changed = root.created = txn.wall_now();
  txn.put(kv::Space::kInodes, meta::inode_key(volume.root), meta::encode_inode(root));
  txn.put(kv::Space::kMeta, meta::volume_key(volume.name), meta::encode_volume(volume));
  txn.put(kv::Space::kMeta, meta::counters_key(volume.id), meta::encode_counters({}));
  meta::Change change;
  change.kind = meta::ChangeKind::kVolumeCreated;
  change.volume = volume.id;
  change.key = volume.name;
  change.inode = volume.root;
  change.time = txn.wall_now();
  txn.journal(std::move(change));
  return volume;
}

}  // namespace

Task<VolumePtr> PlaneImpl::create_volume(Caller caller, std::string name, CreateVolumeOptions options) {
  TP_CO_TRY_VOID(check_volume_name(name));
  if (caller.anonymous()) co_return fail(Code::kPermissionDenied, Reason::kAccessDenied, "access denied");
  if (core_.volumes.size() >= kMaxVolumes && !core_.volumes.find(name)) {
    co_return fail(Code::kBusy, Reason::kTooManyVolumes, "there are too many buckets");
  }
  VolumeEntry draft;
  draft.name = std::move(name);
  draft.owner = caller.user_id;
  draft.location = std::move(options.location);
  draft.ownership = options.ownership;
  draft.access = std::move(options.access);
  TP_CO_TRY_VOID(check_access_list(draft, draft.access));
  auto body = [this, &caller, &draft](meta::Txn& txn) -> Result<VolumePtr> {
    TP_TRY(auto record, write_volume(txn, caller, draft));
    TP_TRY(VolumeEntryPtr entry, make_volume_entry(std::move(record)));
    txn.after_commit([this, entry] { core_.volumes.put(entry); });
    return VolumePtr(entry);
  };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
