// Namespace's steps by inode and name, and what keeps a file's record and its names in step.
#include <algorithm>

#include "meta/keys.h"
#include "meta/listed_inode.h"
#include "plane/core/namespace.h"
#include "plane/core/object_lookup.h"
#include "plane/reason.h"

namespace tp::plane {

using kv::Space;

namespace {

/// Longer chains of parents than any tree has are a loop.
constexpr size_t kMaxDepth = 100'000;

std::unexpected<Error> stale() {
  return fail(Code::kNotFound, Reason::kStale, "the file is gone");
}

}  // namespace

void touch(meta::InodeRecord& record, rt::Nanos now) {
  record.changed = std::max(now, record.changed + 1);
}

uint64_t counted_bytes(const meta::InodeRecord& record) {
  return record.size_bytes - std::min(record.size_bytes, record.hole_bytes);
}

Result<meta::InodeRecord> Namespace::inode(InodeId inode) {
  TP_TRY(auto record, find_inode(txn_, inode));
  if (!record) return stale();
  return std::move(*record);
}

Result<meta::InodeRecord> Namespace::directory(InodeId directory) {
  TP_TRY(auto record, inode(directory));
  if (record.type != meta::InodeType::kDirectory) {
    return fail(Code::kInvalidArgument, Reason::kNotDirectory, "it is not a directory");
  }
  return record;
}

Result<std::optional<Namespace::Object>> Namespace::find_file(InodeId parent, BytesView name) {
  TP_TRY(auto link, find_name(txn_, parent, name, false));
  if (!link) return std::nullopt;
  TP_TRY(auto record, find_inode(txn_, link->inode));
  if (!record) return fail(Code::kCorruption, "a name leads to an inode that is not there");
  return std::optional(Object{parent, link->inode, std::move(*record), Bytes(name)});
}

Result<std::optional<InodeId>> Namespace::child_directory(InodeId parent, BytesView name) {
  if (auto cached = core_.directories.find({volume_.id, parent}, name)) return cached;
  TP_TRY(auto record, find_name(txn_, parent, name, true));
  if (!record) return std::nullopt;
  remember_directory(parent, name, record->inode);
  return std::optional(record->inode);
}

Result<Bytes> Namespace::path_of(InodeId directory) {
  std::vector<Bytes> names;  // the last one first
  size_t size = 0;
  while (directory != volume_.root) {
    TP_TRY(auto record, find_inode(txn_, directory));
    if (!record || !record->parent || names.size() == kMaxDepth) return stale();
    size += record->name.size() + 1;
    names.push_back(std::move(record->name));
    directory = record->parent;
  }
  Bytes path;
  path.reserve(size);
  for (size_t i = names.size(); i-- > 0;) path.append(names[i]).push_back('/');
  return path;
}

Result<bool> Namespace::is_empty(InodeId directory) {
  bool empty = true;
  auto seen = [&empty](BytesView, BytesView) { return empty = false; };
  TP_TRY_VOID(txn_.scan(Space::kNames, meta::names_begin(directory), meta::names_end(directory), seen));
  return empty;
}

void Namespace::write_inode(InodeId inode, const meta::InodeRecord& record) {
  txn_.put(Space::kInodes, meta::inode_key(inode), meta::encode_inode(record));
}

void Namespace::write_directory_name(InodeId inode, const meta::InodeRecord& record) {
  meta::NameRecord name;
  name.inode = inode;
  name.implicit = record.implicit;
  txn_.put(Space::kNames, meta::name_key(record.parent, record.name, true), meta::encode_name(name));
  remember_directory(record.parent, record.name, inode);
}

void Namespace::write_file(InodeId inode, const meta::InodeRecord& record) {
  changed_.push_back(inode);
  if (record.further_names.empty() && record.parent) {
    meta::NameRecord name;
    name.inode = inode;
    name.listed = meta::encode_listed_inode(record);
    txn_.put(Space::kNames, meta::name_key(record.parent, record.name, false), meta::encode_name(name));
  }
  write_inode(inode, record);
}

void Namespace::write_link(const meta::LinkName& name, InodeId inode) {
  meta::NameRecord link;
  link.inode = inode;
  txn_.put(Space::kNames, meta::name_key(name.parent, name.name, false), meta::encode_name(link));
}

Result<void> Namespace::outdate_names(const meta::InodeRecord& record) {
  TP_TRY(Bytes path, path_of(record.parent));
  outdate(path + record.name);
  for (const meta::LinkName& link : record.further_names) {
    TP_TRY(path, path_of(link.parent));
    outdate(path + link.name);
  }
  return ok;
}

Result<void> Namespace::update(InodeId inode, const meta::InodeRecord& record) {
  Bytes key;
  if (record.type == meta::InodeType::kDirectory) {
    write_inode(inode, record);
    TP_TRY(key, path_of(inode));
  } else {
    write_file(inode, record);
    if (record.links == 0) return ok;
    TP_TRY_VOID(outdate_names(record));
    TP_TRY(key, path_of(record.parent));
    key += record.name;
  }
  journal(meta::ChangeKind::kObjectChanged, key, inode, record.size_bytes);
  return ok;
}

Result<void> Namespace::update_places(InodeId inode, const meta::InodeRecord& record) {
  changed_.push_back(inode);
  write_inode(inode, record);
  return record.links == 0 ? ok : outdate_names(record);
}

Result<void> Namespace::drop_name(const Object& object) {
  if (!object.record.further_names.empty()) {
    meta::InodeRecord record = object.record;
    const meta::LinkName gone{object.parent, object.name};
    if (record.parent == gone.parent && record.name == gone.name) {
      record.parent = record.further_names.front().parent;
      record.name = std::move(record.further_names.front().name);
      record.further_names.erase(record.further_names.begin());
    } else {
      std::erase(record.further_names, gone);
    }
    record.links = static_cast<uint32_t>(1 + record.further_names.size());
    touch(record, txn_.wall_now());
    write_file(object.inode, record);
    return outdate_names(record);
  }
  if (!core_.pins.keep_nameless({volume_.id, object.inode}, core_.runtime.clock().now())) {
    return drop_inode(object.inode, object.record);
  }
  meta::InodeRecord record = object.record;
  record.parent = InodeId();
  record.name.clear();
  record.links = 0;
  touch(record, txn_.wall_now());
  write_file(object.inode, record);
  txn_.put(Space::kMeta, meta::orphan_key(volume_.id, object.inode), encode_orphan(volume_.id));
  return ok;
}

Result<bool> Namespace::reap(InodeId inode) {
  TP_TRY(auto orphan, txn_.get(Space::kMeta, meta::orphan_key(volume_.id, inode)));
  if (!orphan || core_.pins.kept({volume_.id, inode}, core_.runtime.clock().now())) return false;
  TP_TRY_VOID(drop_orphan(inode));
  return true;
}

Result<void> Namespace::drop_orphan(InodeId inode) {
  TP_TRY(auto record, find_inode(txn_, inode));
  if (record) TP_TRY_VOID(drop_inode(inode, *record));
  txn_.erase(Space::kMeta, meta::orphan_key(volume_.id, inode));
  txn_.after_commit([&core = core_, file = FileId{volume_.id, inode}] { core.pins.forget_nameless(file); });
  return ok;
}

Result<void> Namespace::add_file(InodeId parent, BytesView name, InodeId inode, meta::InodeRecord& record) {
  TP_TRY_VOID(add_live_child(parent));
  ++counters_.objects;
  counters_.bytes += counted_bytes(record);
  if (versioning() != meta::Versioning::kOff) {
    TP_TRY(const Bytes path, path_of(parent));
    TP_TRY_VOID(enter_key(path + Bytes(name), record));
  }
  record.parent = parent;
  record.name = name;
  write_file(inode, record);
  return ok;
}

Result<void> Namespace::add_directory(InodeId parent, BytesView name, InodeId inode, meta::InodeRecord& record) {
  TP_TRY_VOID(make_explicit(parent));
  record.parent = parent;
  record.name = name;
  record.implicit = false;
  record.links = 2;
  write_inode(inode, record);
  write_directory_name(inode, record);
  return touch_directory(parent, 1);
}

Result<void> Namespace::add_link(InodeId parent, BytesView name, InodeId inode, meta::InodeRecord record) {
  TP_TRY_VOID(add_live_child(parent));
  ++counters_.objects;
  if (versioning() == meta::Versioning::kSuspended) {
    TP_TRY(const Bytes path, path_of(parent));
    TP_TRY_VOID(drop_null_version(path + Bytes(name)));
  }
  if (record.further_names.empty()) write_link({record.parent, record.name}, inode);
  record.further_names.push_back({parent, Bytes(name)});
  record.links = static_cast<uint32_t>(1 + record.further_names.size());
  touch(record, txn_.wall_now());
  write_link(record.further_names.back(), inode);
  write_file(inode, record);
  return outdate_names(record);
}

Result<void> Namespace::remove_file(const Object& object) {
  TP_TRY_VOID(stay_when_emptied(object.parent));
  TP_TRY(Bytes path, path_of(object.parent));
  return remove_object(path + object.name, object);
}

Result<void> Namespace::remove_directory(InodeId directory, const meta::InodeRecord& record) {
  txn_.erase(Space::kInodes, meta::inode_key(directory));
  txn_.erase(Space::kNames, meta::name_key(record.parent, record.name, true));
  forget_directory(record.parent, record.name);
  return touch_directory(record.parent, -1);
}

Result<void> Namespace::rename_file(Object object, const meta::LinkName& to) {
  meta::InodeRecord& record = object.record;
  const meta::LinkName from{object.parent, object.name};
  txn_.erase(Space::kNames, meta::name_key(from.parent, from.name, false));
  if (record.parent == from.parent && record.name == from.name) {
    record.parent = to.parent;
    record.name = to.name;
  } else {
    std::ranges::replace(record.further_names, from, to);
  }
  touch(record, txn_.wall_now());
  if (!record.further_names.empty()) write_link(to, object.inode);
  write_file(object.inode, record);
  return record.further_names.empty() ? ok : outdate_names(record);
}

Result<void> Namespace::move_file(Object object, InodeId parent, BytesView name,
                                  const std::optional<Object>& old_target) {
  TP_TRY(Bytes from, path_of(object.parent));
  TP_TRY(Bytes to, path_of(parent));
  from.append(object.name);
  outdate(from);
  outdate(to.append(name));
  if (old_target) {
    TP_TRY_VOID(leave_key(to, *old_target));
    TP_TRY_VOID(touch_directory(parent, 0));
    counters_.objects -= std::min<uint64_t>(counters_.objects, 1);
  } else {
    TP_TRY_VOID(add_live_child(parent));
  }
  const InodeId old_parent = object.parent;
  TP_TRY_VOID(enter_key(to, object.record));
  TP_TRY_VOID(mark_moved(from, object.record.owner));
  TP_TRY_VOID(rename_file(std::move(object), {parent, Bytes(name)}));
  TP_TRY_VOID(stay_when_emptied(old_parent));
  return drop_live_child(old_parent);
}

Result<void> Namespace::move_directory(InodeId directory, InodeId parent, BytesView name) {
  TP_TRY(auto record, directory_record(directory));
  const bool live = record.live_children > 0;
  if (!record.implicit) TP_TRY_VOID(make_explicit(parent));
  if (live) TP_TRY_VOID(add_live_child(parent));
  TP_TRY_VOID(touch_directory(parent, 1));
  const InodeId old_parent = record.parent;
  txn_.erase(Space::kNames, meta::name_key(old_parent, record.name, true));
  forget_directory(old_parent, record.name);
  record.parent = parent;
  record.name = name;
  touch(record, txn_.wall_now());
  write_inode(directory, record);
  write_directory_name(directory, record);
  TP_TRY_VOID(touch_directory(old_parent, -1));
  return live ? drop_live_child(old_parent) : ok;
}

Result<void> Namespace::make_explicit(InodeId directory) {
  while (directory != volume_.root) {
    TP_TRY(auto record, directory_record(directory));
    if (!record.implicit) return ok;
    record.implicit = false;
    write_inode(directory, record);
    write_directory_name(directory, record);
    directory = record.parent;
  }
  return ok;
}

Result<void> Namespace::stay_when_emptied(InodeId directory) {
  TP_TRY(auto record, directory_record(directory));
  return record.implicit && record.live_children == 1 ? make_explicit(directory) : ok;
}

Result<void> Namespace::next_generation() {
  TP_TRY(auto value, txn_.get(Space::kMeta, meta::volume_key(volume_.name)));
  if (!value) return fail(Code::kNotFound, Reason::kNoSuchVolume, "there is no such volume");
  TP_TRY(auto record, meta::decode_volume(*value));
  ++record.generation;
  txn_.put(Space::kMeta, meta::volume_key(record.name), meta::encode_volume(record));
  TP_TRY(VolumeEntryPtr entry, make_volume_entry(std::move(record)));
  txn_.after_commit([&core = core_, entry = std::move(entry)] { core.volumes.put(entry); });
  return ok;
}

}  // namespace tp::plane
