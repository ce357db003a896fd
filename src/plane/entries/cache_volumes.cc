#include "plane/entries/cache_volumes.h"

#include "meta/keys.h"
#include "plane/reason.h"

namespace tp::plane {

Result<void> erase_cache_volume(Core& core, meta::Txn& txn, const meta::VolumeRecord& volume) {
  TP_TRY(auto value, txn.get(kv::Space::kMeta, meta::counters_key(volume.id)));
  if (!value) return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
  txn.erase(kv::Space::kMeta, meta::volume_key(volume.name));
  txn.erase(kv::Space::kMeta, meta::counters_key(volume.id));
  txn.erase(kv::Space::kInodes, meta::inode_key(volume.root));
  meta::Change change;
  change.kind = meta::ChangeKind::kVolumeDeleted;
  change.volume = volume.id;
  change.key = volume.name;
  change.inode = volume.root;
  change.time = txn.wall_now();
  txn.journal(std::move(change));
  txn.after_commit([&core, name = volume.name] { core.volumes.erase(name); });
  return ok;
}

Task<void> remove_cache_volume(Core& core, VolumeEntryPtr volume) {
  TP_CO_TRY(EntrySource * source, entry_source(core));
  // The record first: files without a volume are removed at the next start, a volume without files would be empty.
  auto body = [&](meta::Txn& txn) { return erase_cache_volume(core, txn, *volume); };
  TP_CO_TRY_VOID(co_await core.change(std::move(body)));
  co_return co_await source->removed(volume);
}

}  // namespace tp::plane
