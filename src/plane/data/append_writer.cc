#include "plane/data/append_writer.h"

#include "base/hash/hasher.h"
#include "base/hash/md5.h"
#include "plane/data/put_writer.h"
#include "plane/locks/lock_rules.h"

namespace tp::plane {
namespace {

constexpr uint32_t kMaxAppends = 10'000;

/// Opaque, but of the form that clients do not take for an MD5 of the bytes.
std::string next_etag(const meta::InodeRecord& old, const Md5Digest& appended) {
  Md5 tag;
  tag.update(old.etag);
  tag.update(as_view(appended));
  return to_hex(as_view(tag.finish())) + "-" + std::to_string(old.append_count + 2);
}

}  // namespace

meta::Checksum AppendWriter::whole_checksum(const meta::InodeRecord& old) const {
  const Body::Stored& stored = body_.stored();
  meta::Checksum whole;
  whole.algorithm = old.checksum.algorithm;
  if (whole.algorithm == ChecksumAlgorithm::kNone || old.checksum.type != meta::ChecksumType::kFullObject) return {};
  if (stored.small) {
    whole.value = digest(whole.algorithm, stored.data);
  } else if (whole.algorithm == options_.checksum_algorithm && can_combine(whole.algorithm) &&
             old.checksum.value.size() == digest_size(whole.algorithm)) {
    whole.value = combine_digests(whole.algorithm, old.checksum.value, stored.checksum, stored.size_bytes);
  } else {
    return {};
  }
  return whole;
}

Result<PutResult> AppendWriter::apply(meta::Txn& txn) {
  TP_TRY(Namespace names, Namespace::open(core_, txn, *volume_));
  TP_TRY(auto object, names.find(key_));
  TP_TRY_VOID(check_conditions(options_.conditions, object ? &object->record : nullptr));
  if (!object) return fail(Code::kNotFound, Reason::kNoSuchKey, "there is no such key");
  meta::InodeRecord& record = object->record;
  if (record.type != meta::InodeType::kFile) {
    return fail(Code::kInvalidArgument, "only a file can be appended to");
  }
  TP_TRY_VOID(require_unlocked(record, txn.wall_now()));
  if (record.size_bytes != *options_.append_offset) {
    return fail(Code::kInvalidArgument, Reason::kWriteOffset, "the write offset is not the object's size");
  }
  // The same size but other bytes: what was gathered in front of the new ones is outdated.
  const meta::InodeRecord& base = base_->info.record;
  if (object->inode != base_->info.inode || record.etag != base.etag || record.place != base.place) {
    return fail(Code::kConflict, "the object has changed since the write began");
  }
  if (record.append_count >= kMaxAppends) {
    return fail(Code::kInvalidArgument, Reason::kTooManyParts, "the object has been appended to too often");
  }
  const Body::Stored& stored = body_.stored();
  if (record.size_bytes + stored.size_bytes > kMaxObjectBytes) {
    return fail(Code::kTooLarge, Reason::kEntityTooLarge, "the object would be too large");
  }
  bool in_extents = record.place == meta::DataPlace::kExtents;
  if (record.place == meta::DataPlace::kSmall) names.erase_small_data(object->inode);
  record.checksum = whole_checksum(record);
  record.etag = next_etag(record, stored.md5);
  store_body(names, object->inode, in_extents ? record.size_bytes : 0, stored, record);
  record.size_bytes += stored.size_bytes;
  touch(record, txn.wall_now());
  record.modified = record.changed;
  ++record.append_count;
  record.parts.clear();
  names.counters().bytes += stored.size_bytes;
  TP_TRY_VOID(names.update(object->inode, record));
  TP_TRY_VOID(names.finish());
  PutResult result = result_of(object->inode, record);
  result.version = names.shown_version(record);
  return result;
}

Task<PutResult> AppendWriter::commit(ExpectedDigests expected) {
  TP_CO_TRY_VOID(co_await body_.finish(std::move(expected)));
  auto result = co_await core_.change([this](meta::Txn& txn) { return apply(txn); });
  if (result || result.error().applied != Applied::kNo) body_.keep();
  co_return result;
}

}  // namespace tp::plane
