// Namespace's steps that keep versions: what leaves a key becomes a record of Space::kVersions, what comes to one gets
// a number, delete markers, and the way back.
#include <algorithm>

#include "meta/keys.h"
#include "meta/listed_inode.h"
#include "meta/versions/version_id.h"
#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/locks/lock_rules.h"

namespace tp::plane {

using kv::Space;
using meta::Versioning;

Versioning Namespace::versioning() const {
  if (!versioning_) {
    // What was read before the change began may be older than what has been acknowledged since.
    const auto now = core_.volumes.find_id(volume_.id);
    versioning_ = now ? now->versioning : volume_.versioning;
  }
  return *versioning_;
}

std::string Namespace::shown_version(const meta::InodeRecord& record) const {
  return versioning() == Versioning::kOff ? std::string() : meta::version_text(record.version);
}

Result<void> Namespace::share_data(InodeId from, InodeId to, const meta::InodeRecord& record) {
  return share_data(txn_, from, to, record);
}

Result<void> Namespace::share_data(meta::RecordSource& source, InodeId from, InodeId to,
                                   const meta::InodeRecord& record) {
  if (record.place == meta::DataPlace::kSmall) {
    TP_TRY(const Bytes data, load_small_data(source, from));
    put_small_data(to, data);
  } else if (record.place == meta::DataPlace::kExtents) {
    TP_TRY(const auto all, load_extents(source, from, 0, UINT64_MAX, SIZE_MAX));
    for (const meta::Extent& extent : all) {
      TP_TRY_VOID(add_reference(extent.blob));
      put_extent(to, extent);
    }
  }
  return ok;
}

void Namespace::put_version(BytesView key, uint64_t order, const meta::VersionRecord& entry) {
  txn_.put(Space::kVersions, meta::version_key(volume_.id, key, order), meta::encode_version(entry));
  if (!entry.null_version) return;
  txn_.put(Space::kVersions, meta::version_key(volume_.id, key, 0), meta::encode_null_version(order));
}

Result<Namespace::Version> Namespace::load_version(BytesView entry_value, uint64_t order) {
  Version version;
  version.order = order;
  TP_TRY(version.entry, meta::decode_version(entry_value));
  if (version.entry.delete_marker()) return version;
  TP_TRY(auto record, find_inode(txn_, version.entry.inode));
  if (!record) return fail(Code::kCorruption, "a version leads to an inode that is not there");
  version.object.inode = version.entry.inode;
  version.object.record = std::move(*record);
  return version;
}

Result<std::optional<Namespace::Version>> Namespace::find_version(BytesView key, uint64_t number) {
  TP_TRY(auto object, find(key));
  if (object && object->record.version == number) {
    Version version;
    version.current = true;
    version.object = std::move(*object);
    return std::optional(std::move(version));
  }
  uint64_t order = number;
  if (number == 0) {
    TP_TRY(const auto named, txn_.get(Space::kVersions, meta::version_key(volume_.id, key, 0)));
    if (!named) return std::nullopt;
    TP_TRY(order, meta::decode_null_version(*named));
  }
  TP_TRY(const auto value, txn_.get(Space::kVersions, meta::version_key(volume_.id, key, order)));
  if (!value) return std::nullopt;
  TP_TRY(Version version, load_version(*value, order));
  // A null version's order is nobody's id.
  if (version.entry.null_version != (number == 0)) return std::nullopt;
  return std::optional(std::move(version));
}

Result<std::optional<Namespace::Version>> Namespace::newest_kept(BytesView key) {
  Bytes found_key, found_value;
  auto take = [&](BytesView at, BytesView value) {
    found_key = at;
    found_value = value;
    return false;
  };
  TP_TRY_VOID(txn_.scan(Space::kVersions, meta::key_versions_begin(volume_.id, key),
                        meta::key_versions_end(volume_.id, key), take));
  if (found_key.empty()) return std::nullopt;
  TP_TRY(const auto parts, meta::parse_version_key(found_key));
  if (parts.order == 0) return std::nullopt;
  TP_TRY(Version version, load_version(found_value, parts.order));
  return std::optional(std::move(version));
}

Result<void> Namespace::drop_version(BytesView key, const Version& version) {
  txn_.erase(Space::kVersions, meta::version_key(volume_.id, key, version.order));
  if (version.entry.null_version) txn_.erase(Space::kVersions, meta::version_key(volume_.id, key, 0));
  return version.delete_marker() ? ok : drop_name(version.object);
}

Result<void> Namespace::drop_null_version(BytesView key) {
  TP_TRY(const auto named, txn_.get(Space::kVersions, meta::version_key(volume_.id, key, 0)));
  if (!named) return ok;
  TP_TRY(const uint64_t order, meta::decode_null_version(*named));
  TP_TRY(const auto value, txn_.get(Space::kVersions, meta::version_key(volume_.id, key, order)));
  if (!value) return fail(Code::kCorruption, "a null version is named that is not there");
  TP_TRY(const Version version, load_version(*value, order));
  // Nobody has asked for this removal: it comes along with another.
  TP_TRY_VOID(require_unlocked(version.object.record, txn_.wall_now()));
  return drop_version(key, version);
}

Result<Namespace::Object> Namespace::split_off(const Object& object) {
  Object own;
  own.inode = txn_.new_inode_id();
  own.record = object.record;
  own.record.further_names.clear();
  TP_TRY_VOID(share_data(object.inode, own.inode, own.record));
  counters_.bytes += counted_bytes(own.record);
  return own;
}

Result<void> Namespace::supersede(BytesView key, const Object& object) {
  Object kept = object;
  if (!object.record.further_names.empty()) {
    TP_TRY(kept, split_off(object));
    TP_TRY_VOID(drop_name(object));
  }
  meta::InodeRecord& record = kept.record;
  const uint64_t at = txn_.new_inode_id().value;
  meta::VersionRecord entry;
  entry.null_version = record.version == 0;
  if (entry.null_version) TP_TRY_VOID(drop_null_version(key));
  record.parent = InodeId();
  record.name.clear();
  record.links = 0;
  record.superseded = txn_.wall_now();
  record.superseded_at = at;
  touch(record, txn_.wall_now());
  changed_.push_back(kept.inode);
  write_inode(kept.inode, record);
  entry.inode = kept.inode;
  entry.owner = record.owner;
  entry.modified = record.modified;
  // Bytes that are still on their way into it change what a listing shows: then it asks the inode.
  if (!core_.open_files.live({volume_.id, kept.inode})) entry.listed = meta::encode_listed_inode(record);
  put_version(key, entry.null_version ? at : record.version, entry);
  return ok;
}

Result<void> Namespace::leave_key(BytesView key, const Object& object) {
  const Versioning keeps = versioning();
  const bool replaced = keeps == Versioning::kSuspended && object.record.version == 0;
  if (keeps != Versioning::kOff && !replaced) return supersede(key, object);
  // It goes for good, and a clone may have what is locked without keeping versions.
  TP_TRY_VOID(require_unlocked(object.record, txn_.wall_now()));
  return drop_name(object);
}

Result<void> Namespace::enter_key(BytesView key, meta::InodeRecord& record) {
  const Versioning keeps = versioning();
  record.version = keeps == Versioning::kEnabled ? txn_.new_inode_id().value : 0;
  record.superseded = 0;
  record.superseded_at = 0;
  return keeps == Versioning::kSuspended ? drop_null_version(key) : ok;
}

Result<uint64_t> Namespace::put_delete_marker(BytesView key, const std::string& owner) {
  meta::VersionRecord entry;
  entry.null_version = versioning() == Versioning::kSuspended;
  entry.owner = owner;
  entry.modified = txn_.wall_now();
  if (entry.null_version) TP_TRY_VOID(drop_null_version(key));
  const uint64_t order = txn_.new_inode_id().value;
  put_version(key, order, entry);
  return entry.null_version ? 0 : order;
}

Result<void> Namespace::mark_moved(BytesView key, const std::string& owner) {
  if (versioning() == Versioning::kOff) return ok;
  TP_TRY(const auto newest, newest_kept(key));
  if (newest && !newest->delete_marker()) TP_TRY_VOID(put_delete_marker(key, owner));
  return ok;
}

Result<DeleteResult> Namespace::remove_current(BytesView key, const std::optional<Object>& object,
                                               const std::string& owner) {
  DeleteResult result;
  result.existed = object.has_value();
  if (object) TP_TRY_VOID(take_away(key, *object));
  if (versioning() != Versioning::kOff) {
    TP_TRY(const uint64_t number, put_delete_marker(key, owner));
    result.delete_marker = true;
    result.version = meta::version_text(number);
  } else if (!object) {
    return result;
  }
  journal(meta::ChangeKind::kObjectRemoved, key, object ? object->inode : InodeId(),
          object ? object->record.size_bytes : 0);
  return result;
}

Result<void> Namespace::restore(BytesView key, Version version, InodeId directory) {
  txn_.erase(Space::kVersions, meta::version_key(volume_.id, key, version.order));
  if (version.entry.null_version) txn_.erase(Space::kVersions, meta::version_key(volume_.id, key, 0));
  if (directory) {
    TP_TRY_VOID(touch_directory(directory, 0));
  } else {
    TP_TRY(directory, make_directories(directory_part(key)));
    TP_TRY_VOID(add_live_child(directory));
    ++counters_.objects;
  }
  meta::InodeRecord& record = version.object.record;
  record.parent = directory;
  record.name = file_part(key);
  record.links = 1;
  record.superseded = 0;
  record.superseded_at = 0;
  touch(record, txn_.wall_now());
  write_file(version.object.inode, record);
  outdate(key);
  journal(meta::ChangeKind::kObjectPut, key, version.object.inode, record.size_bytes);
  return ok;
}

Result<void> Namespace::remove_version(BytesView key, const Version& version) {
  const Object& object = version.object;
  TP_TRY(auto newest, newest_kept(key));
  if (version.current) {
    journal(meta::ChangeKind::kObjectRemoved, key, object.inode, object.record.size_bytes);
    if (newest && !newest->delete_marker()) {
      TP_TRY_VOID(drop_name(object));
      return restore(key, std::move(*newest), object.parent);
    }
    txn_.erase(Space::kNames, meta::name_key(object.parent, object.name, false));
    TP_TRY_VOID(drop_name(object));
    TP_TRY_VOID(drop_live_child(object.parent));
    counters_.objects -= std::min<uint64_t>(counters_.objects, 1);
    outdate(key);
    return ok;
  }
  TP_TRY_VOID(drop_version(key, version));
  journal(meta::ChangeKind::kObjectChanged, key, object.inode, object.record.size_bytes);
  if (!newest || newest->order != version.order) return ok;
  TP_TRY(const auto current, find(key));
  if (current) return ok;
  TP_TRY(newest, newest_kept(key));
  if (!newest || newest->delete_marker()) return ok;
  return restore(key, std::move(*newest), InodeId());
}

Result<void> Namespace::update_version(BytesView key, const Version& version) {
  const Object& object = version.object;
  if (version.current) return update(object.inode, object.record);
  changed_.push_back(object.inode);
  write_inode(object.inode, object.record);
  meta::VersionRecord entry = version.entry;
  if (!entry.listed.empty()) entry.listed = meta::encode_listed_inode(object.record);
  put_version(key, version.order, entry);
  journal(meta::ChangeKind::kObjectChanged, key, object.inode, object.record.size_bytes);
  return ok;
}

}  // namespace tp::plane
