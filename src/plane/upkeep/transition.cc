#include "plane/core/namespace.h"
#include "plane/tiers/move_queue.h"
#include "plane/upkeep/upkeep_impl.h"

namespace tp::plane {

Task<bool> UpkeepImpl::transition(VolumeId volume_id, std::string key, uint64_t version, InodeId inode,
                                  std::string storage_class) {
  const VolumeEntryPtr volume = core_.volumes.find_id(volume_id);
  if (volume == nullptr) co_return false;
  auto body = [&](meta::Txn& txn) -> Result<bool> {
    TP_TRY(Namespace names, Namespace::open(core_, txn, *volume));
    TP_TRY(auto found, names.find_version(key, version));
    if (!found || found->object.inode != inode || found->delete_marker()) return false;
    meta::InodeRecord& record = found->object.record;
    if (record.storage_class == storage_class) return true;
    record.storage_class = storage_class;
    record.transitioned = txn.wall_now();
    // Of a restored object: what was restored goes with the class it was restored from.
    record.restored_until = 0;
    record.restore_days = 0;
    touch(record, txn.wall_now());
    TP_TRY_VOID(names.update_version(key, *found));
    queue_move(names, inode, record);
    TP_TRY_VOID(names.finish());
    return true;
  };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
