#include "base/hash/md5.h"
#include "meta/keys.h"
#include "plane/core/plane_impl.h"
#include "plane/locks/lock_rules.h"
#include "plane/rights/rights.h"
#include "plane/uploads/upload_checksum.h"
#include "plane/tiers/move_queue.h"

namespace tp::plane {

namespace {

/// One completion, inside its transaction. No byte moves: the parts' extents become the object's.
class Completion {
 public:
  Completion(Core& core, meta::Txn& txn, const VolumeEntry& volume, const std::string& key, UploadId upload,
             const CompleteOptions& options)
      : core_(core), txn_(txn), volume_(volume), key_(key), upload_id_(upload), options_(options) {}

  Result<PutResult> run() {
    TP_TRY_VOID(check_order());
    TP_TRY(Namespace space, Namespace::open(core_, txn_, volume_));
    auto upload = load_upload(txn_, volume_.id, key_, upload_id_);
    if (!upload && upload.error().code == Code::kNotFound) return retried(space, std::move(upload).error());
    TP_TRY(upload_, std::move(upload));
    TP_TRY_VOID(choose_parts());
    TP_TRY_VOID(check_whole());
    TP_TRY(const auto old, space.find(key_));
    TP_TRY_VOID(check_conditions(options_.conditions, old ? &old->record : nullptr));
    return put(space, old);
  }

 private:
  Result<void> check_order() const {
    if (options_.parts.empty()) return fail(Code::kInvalidArgument, Reason::kInvalidPart, "no parts are named");
    if (options_.parts.size() > kMaxPartNumber) {
      return fail(Code::kInvalidArgument, Reason::kTooManyParts, "an upload has at most 10000 parts");
    }
    uint16_t last = 0;
    for (const CompletePart& part : options_.parts) {
      TP_TRY_VOID(check_part_number(part.number));
      if (part.number <= last) {
        return fail(Code::kInvalidArgument, Reason::kInvalidPartOrder, "the parts are not in ascending order");
      }
      last = part.number;
    }
    return ok;
  }

  /// An upload that is gone may have been completed by this very request: then the answer is the same as before.
  Result<PutResult> retried(const Namespace& space, Error gone) {
    TP_TRY(const auto value, txn_.get(kv::Space::kUploads, meta::completed_upload_key(upload_id_)));
    if (!value) return std::unexpected(std::move(gone));
    TP_TRY(const auto completed, meta::decode_completed(*value));
    Bytes md5s;
    for (const CompletePart& part : options_.parts) {
      Md5Digest digest{};
      if (!from_hex(part.etag, digest)) return std::unexpected(std::move(gone));
      md5s += as_view(digest);
    }
    if (completed.volume != volume_.id || completed.key != key_ || completed.etag != multipart_etag(md5s)) {
      return std::unexpected(std::move(gone));
    }
    PutResult result{completed.inode, completed.etag, 0, completed.checksum, completed.completed};
    TP_TRY(const auto inode, txn_.get(kv::Space::kInodes, meta::inode_key(completed.inode)));
    if (inode) {
      TP_TRY(const auto record, meta::decode_inode(*inode));
      result.size_bytes = record.size_bytes;
      result.version = space.shown_version(record);
    }
    return result;
  }

  /// Both the named parts and the stored ones are in order of their numbers.
  Result<void> choose_parts() {
    TP_TRY(auto stored, load_parts(txn_, upload_id_, 0, SIZE_MAX));
    size_t next = 0;
    for (const CompletePart& wanted : options_.parts) {
      while (next < stored.size() && stored[next].number < wanted.number) unused_.push_back(std::move(stored[next++]));
      if (next == stored.size() || stored[next].number != wanted.number || !matches(wanted, stored[next].record)) {
        return fail(Code::kInvalidArgument, Reason::kInvalidPart,
                    "part " + std::to_string(wanted.number) + " is not there, or is not the one named");
      }
      if (&wanted != &options_.parts.back() && stored[next].record.size_bytes < kMinPartBytes) {
        return fail(Code::kInvalidArgument, Reason::kPartTooSmall,
                    "part " + std::to_string(wanted.number) + " has less than 5 MiB and is not the last");
      }
      size_bytes_ += stored[next].record.size_bytes;
      parts_.push_back(std::move(stored[next++]));
    }
    while (next < stored.size()) unused_.push_back(std::move(stored[next++]));
    return ok;
  }

  static bool matches(const CompletePart& wanted, const meta::PartRecord& part) {
    Md5Digest digest{};
    return from_hex(wanted.etag, digest) && as_view(digest) == part.md5 &&
           (!wanted.checksum || *wanted.checksum == part.checksum);
  }

  Result<void> check_whole() {
    if (size_bytes_ > kMaxObjectBytes) {
      return fail(Code::kTooLarge, Reason::kEntityTooLarge, "an object has at most 50 TiB");
    }
    if (options_.object_size_bytes && *options_.object_size_bytes != size_bytes_) {
      return fail(Code::kInvalidArgument, Reason::kUploadSizeMismatch, "the parts have another size in all");
    }
    if (options_.checksum_type && *options_.checksum_type != upload_.checksum_type) {
      return fail(Code::kInvalidArgument, Reason::kInvalidChecksumType, "the upload has another checksum type");
    }
    TP_TRY(checksum_, combined_checksum(upload_, parts_));
    if (options_.checksum && *options_.checksum != checksum_.value) {
      return fail(Code::kInvalidArgument, Reason::kChecksumMismatch, "the object's checksum is another one");
    }
    return ok;
  }

  Result<PutResult> put(Namespace& space, const std::optional<Namespace::Object>& old) {
    const InodeId inode = txn_.new_inode_id();
    meta::InodeRecord record = make_record();
    uint64_t offset = 0;
    for (const NumberedPart& part : parts_) {
      for (meta::Extent extent : part.record.extents) {
        extent.offset += offset;
        if (!extent.blob) record.hole_bytes += extent.length_bytes;
        space.put_extent(inode, extent);
      }
      offset += part.record.size_bytes;
      forget_part(space, part);
    }
    for (const NumberedPart& part : unused_) TP_TRY_VOID(drop_part(space, upload_id_, part.number, part.record));
    txn_.erase(kv::Space::kUploads, meta::upload_key(volume_.id, key_, upload_id_));
    --space.counters().uploads;
    TP_TRY_VOID(space.put_object(key_, inode, record, old));
    const meta::CompletedUpload completed{volume_.id, key_, record.etag, inode, txn_.wall_now(), checksum_};
    txn_.put(kv::Space::kUploads, meta::completed_upload_key(upload_id_), meta::encode_completed(completed));
    queue_shared(space, inode, record);
    space.journal(meta::ChangeKind::kObjectPut, key_, inode, size_bytes_);
    TP_TRY_VOID(space.finish());
    PutResult result{inode, std::move(record.etag), size_bytes_, checksum_, record.modified};
    result.version = space.shown_version(record);
    return result;
  }

  /// The part's record goes; its references to blobs are the object's now.
  void forget_part(Namespace& space, const NumberedPart& part) {
    txn_.erase(kv::Space::kUploads, meta::part_key(upload_id_, part.number));
    space.counters().upload_bytes -= part.record.size_bytes;
  }

  meta::InodeRecord make_record() {
    meta::InodeRecord record;
    record.size_bytes = size_bytes_;
    record.modified = record.changed = record.created = txn_.wall_now();
    record.place = size_bytes_ == 0 ? meta::DataPlace::kNone : meta::DataPlace::kExtents;
    record.owner = upload_.owner;
    record.access = upload_.access;
    record.headers = upload_.headers;
    record.user_metadata = upload_.user_metadata;
    record.tags = upload_.tags;
    record.storage_class = upload_.storage_class;
    record.checksum = checksum_;
    ObjectAttributes locks;
    locks.retention = upload_.retention;
    locks.retain_until = upload_.retain_until;
    locks.legal_hold = upload_.legal_hold;
    lock_new_version(volume_, locks, txn_.wall_now(), &record);
    Bytes md5s;
    for (const NumberedPart& part : parts_) {
      md5s += part.record.md5;
      record.parts.push_back({part.number, part.record.size_bytes, part.record.checksum});
    }
    record.etag = multipart_etag(md5s);
    return record;
  }

  Core& core_;
  meta::Txn& txn_;
  const VolumeEntry& volume_;
  const std::string& key_;
  const UploadId upload_id_;
  const CompleteOptions& options_;
  meta::UploadRecord upload_;
  std::vector<NumberedPart> parts_, unused_;
  uint64_t size_bytes_ = 0;
  meta::Checksum checksum_;
};

}  // namespace

Task<PutResult> PlaneImpl::complete_upload(Caller caller, ObjectRef object, UploadId upload, CompleteOptions options) {
  TP_CO_TRY(const VolumeEntryPtr volume, core_.volumes.find(object.volume));
  TP_CO_TRY_VOID(require_on_object(caller, *volume, Action::kPutObject, object.key, nullptr));
  auto body = [&](meta::Txn& txn) { return Completion(core_, txn, *volume, object.key, upload, options).run(); };
  co_return co_await core_.change(std::move(body));
}

}  // namespace tp::plane
