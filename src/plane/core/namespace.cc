#include "plane/core/namespace.h"

#include "meta/history/history.h"
#include "meta/keys.h"
#include "meta/listed_inode.h"
#include "meta/snapshot_record.h"
#include "plane/core/blob_records.h"
#include "plane/core/object_lookup.h"
#include "plane/entries/entry_objects.h"
#include "plane/reason.h"

namespace tp::plane {

using kv::Space;

namespace {

std::unexpected<Error> no_such_volume() {
  return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
}

/// A snapshot's volume is there as long as its record is and nobody has begun to delete it.
Result<meta::VolumeCounters> snapshot_counters(meta::Txn& txn, const VolumeEntry& volume) {
  TP_TRY(const auto value, txn.get(Space::kMeta, meta::snapshot_key(volume.live, volume.snapshot)));
  if (!value) return no_such_volume();
  TP_TRY(const auto record, meta::decode_snapshot(*value));
  if (record.deleting) return no_such_volume();
  return record.counters;
}

}  // namespace

Result<Namespace> Namespace::open(Core& core, meta::Txn& txn, const VolumeEntry& volume) {
  if (is_cache(volume)) return entries_are_read_only();
  meta::WriteScope scope{volume.id, volume.layer, Epoch(), Epoch()};
  if (volume.snapshot) {
    TP_TRY(const auto counters, snapshot_counters(txn, volume));
    txn.enter(scope);
    return Namespace(core, txn, volume, counters);
  }
  TP_TRY(auto value, txn.get(Space::kMeta, meta::counters_key(volume.id)));
  if (!value) return no_such_volume();
  TP_TRY(auto counters, meta::decode_counters(*value));
  scope.latest = counters.latest;
  scope.newest_marked = counters.newest_marked;
  txn.enter(scope);
  return Namespace(core, txn, volume, counters);
}

Result<std::optional<InodeId>> Namespace::find_directory(BytesView path) {
  InodeId at = volume_.root;
  KeyPath walk(path);
  while (auto name = walk.next_directory()) {
    TP_TRY(auto child, child_directory(at, *name));
    if (!child) return std::nullopt;
    at = *child;
  }
  return std::optional(at);
}

Result<std::optional<Namespace::Object>> Namespace::find(BytesView key) {
  TP_TRY(auto directory, find_directory(directory_part(key)));
  if (!directory) return std::nullopt;
  return find_file(*directory, file_part(key));
}

Result<InodeId> Namespace::make_directory(InodeId parent, BytesView name) {
  InodeId directory = txn_.new_inode_id();
  meta::InodeRecord record;
  record.type = meta::InodeType::kDirectory;
  record.mode = 0755;
  record.links = 2;
  record.modified = record.changed = record.created = txn_.wall_now();
  record.parent = parent;
  record.name = name;
  record.implicit = true;
  write_inode(directory, record);
  write_directory_name(directory, record);
  TP_TRY_VOID(touch_directory(parent, 1));
  return directory;
}

Result<InodeId> Namespace::make_directories(BytesView path) {
  InodeId at = volume_.root;
  KeyPath walk(path);
  while (auto name = walk.next_directory()) {
    TP_TRY(auto child, child_directory(at, *name));
    if (child) {
      at = *child;
    } else {
      TP_TRY(at, make_directory(at, *name));
    }
  }
  return at;
}

Result<meta::InodeRecord> Namespace::directory_record(InodeId directory) {
  TP_TRY(auto record, find_inode(txn_, directory));
  if (!record || record->type != meta::InodeType::kDirectory) {
    return fail(Code::kCorruption, "a directory's inode is not there");
  }
  return std::move(*record);
}

Result<void> Namespace::touch_directory(InodeId directory, int directories) {
  TP_TRY(auto record, directory_record(directory));
  touch(record, txn_.wall_now());
  record.modified = record.changed;
  // Directories of older stores did not count theirs.
  if (directories > 0) ++record.links;
  else if (directories < 0 && record.links > 2) --record.links;
  write_inode(directory, record);
  return ok;
}

Result<void> Namespace::add_live_child(InodeId directory) {
  for (bool entry = true;; entry = false) {
    TP_TRY(auto record, directory_record(directory));
    ++record.live_children;
    if (entry) {
      touch(record, txn_.wall_now());
      record.modified = record.changed;
    }
    write_inode(directory, record);
    if (record.live_children != 1 || directory == volume_.root) return ok;
    directory = record.parent;
  }
}

Result<void> Namespace::drop_live_child(InodeId directory) {
  for (bool entry = true, vanished = false;; entry = vanished) {
    TP_TRY(auto record, directory_record(directory));
    if (record.live_children == 0) return fail(Code::kCorruption, "a directory's live children do not add up");
    --record.live_children;
    if (entry) {
      touch(record, txn_.wall_now());
      record.modified = record.changed;
    }
    if (vanished && record.links > 2) --record.links;
    bool root = directory == volume_.root;
    vanished = record.live_children == 0 && record.implicit && !root;
    if (vanished) {
      txn_.erase(Space::kInodes, meta::inode_key(directory));
      txn_.erase(Space::kNames, meta::name_key(record.parent, record.name, true));
      forget_directory(record.parent, record.name);
    } else {
      write_inode(directory, record);
    }
    if (record.live_children != 0 || root) return ok;
    directory = record.parent;
  }
}

Result<void> Namespace::put_object(BytesView key, InodeId inode, meta::InodeRecord& record,
                                   const std::optional<Object>& old) {
  InodeId parent;
  if (old) {
    parent = old->parent;
    TP_TRY_VOID(leave_key(key, *old));
    // The name leads elsewhere: file clients that remember it look at the directory's times.
    TP_TRY_VOID(touch_directory(parent, 0));
  } else {
    TP_TRY(parent, make_directories(directory_part(key)));
    TP_TRY_VOID(add_live_child(parent));
    ++counters_.objects;
  }
  TP_TRY_VOID(enter_key(key, record));
  counters_.bytes += counted_bytes(record);
  record.parent = parent;
  record.name = file_part(key);
  write_file(inode, record);
  outdate(key);
  return ok;
}

Result<void> Namespace::remove_object(BytesView key, const Object& object) {
  TP_TRY_VOID(take_away(key, object));
  if (versioning() != meta::Versioning::kOff) TP_TRY_VOID(put_delete_marker(key, object.record.owner));
  return ok;
}

Result<void> Namespace::take_away(BytesView key, const Object& object) {
  txn_.erase(Space::kNames, meta::name_key(object.parent, object.name, false));
  TP_TRY_VOID(leave_key(key, object));
  TP_TRY_VOID(drop_live_child(object.parent));
  counters_.objects -= std::min<uint64_t>(counters_.objects, 1);
  outdate(key);
  return ok;
}

Result<void> Namespace::move_object(BytesView from, BytesView to, Object object,
                                    const std::optional<Object>& old_target) {
  outdate(to);
  // Two names of one file: only the old one goes.
  if (old_target && old_target->inode == object.inode) return remove_object(from, object);
  InodeId parent;
  if (old_target) {
    parent = old_target->parent;
    TP_TRY_VOID(leave_key(to, *old_target));
    TP_TRY_VOID(touch_directory(parent, 0));
    counters_.objects -= std::min<uint64_t>(counters_.objects, 1);
  } else {
    // The target's directories first: those that both paths share must not vanish in between.
    TP_TRY(parent, make_directories(directory_part(to)));
    TP_TRY_VOID(add_live_child(parent));
  }
  InodeId old_parent = object.parent;
  TP_TRY_VOID(enter_key(to, object.record));
  TP_TRY_VOID(mark_moved(from, object.record.owner));
  TP_TRY_VOID(rename_file(std::move(object), {parent, Bytes(file_part(to))}));
  outdate(from);
  return drop_live_child(old_parent);
}

namespace {

/// "a/b/c/" -> "a/b/" and "c".
struct DirectoryPath {
  BytesView parent, name;
};
DirectoryPath split_directory(BytesView path) {
  BytesView whole = path.substr(0, path.size() - 1);
  return {directory_part(whole), file_part(whole)};
}

}  // namespace

Result<void> Namespace::make_way_for_directory(BytesView to) {
  TP_TRY(auto target, find_directory(to));
  if (!target) return ok;
  TP_TRY(bool empty, is_empty(*target));
  if (!empty) return fail(Code::kNotEmpty, "the target of the rename is not empty");
  TP_TRY(auto record, directory_record(*target));
  return remove_directory(*target, record);
}

Result<void> Namespace::move_directory(BytesView from, BytesView to) {
  if (to.starts_with(from)) return fail(Code::kInvalidArgument, "a prefix cannot be renamed into itself");
  TP_TRY(auto directory, find_directory(from));
  if (!directory) return fail(Code::kNotFound, Reason::kNoSuchKey, "there is nothing under the prefix");
  TP_TRY_VOID(make_way_for_directory(to));
  DirectoryPath target = split_directory(to);
  TP_TRY(InodeId new_parent, make_directories(target.parent));
  return move_directory(*directory, new_parent, target.name);
}

void Namespace::put_blob(const blob::BlobRecord& blob) {
  txn_.put(Space::kBlobs, meta::blob_key(blob.id), encode_blob_record(blob));
  txn_.put(Space::kBlobs, meta::blob_place_key(blob.tier, blob.segment, blob.offset), encode_blob_place(blob.id));
}

Result<uint64_t> Namespace::references(BlobId blob) {
  TP_TRY(auto value, txn_.get(Space::kBlobs, meta::blob_references_key(blob)));
  if (!value) return uint64_t{1};
  return decode_references(*value);
}

Result<void> Namespace::add_reference(BlobId blob) {
  if (!blob) return ok;
  TP_TRY(uint64_t count, references(blob));
  txn_.put(Space::kBlobs, meta::blob_references_key(blob), encode_references(count + 1));
  return ok;
}

Result<uint64_t> Namespace::drop_reference(BlobId blob) {
  if (!blob) return 0;
  TP_TRY(uint64_t count, references(blob));
  if (count > 2) {
    txn_.put(Space::kBlobs, meta::blob_references_key(blob), encode_references(count - 1));
    return 0;
  }
  if (count == 2) {
    txn_.erase(Space::kBlobs, meta::blob_references_key(blob));
    return 0;
  }
  TP_TRY(auto record, load_blob(txn_, blob));
  // A damaged object must still be removable: check finds what is missing.
  if (!record) return 0;
  txn_.erase(Space::kBlobs, meta::blob_key(blob));
  txn_.erase(Space::kBlobs, meta::blob_place_key(record->tier, record->segment, record->offset));
  dead_.push_back(std::move(*record));
  return dead_.back().length_bytes;
}

void Namespace::put_extent(InodeId inode, const meta::Extent& extent) {
  txn_.put(Space::kExtents, meta::extent_key(inode, extent.offset), meta::encode_extent(extent));
}

void Namespace::put_small_data(InodeId inode, BytesView data) {
  txn_.put(Space::kData, meta::data_key(inode), meta::encode_small_data(inode, data));
}

Result<std::vector<meta::Extent>> Namespace::extents(InodeId inode) {
  return load_extents(txn_, inode, 0, UINT64_MAX, SIZE_MAX);
}

Result<uint64_t> Namespace::cut_extent(InodeId inode, const meta::Extent& old,
                                       std::span<const meta::Extent> pieces) {
  std::optional<Bytes> in_its_place;
  for (const meta::Extent& piece : pieces) {
    if (piece.offset == old.offset) in_its_place = meta::encode_extent(piece);
    else put_extent(inode, piece);
  }
  TP_TRY(const bool gone, txn_.replace(Space::kExtents, meta::extent_key(inode, old.offset), std::move(in_its_place)));
  for (size_t have = gone ? 1 : 0; have < pieces.size(); ++have) TP_TRY_VOID(add_reference(old.blob));
  return gone && pieces.empty() ? drop_reference(old.blob) : 0;
}

Result<void> Namespace::drop_inode(InodeId inode, const meta::InodeRecord& record) {
  dropped_.push_back(inode);
  counters_.bytes -= std::min(counters_.bytes, counted_bytes(record));
  const meta::WriteScope scope = txn_.scope();
  if (record.superseded_at == 0 || record.superseded_at >= scope.latest.value) return drop_records(inode, record);
  // Snapshots see objects that were current: this one was not any more when the newest were taken.
  meta::WriteScope older = scope;
  TP_TRY(older.latest, meta::newest_snapshot(txn_, volume_.id, Epoch(record.superseded_at)));
  older.newest_marked = Epoch(UINT64_MAX);  // there may be history of a newer one that the older one needs
  txn_.enter(older);
  auto dropped = drop_records(inode, record);
  txn_.enter(scope);
  return dropped;
}

Result<void> Namespace::drop_records(InodeId inode, const meta::InodeRecord& record) {
  if (record.place != meta::DataPlace::kNone) {
    TP_TRY(const bool held, txn_.hold(inode));
    if (held) return ok;
  }
  txn_.erase(Space::kInodes, meta::inode_key(inode));
  if (record.place == meta::DataPlace::kSmall) TP_TRY_VOID(txn_.forget(Space::kData, meta::data_key(inode)));
  if (record.place != meta::DataPlace::kExtents) return ok;
  TP_TRY(const auto own, txn_.own_records(Space::kExtents, inode));
  for (const meta::Txn::OwnRecord& each : own) {
    TP_TRY(const bool gone, txn_.forget(Space::kExtents, each.key));
    if (!gone || !each.value) continue;
    if (each.key.size() != meta::extent_key(inode, 0).size())
      return fail(Code::kCorruption, "extent key of a wrong size");
    const uint64_t offset = get_be<uint64_t>(each.key.data() + sizeof(uint64_t));
    TP_TRY(const meta::Extent extent, meta::decode_extent(offset, *each.value));
    TP_TRY_VOID(drop_reference(extent.blob));
  }
  return ok;
}

void Namespace::erase_small_data(InodeId inode) { txn_.erase(Space::kData, meta::data_key(inode)); }

void Namespace::journal(meta::ChangeKind kind, BytesView key, InodeId inode, uint64_t size_bytes, BytesView new_key) {
  meta::Change change;
  change.kind = kind;
  change.volume = volume_.id;
  change.key = key;
  change.new_key = new_key;
  change.inode = inode;
  change.size_bytes = size_bytes;
  change.time = txn_.wall_now();
  txn_.journal(std::move(change));
}

void Namespace::remember_directory(InodeId parent, BytesView name, InodeId directory) {
  directories_.push_back({parent, Bytes(name), directory});
}

void Namespace::forget_directory(InodeId parent, BytesView name) {
  core_.directories.erase({volume_.id, parent}, name);
  directories_.push_back({parent, Bytes(name), InodeId()});
}

void Namespace::outdate(BytesView key) { outdated_.emplace_back(key); }

Result<void> Namespace::check_quota() const {
  // Parts of uploads count too: else a quota would not bound what a tenant stores. Whatever makes the volume smaller,
  // or no larger, goes through over the quota as well.
  const auto bytes = [](const meta::VolumeCounters& counters) { return counters.bytes + counters.upload_bytes; };
  if (volume_.quota_bytes != 0 && bytes(counters_) > volume_.quota_bytes && bytes(counters_) > bytes(before_)) {
    return fail(Code::kNoSpace, Reason::kQuota, "the volume's quota of bytes is used up");
  }
  if (volume_.quota_objects != 0 && counters_.objects > volume_.quota_objects && counters_.objects > before_.objects) {
    return fail(Code::kNoSpace, Reason::kQuota, "the volume's quota of files is used up");
  }
  return ok;
}

Result<void> Namespace::finish() {
  if (volume_.snapshot) return fail(Code::kPermissionDenied, Reason::kReadOnlyVolume, "a snapshot cannot be changed");
  TP_TRY_VOID(check_quota());
  txn_.put(Space::kMeta, meta::counters_key(volume_.id), meta::encode_counters(counters_));
  bool files = !changed_.empty() || !dropped_.empty();
  if (outdated_.empty() && dead_.empty() && directories_.empty() && !files) return ok;
  txn_.after_commit([&core = core_, id = volume_.id, name = volume_.name, outdated = std::move(outdated_),
                     dead = std::move(dead_), directories = std::move(directories_), changed = std::move(changed_),
                     dropped = std::move(dropped_)]() mutable {
    for (InodeId inode : changed) core.open_files.outdate({id, inode});
    for (InodeId inode : dropped) core.open_files.forget({id, inode});
    for (const DirectoryNews& news : directories) {
      if (news.directory) core.directories.put({id, news.parent}, news.name, news.directory);
      else core.directories.erase({id, news.parent}, news.name);
    }
    // Of the generation that lookups use now; those of an older one find nothing of the cache again anyhow.
    if (auto volume = core.volumes.find(name); volume && (*volume)->id == id) {
      for (const Bytes& key : outdated) core.cache.outdate({id, (*volume)->generation, key});
    }
    // After the caches: whoever looks up from here on cannot find these blobs.
    core.dead_blobs.retire(std::move(dead));
  });
  return ok;
}

}  // namespace tp::plane
