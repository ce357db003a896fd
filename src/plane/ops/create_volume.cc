#include "meta/keys.h"
#include "plane/core/namespace.h"
#include "plane/core/plane_impl.h"
#include "plane/entries/cache_volumes.h"
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

/// Memory and disk are reserved by it: that is the operator's to say, and for whom.
Result<void> draft_cache(const Core& core, const Caller& caller, const CreateVolumeOptions& options,
                         VolumeEntry* draft) {
  if (!caller.root && !options.granted) {
    return fail(Code::kPermissionDenied, Reason::kAccessDenied, "only the operator makes cache volumes");
  }
  TP_TRY(EntrySource * source, entry_source(core));
  TP_TRY(draft->cache_settings, source->settings(options.cache_settings, ""));
  draft->kind = meta::VolumeKind::kCache;
  return ok;
}

}  // namespace

Task<VolumePtr> PlaneImpl::create_volume(Caller caller, std::string name, CreateVolumeOptions options) {
  TP_CO_TRY_VOID(check_volume_name(name));
  if (caller.anonymous()) co_return fail(Code::kPermissionDenied, Reason::kAccessDenied, "access denied");
  if (const auto taken = core_.volumes.find(name); taken && (*taken)->snapshot) {
    co_return fail(Code::kAlreadyExists, Reason::kVolumeExists, "a snapshot has this name");
  }
  if (core_.volumes.size() >= kMaxVolumes && !core_.volumes.find(name)) {
    co_return fail(Code::kBusy, Reason::kTooManyVolumes, "there are too many buckets");
  }
  VolumeEntry draft;
  draft.name = std::move(name);
  draft.owner = caller.user_id;
  draft.location = std::move(options.location);
  draft.ownership = options.ownership;
  draft.access = std::move(options.access);
  if (options.object_lock) {
    draft.lock.enabled = true;
    draft.versioning = meta::Versioning::kEnabled;
  }
  TP_CO_TRY_VOID(check_access_list(draft, draft.access));
  if (options.object_lock && options.kind != meta::VolumeKind::kTree) {
    co_return fail(Code::kInvalidArgument, "a cache volume has no Object Lock");
  }
  if (options.kind == meta::VolumeKind::kCache) TP_CO_TRY_VOID(draft_cache(core_, caller, options, &draft));
  auto body = [this, &caller, &draft](meta::Txn& txn) -> Result<VolumePtr> {
    TP_TRY(auto record, write_volume(txn, caller, draft));
    TP_TRY(VolumeEntryPtr entry, make_volume_entry(std::move(record)));
    txn.after_commit([this, entry] { core_.volumes.put(entry); });
    return VolumePtr(entry);
  };
  TP_CO_TRY(VolumePtr made, co_await core_.change(std::move(body)));
  if (!is_cache(*made)) co_return made;
  auto opened = co_await core_.options.entries->created(made);
  if (opened) co_return made;
  // Without its engine it is of no use to anybody.
  auto erase = [this, &made](meta::Txn& txn) { return erase_cache_volume(core_, txn, *made); };
  [[maybe_unused]] const auto erased = co_await core_.change(std::move(erase));
  co_return std::unexpected(std::move(opened).error());
}

}  // namespace tp::plane
