#include "meta/keys.h"
#include "plane/reason.h"
#include "plane/snapshots/snapshot_steps.h"
#include "plane/snapshots/snapshots_impl.h"
#include "plane/state/volume_name.h"

namespace tp::plane {
namespace {

struct Cloning {
  VolumeEntryPtr source;
  std::string snapshot, name, owner;
};

Result<VolumePtr> clone_snapshot(Core& core, meta::Txn& txn, const Cloning& cloning) {
  TP_TRY(const auto existing, txn.get(kv::Space::kMeta, meta::volume_key(cloning.name)));
  if (existing) return fail(Code::kAlreadyExists, Reason::kVolumeExists, "the name " + cloning.name + " is taken");
  TP_TRY(meta::SnapshotRecord snapshot, load_snapshot(txn, cloning.source->id, cloning.snapshot));
  ++snapshot.clones;
  TP_TRY_VOID(write_snapshot(core, txn, snapshot));

  meta::VolumeRecord volume;
  volume.id = VolumeId(txn.new_inode_id().value);
  volume.name = cloning.name;
  volume.root = cloning.source->root;
  volume.owner = cloning.owner;
  volume.created = txn.wall_now();
  volume.base = snapshot.volume;
  volume.base_at = snapshot.at;
  meta::VolumeCounters counters;
  counters.objects = snapshot.counters.objects;
  counters.bytes = snapshot.counters.bytes;
  txn.put(kv::Space::kMeta, meta::volume_key(volume.name), meta::encode_volume(volume));
  txn.put(kv::Space::kMeta, meta::counters_key(volume.id), meta::encode_counters(counters));
  meta::Change change;
  change.kind = meta::ChangeKind::kVolumeCreated;
  change.volume = volume.id;
  change.key = volume.name;
  change.inode = volume.root;
  change.time = txn.wall_now();
  txn.journal(std::move(change));
  TP_TRY(VolumeEntryPtr entry, make_volume_entry(std::move(volume)));
  txn.after_commit([&core, entry] { core.volumes.put(entry); });
  return VolumePtr(entry);
}

}  // namespace

Task<VolumePtr> SnapshotsImpl::clone(Caller caller, std::string volume, std::string name, std::string new_volume) {
  TP_CO_TRY_VOID(check_volume_name(new_volume));
  Cloning cloning;
  TP_CO_TRY(cloning.source, find_for_snapshots(core_, caller, volume));
  cloning.snapshot = std::move(name);
  cloning.name = std::move(new_volume);
  // What the operator clones belongs to whom the volume belongs.
  cloning.owner = caller.root ? cloning.source->owner : caller.user_id;
  auto body = [this, &cloning](meta::Txn& txn) { return clone_snapshot(core_, txn, cloning); };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
