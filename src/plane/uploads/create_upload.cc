#include "meta/keys.h"
#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/locks/lock_rights.h"
#include "plane/rights/rights.h"
#include "plane/uploads/upload_checksum.h"

namespace tp::plane {

Task<UploadId> PlaneImpl::create_upload(Caller caller, ObjectRef object, UploadOptions options) {
  TP_CO_TRY_VOID(check_key(object.key));
  TP_CO_TRY(const VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kPutObject, object.key, nullptr));
  TP_CO_TRY_VOID(check_access_list(*volume, options.attributes.access));
  TP_CO_TRY_VOID(check_new_lock(caller, *volume, object.key, options.attributes, core_.runtime.clock().wall_now()));
  TP_CO_TRY(const auto checksum_type, checksum_type_of(options.checksum_algorithm, options.checksum_type));
  meta::UploadRecord record;
  record.owner = owner_of_new_object(caller, *volume, options.attributes.access);
  record.initiator = caller.user_id;
  record.access = std::move(options.attributes.access);
  record.headers = std::move(options.attributes.headers);
  record.user_metadata = std::move(options.attributes.user_metadata);
  record.tags = std::move(options.attributes.tags);
  record.storage_class = std::move(options.attributes.storage_class);
  record.retention = options.attributes.retention;
  record.retain_until = options.attributes.retain_until;
  record.legal_hold = options.attributes.legal_hold;
  record.checksum_algorithm = options.checksum_algorithm;
  record.checksum_type = checksum_type;
  auto body = [&](meta::Txn& txn) -> Result<UploadId> {
    TP_TRY(Namespace space, Namespace::open(core_, txn, *volume));
    // Inode ids only grow, so that uploads of one key order by when they were begun.
    const UploadId upload(txn.new_inode_id().value);
    record.created = txn.wall_now();
    txn.put(kv::Space::kUploads, meta::upload_key(volume->id, object.key, upload), meta::encode_upload(record));
    ++space.counters().uploads;
    space.journal(meta::ChangeKind::kUploadCreated, object.key, InodeId(), 0);
    TP_TRY_VOID(space.finish());
    return upload;
  };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
