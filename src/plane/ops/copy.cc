#include "base/hash/hasher.h"
#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/core/plane_impl.h"
#include "plane/data/put_writer.h"
#include "plane/entries/entry_objects.h"
#include "plane/locks/lock_rights.h"
#include "plane/rights/rights.h"
#include "plane/tiers/move_queue.h"
#include "plane/versions/named_version.h"

namespace tp::plane {
namespace {

struct Copy {
  VolumeEntryPtr source_volume, target_volume;
  std::string source_key, source_version, target_key;
  std::string owner;
  CopyOptions options;
  CachedObjectPtr source;                  // as it was read; the change finds the same or tries again
  std::optional<meta::Checksum> checksum;  // computed anew where another algorithm is asked for
};

meta::InodeRecord record_of_copy(const Copy& copy, const meta::InodeRecord& source, rt::Nanos now) {
  meta::InodeRecord record = source;
  // What S3 writes is a file of S3's: of a link it has the target, of a device nothing.
  record.type = meta::InodeType::kFile;
  record.posix = false;
  record.mode = meta::InodeRecord().mode;
  record.uid = record.gid = 0;
  record.device = record.create_verifier = 0;
  record.accessed = 0;
  record.restored_until = record.transitioned = 0;
  record.restore_days = 0;
  record.further_names.clear();
  record.modified = record.changed = record.created = now;
  record.links = 1;
  record.owner = copy.owner;
  record.access = copy.options.attributes.access;
  record.storage_class = copy.options.attributes.storage_class;
  if (copy.options.replace_metadata) {
    record.headers = copy.options.attributes.headers;
    record.user_metadata = copy.options.attributes.user_metadata;
  }
  if (copy.options.replace_tags) record.tags = copy.options.attributes.tags;
  if (copy.checksum) {
    record.checksum = *copy.checksum;
    for (meta::ObjectPart& part : record.parts) part.checksum.clear();
  }
  // Locks are not copied: the new version has its own.
  lock_new_version(*copy.target_volume, copy.options.attributes, now, &record);
  return record;
}

/// kConflict with no Reason: the source is not what was read; read it again.
Result<PutResult> apply_copy(Core& core, meta::Txn& txn, const Copy& copy) {
  TP_TRY(Namespace source_names, Namespace::open(core, txn, *copy.source_volume));
  TP_TRY(auto version, find_named(source_names, copy.source_key, copy.source_version));
  const Namespace::Object* source = version ? &version->object : nullptr;
  const ObjectInfo& read = copy.source->info;
  if (source == nullptr || source->inode != read.inode || source->record.etag != read.record.etag) {
    return fail(Code::kConflict, "the source of the copy has changed");
  }
  TP_TRY(Namespace names, Namespace::open(core, txn, *copy.target_volume));
  TP_TRY(auto old, names.find(copy.target_key));
  TP_TRY_VOID(check_conditions(copy.options.conditions, old ? &old->record : nullptr));
  InodeId inode = txn.new_inode_id();
  meta::InodeRecord record = record_of_copy(copy, source->record, txn.wall_now());
  meta::TxnView source_records(txn, copy.source_volume->layer);
  // Before the old target goes: it may be the source itself.
  TP_TRY_VOID(names.share_data(source_records, source->inode, inode, record));
  TP_TRY_VOID(names.put_object(copy.target_key, inode, record, old));
  queue_shared(names, inode, record);
  names.journal(meta::ChangeKind::kObjectPut, copy.target_key, inode, record.size_bytes);
  TP_TRY_VOID(names.finish());
  PutResult result = result_of(inode, record);
  result.version = names.shown_version(record);
  result.source_version = source_names.shown_version(source->record);
  return result;
}

Task<Bytes> digest_object(ObjectReader& reader, ChecksumAlgorithm algorithm) {
  Hasher hasher(algorithm);
  while (reader.remaining() > 0) {
    TP_CO_TRY(io::SendRegion region, co_await reader.next());
    hasher.update(region.bytes);
  }
  co_return hasher.finish();
}

bool changes_nothing(const Copy& copy) {
  // An earlier version that becomes the current one again is a change.
  return copy.source_volume->id == copy.target_volume->id && copy.source_key == copy.target_key &&
         copy.source->info.record.superseded == 0 &&
         !copy.options.replace_metadata && !copy.options.replace_tags && !copy.options.checksum_algorithm &&
         copy.options.attributes.storage_class == copy.source->info.record.storage_class;
}

Result<void> check_source(const Copy& copy) {
  if (evaluate(copy.options.source_conditions, copy.source->info.record) != ReadVerdict::kProceed) {
    return fail(Code::kPreconditionFailed, Reason::kSourceConditionFailed, "a condition on the source does not hold");
  }
  if (changes_nothing(copy)) {
    return fail(Code::kInvalidArgument, Reason::kCopyOntoItself, "a copy onto itself must change something");
  }
  return ok;
}

}  // namespace

Task<PutResult> PlaneImpl::copy(Caller caller, ObjectRef source, ObjectRef target, CopyOptions options) {
  constexpr int kAttempts = 8;
  Copy copy;
  TP_CO_TRY(copy.source_volume, core_.volumes.find(source.volume));
  TP_CO_TRY(copy.target_volume, core_.volumes.find(target.volume));
  if (is_cache(*copy.source_volume)) {
    co_return fail(Code::kNotImplemented, "entries of a cache volume can be read, not copied by the server");
  }
  if (is_cache(*copy.target_volume)) co_return entries_are_read_only();
  TP_CO_TRY_VOID(check_key(target.key));
  TP_CO_TRY_VOID(require_on_object(caller, *copy.target_volume, Action::kPutObject, target.key, nullptr));
  TP_CO_TRY_VOID(check_access_list(*copy.target_volume, options.attributes.access));
  TP_CO_TRY_VOID(check_new_lock(caller, *copy.target_volume, target.key, options.attributes,
                                core_.runtime.clock().wall_now()));
  copy.owner = owner_of_new_object(caller, *copy.target_volume, options.attributes.access);
  copy.source_key = source.key;
  copy.source_version = source.version;
  copy.target_key = target.key;
  copy.options = std::move(options);
  for (int attempt = 1;; ++attempt) {
    TP_CO_TRY(copy.source, co_await find_object(caller, source, Action::kGetObject, false));
    TP_CO_TRY_VOID(require_online(core_, copy.source->info.record));
    TP_CO_TRY_VOID(check_source(copy));
    const meta::Checksum& kept = copy.source->info.record.checksum;
    auto wanted = copy.options.checksum_algorithm;
    if (wanted && (kept.algorithm != *wanted || kept.type != meta::ChecksumType::kFullObject)) {
      TP_CO_TRY(auto reader, co_await open_source(caller, source, Action::kGetObject));
      copy.checksum.emplace();
      copy.checksum->algorithm = *wanted;
      TP_CO_TRY(copy.checksum->value, co_await digest_object(*reader, *wanted));
      // The record that goes with these bytes; the change compares it.
      if (reader->info().inode != copy.source->info.inode && attempt < kAttempts) continue;
    }
    auto body = [this, &copy](meta::Txn& txn) { return apply_copy(core_, txn, copy); };
    auto result = co_await core_.change(std::move(body));
    if (result || result.error().code != Code::kConflict || attempt == kAttempts) co_return result;
  }
}

}  // namespace tp::plane
