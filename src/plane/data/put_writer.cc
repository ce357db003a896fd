#include "plane/data/put_writer.h"

#include "plane/tiers/move_queue.h"

#include "plane/locks/lock_rules.h"

namespace tp::plane {

void store_body(Namespace& names, InodeId inode, uint64_t offset, const Body::Stored& stored,
                meta::InodeRecord& record) {
  if (stored.small) {
    record.place = stored.data.empty() ? meta::DataPlace::kNone : meta::DataPlace::kSmall;
    if (!stored.data.empty()) names.put_small_data(inode, stored.data);
    return;
  }
  if (stored.blobs.empty()) return;
  record.place = meta::DataPlace::kExtents;
  for (const blob::BlobRecord& blob : stored.blobs) names.put_blob(blob);
  for (const meta::Extent& extent : extents_of(stored.blobs, offset)) names.put_extent(inode, extent);
}

PutResult result_of(InodeId inode, const meta::InodeRecord& record) {
  PutResult result;
  result.inode = inode;
  result.etag = record.etag;
  result.size_bytes = record.size_bytes;
  result.checksum = record.checksum;
  result.modified = record.modified;
  return result;
}

Result<PutResult> PutWriter::apply(meta::Txn& txn) {
  TP_TRY(Namespace names, Namespace::open(core_, txn, *volume_));
  TP_TRY(auto old, names.find(key_));
  TP_TRY_VOID(check_conditions(options_.conditions, old ? &old->record : nullptr));
  const Body::Stored& stored = body_.stored();
  InodeId inode = txn.new_inode_id();
  meta::InodeRecord record;
  record.size_bytes = stored.size_bytes;
  record.modified = record.changed = record.created = txn.wall_now();
  record.etag = to_hex(as_view(stored.md5));
  record.owner = owner_;
  record.access = std::move(options_.attributes.access);
  record.headers = std::move(options_.attributes.headers);
  record.user_metadata = std::move(options_.attributes.user_metadata);
  record.tags = std::move(options_.attributes.tags);
  record.storage_class = std::move(options_.attributes.storage_class);
  record.checksum.algorithm = options_.checksum_algorithm;
  record.checksum.value = stored.checksum;
  lock_new_version(*volume_, options_.attributes, txn.wall_now(), &record);
  store_body(names, inode, 0, stored, record);
  TP_TRY_VOID(names.put_object(key_, inode, record, old));
  queue_new(names, inode, record);
  names.journal(meta::ChangeKind::kObjectPut, key_, inode, record.size_bytes);
  TP_TRY_VOID(names.finish());
  PutResult result = result_of(inode, record);
  result.version = names.shown_version(record);
  return result;
}

Task<PutResult> PutWriter::commit(ExpectedDigests expected) {
  TP_CO_TRY_VOID(co_await body_.finish(std::move(expected)));
  auto result = co_await core_.change([this](meta::Txn& txn) { return apply(txn); });
  // If the change may have been applied, the blobs may be referred to: the next start knows.
  if (result || result.error().applied != Applied::kNo) body_.keep();
  co_return result;
}

}  // namespace tp::plane
