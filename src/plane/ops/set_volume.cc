#include <tuple>

#include "meta/keys.h"
#include "plane/core/plane_impl.h"
#include "plane/entries/cache_volumes.h"
#include "plane/locks/lock_rules.h"
#include "plane/rights/export_rules.h"
#include "plane/rights/rights.h"
#include "plane/snapshots/schedule/schedule.h"

namespace tp::plane {
namespace {

bool any_set(const ExportChange& change) {
  return change.read_only || change.squash || change.anonymous || change.networks || change.default_owner ||
         change.modes;
}

void apply_exports(const ExportChange& change, meta::ExportRules* rules) {
  if (change.read_only) rules->read_only = *change.read_only;
  if (change.squash) rules->squash = *change.squash;
  if (change.anonymous) std::tie(rules->anonymous_uid, rules->anonymous_gid) = *change.anonymous;
  if (change.networks) rules->networks = *change.networks;
  if (change.default_owner) std::tie(rules->default_uid, rules->default_gid) = *change.default_owner;
  if (change.modes) std::tie(rules->file_mode, rules->directory_mode) = *change.modes;
}

/// No action of S3 stands for these: a bucket policy cannot give them away.
Result<void> require_owner(const Caller& caller, const VolumeEntry& volume) {
  if (caller.root || (!caller.anonymous() && caller.user_id == volume.owner)) return ok;
  return fail(Code::kPermissionDenied, Reason::kAccessDenied, "only the volume's owner may change this");
}

Result<void> check_change(const Caller& caller, const VolumeEntry& volume, const VolumeChange& change) {
  if (change.access) TP_TRY_VOID(require_on_volume(caller, volume, Action::kPutBucketAcl));
  if (change.tags) TP_TRY_VOID(require_on_volume(caller, volume, Action::kPutBucketTagging));
  if (change.cors) TP_TRY_VOID(require_on_volume(caller, volume, Action::kPutBucketCors));
  if (change.ownership) TP_TRY_VOID(require_on_volume(caller, volume, Action::kPutBucketOwnershipControls));
  if (change.access) TP_TRY_VOID(check_access_list(volume, *change.access));
  if (change.policy) {
    Action action = change.policy->empty() ? Action::kDeleteBucketPolicy : Action::kPutBucketPolicy;
    TP_TRY_VOID(require_on_volume(caller, volume, action));
    if (!change.policy->empty()) TP_TRY_VOID(Policy::parse(*change.policy, volume.name));
  }
  if (change.lock) TP_TRY_VOID(require_on_volume(caller, volume, Action::kPutBucketObjectLockConfiguration));
  if (change.lifecycle) TP_TRY_VOID(require_on_volume(caller, volume, Action::kPutLifecycleConfiguration));
  if (change.versioning) TP_TRY_VOID(require_on_volume(caller, volume, Action::kPutBucketVersioning));
  if (any_set(change.exports) || change.quota_bytes || change.quota_objects || change.cache_settings) {
    TP_TRY_VOID(require_owner(caller, volume));
  }
  if (change.snapshot_schedule) {
    TP_TRY_VOID(require_owner(caller, volume));
    if (is_cache(volume)) return fail(Code::kInvalidArgument, "a cache volume has no snapshots");
    TP_TRY_VOID(parse_schedule(*change.snapshot_schedule));
  }
  meta::ExportRules wanted;
  apply_exports(change.exports, &wanted);
  TP_TRY_VOID(check_export_rules(wanted));
  return ok;
}

/// Once a volume has kept versions it can only stop to add to them.
Result<void> apply_versioning(meta::Versioning wanted, meta::VolumeRecord* record) {
  if (record->kind != meta::VolumeKind::kTree) {
    return fail(Code::kInvalidArgument, Reason::kVersioningState, "A cache volume keeps no versions.");
  }
  if (wanted == meta::Versioning::kOff && record->versioning != meta::Versioning::kOff) {
    return fail(Code::kInvalidArgument, Reason::kVersioningState,
                "Versioning can be suspended, but not switched off.");
  }
  record->versioning = wanted;
  return ok;
}

Result<VolumePtr> apply_change(Core& core, meta::Txn& txn, const VolumeEntry& volume, const VolumeChange& change) {
  TP_TRY(auto value, txn.get(kv::Space::kMeta, meta::volume_key(volume.name)));
  if (!value) return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
  TP_TRY(auto record, meta::decode_volume(*value));
  if (record.id != volume.id) return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
  if (change.access) record.access = *change.access;
  if (change.tags) record.tags = *change.tags;
  if (change.cors) record.cors = *change.cors;
  if (change.policy) record.policy = *change.policy;
  if (change.ownership) record.ownership = *change.ownership;
  apply_exports(change.exports, &record.exports);
  if (change.lifecycle) record.lifecycle = *change.lifecycle;
  if (change.versioning) TP_TRY_VOID(apply_versioning(*change.versioning, &record));
  TP_TRY_VOID(apply_lock_change(change, &record));
  if (change.snapshot_schedule) record.snapshot_schedule = *change.snapshot_schedule;
  if (change.quota_bytes) record.quota_bytes = *change.quota_bytes;
  if (change.quota_objects) record.quota_objects = *change.quota_objects;
  if (change.cache_settings) {
    TP_TRY(EntrySource * source, entry_source(core));
    TP_TRY(record.cache_settings, source->settings(*change.cache_settings, record.cache_settings));
  }
  txn.put(kv::Space::kMeta, meta::volume_key(record.name), meta::encode_volume(record));
  meta::Change entry_change;
  entry_change.kind = meta::ChangeKind::kVolumeChanged;
  entry_change.volume = record.id;
  entry_change.key = record.name;
  entry_change.time = txn.wall_now();
  txn.journal(std::move(entry_change));
  TP_TRY(VolumeEntryPtr entry, make_volume_entry(std::move(record)));
  txn.after_commit([&core, entry] { core.volumes.put(entry); });
  return VolumePtr(entry);
}

}  // namespace

Task<VolumePtr> PlaneImpl::set_volume(Caller caller, std::string name, VolumeChange change) {
  TP_CO_TRY(VolumeEntryPtr volume, core_.volumes.find(name));
  TP_CO_TRY_VOID(check_change(caller, *volume, change));
  if (change.cache_settings && !is_cache(*volume)) {
    co_return fail(Code::kInvalidArgument, volume->name + " is not a cache volume");
  }
  auto body = [this, &volume, &change](meta::Txn& txn) { return apply_change(core_, txn, *volume, change); };
  TP_CO_TRY(VolumePtr changed, co_await core_.change(std::move(body)));
  if (change.cache_settings) TP_CO_TRY_VOID(co_await core_.options.entries->changed(changed));
  co_return changed;
}

}  // namespace tp::plane
