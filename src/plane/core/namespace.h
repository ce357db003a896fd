// Namespace: one transaction's work on one volume's tree: names, directories that come and go, inodes, blob references,
// counters, journal. All changes of the tree are made of these steps, so the invariants live here:
//  - live_children of a directory = its files + its directories that have live_children themselves;
//  - an implicit directory has live children, or is gone; what is above an explicit one is explicit;
//  - a directory's times and links move with its entries; `changed` of an inode grows with every change of it;
//  - a file's record knows all its names. If it has one, that name's `listed` is right; if more, theirs are empty;
//  - a file that loses its last name while it is kept (PinTable) becomes an orphan: a record says so until it goes;
//  - a blob's references = the extents (of inodes and of upload parts) that name it; at 0 its records go with the
//  change;
//  - counters say what is there. A volume without counters record does not exist;
//  - where the volume keeps versions, what leaves a key by a change without a version becomes a record of
//    Space::kVersions: it has no name any more (links 0, `superseded` set) and nothing but that record leads to it.
// Shard thread only; made inside Core::change.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "meta/txn.h"
#include "meta/versions/version_record.h"
#include "plane/core/core.h"

namespace tp::plane {

class Namespace {
 public:
  /// A file that was found by this name.
  struct Object {
    InodeId parent;
    InodeId inode;
    meta::InodeRecord record;
    Bytes name;
  };

  /// kNotFound with Reason::kNoSuchVolume if the volume is gone (by id: one made anew under its name is another);
  /// kPermissionDenied with kReadOnlyVolume for a cache volume: it has no tree.
  /// From here on the transaction reads and writes this volume's records (Txn::enter). Where it opens several, the last
  /// one is the one it changes; of the others it reads before that, or through meta::TxnView. A snapshot can be opened
  /// and read. `volume` outlives it.
  static Result<Namespace> open(Core& core, meta::Txn& txn, const VolumeEntry& volume);
  Namespace(Namespace&&) = default;

  Core& core() { return core_; }
  meta::Txn& txn() { return txn_; }
  const meta::VolumeRecord& volume() const { return volume_; }
  /// Changes are written by finish().
  meta::VolumeCounters& counters() { return counters_; }

  /// The object at `key`.
  Result<std::optional<Object>> find(BytesView key);
  /// The directory `path` (ending in '/', or "" for the root) leads to.
  Result<std::optional<InodeId>> find_directory(BytesView path);

  /// Makes `key` lead to `inode`, whose record is written with its parent and name filled in; directories on the way
  /// are made. `old`, what find() said, is dropped. Counts objects and bytes.
  Result<void> put_object(BytesView key, InodeId inode, meta::InodeRecord& record, const std::optional<Object>& old);
  /// Takes the name away and what it leads to, unless that has other names or is kept. Counts.
  Result<void> remove_object(BytesView key, const Object& object);
  /// Writes a changed record (see touch()) of a file, directory or orphan: listings show it, cached lookups by any of
  /// its names end, the journal says kObjectChanged.
  Result<void> update(InodeId inode, const meta::InodeRecord& record);
  /// The same where the file's bytes lie elsewhere now and nothing else has changed: nobody but caches is told.
  Result<void> update_places(InodeId inode, const meta::InodeRecord& record);

  /// Moves the name of an object; `old_target` (what was at `to`) is dropped.
  Result<void> move_object(BytesView from, BytesView to, Object object, const std::optional<Object>& old_target);
  /// Moves a directory's name with all below it. `from`, `to` end in '/'. kNotFound, kNotEmpty, kInvalidArgument (into
  /// itself). The caller calls next_generation().
  Result<void> move_directory(BytesView from, BytesView to);

  // Versions (namespace_versions.cc; docs/formats/records.md, versions).
  /// One version of a key: the current object, an earlier one, or a delete marker.
  struct Version {
    bool current = false;
    Object object;               // inode zero: a delete marker; parent and name: of the current one alone
    meta::VersionRecord entry;   // of one that is not current
    uint64_t order = 0;          // its place in Space::kVersions, of one that is not current
    bool delete_marker() const { return !object.inode; }
    /// What version_text() shows; 0: the null version.
    uint64_t number() const {
      if (current) return object.record.version;
      return entry.null_version ? 0 : order;
    }
  };
  /// What holds for this change, whatever was read before it began.
  meta::Versioning versioning() const;
  /// 0: the null version.
  Result<std::optional<Version>> find_version(BytesView key, uint64_t number);
  /// The newest that is not the current object.
  Result<std::optional<Version>> newest_kept(BytesView key);
  /// A DELETE without a version: `object`, what find() said, becomes an earlier version and a delete marker takes its
  /// place; without versions it goes. The marker is `owner`'s. Journals, counts.
  Result<DeleteResult> remove_current(BytesView key, const std::optional<Object>& object, const std::string& owner);
  /// This version goes for good; if it was the latest, the next one below it is the current object again unless it is
  /// a delete marker. The caller has asked whether a lock allows it. Journals, counts.
  Result<void> remove_version(BytesView key, const Version& version);
  /// Writes the changed record of version.object (see touch()), current or not. Journals.
  Result<void> update_version(BytesView key, const Version& version);
  /// The id of what the record is a version of, as PutResult::version has it.
  std::string shown_version(const meta::InodeRecord& record) const;

  // The same by inode and stored name, for file protocols (namespace_files.cc). None of these journals.
  /// kNotFound with Reason::kStale; kNotDirectory.
  Result<meta::InodeRecord> directory(InodeId inode);
  /// kNotFound with Reason::kStale.
  Result<meta::InodeRecord> inode(InodeId inode);
  Result<std::optional<Object>> find_file(InodeId parent, BytesView name);
  Result<std::optional<InodeId>> child_directory(InodeId parent, BytesView name);
  /// What the keys of all below begin with: "a/b/"; "" for the root. kStale if it does not lead to the root.
  Result<Bytes> path_of(InodeId directory);
  Result<bool> is_empty(InodeId directory);
  /// A new file; `record` gets its parent and name.
  Result<void> add_file(InodeId parent, BytesView name, InodeId inode, meta::InodeRecord& record);
  /// A new explicit directory.
  Result<void> add_directory(InodeId parent, BytesView name, InodeId inode, meta::InodeRecord& record);
  /// A further name.
  Result<void> add_link(InodeId parent, BytesView name, InodeId inode, meta::InodeRecord record);
  /// As remove_object(), but the directory stays though it be implicit.
  Result<void> remove_file(const Object& object);
  /// The caller has made sure that it is empty.
  Result<void> remove_directory(InodeId directory, const meta::InodeRecord& record);
  /// `old_target`: the file that is at `name`, which goes. The directory that the file leaves stays.
  Result<void> move_file(Object object, InodeId parent, BytesView name, const std::optional<Object>& old_target);
  /// To a name that is free. The caller calls next_generation() and has made sure that it does not go into itself.
  Result<void> move_directory(InodeId directory, InodeId parent, BytesView name);
  /// A file protocol takes an entry out: what it empties stays, as a directory does there.
  Result<void> stay_when_emptied(InodeId directory);
  /// The directory and all above it stay though they lose their last child.
  Result<void> make_explicit(InodeId directory);
  /// Frees an orphan that is not kept any more; false if it is no orphan, or kept.
  Result<bool> reap(InodeId inode);
  /// Frees an orphan, kept or not.
  Result<void> drop_orphan(InodeId inode);
  /// Every path below a directory has changed: the volume's next generation outdates all that is cached by path.
  Result<void> next_generation();

  /// Records of a blob that is new; with one reference unless add_reference() follows.
  void put_blob(const blob::BlobRecord& blob);
  /// References are those of extent records, wherever they are: of inodes, in overlays, in histories, of parts. Whoever
  /// puts one adds its reference; cut_extent() and drop_inode() alone take records away. Of a hole (blob 0): nothing to
  /// do.
  Result<void> add_reference(BlobId blob);
  /// The length of the blob if that was its last reference, else 0.
  Result<uint64_t> drop_reference(BlobId blob);
  /// At an offset where there is none.
  void put_extent(InodeId inode, const meta::Extent& extent);
  /// The extent `old` makes way for `pieces` of itself (none, or up to two), with the references: what a snapshot keeps
  /// of it, and what is a clone's base's, keeps its own. Returns what drop_reference() does.
  Result<uint64_t> cut_extent(InodeId inode, const meta::Extent& old, std::span<const meta::Extent> pieces);
  /// The bytes of `from` become those of `to`, a new inode with this record, too: small ones are written again, blobs
  /// get one more reference.
  Result<void> share_data(InodeId from, InodeId to, const meta::InodeRecord& record);
  /// Of another volume's inode, or a snapshot's: meta::TxnView.
  Result<void> share_data(meta::RecordSource& source, InodeId from, InodeId to, const meta::InodeRecord& record);
  void put_small_data(InodeId inode, BytesView data);
  void erase_small_data(InodeId inode);
  Result<std::vector<meta::Extent>> extents(InodeId inode);

  void journal(meta::ChangeKind kind, BytesView key, InodeId inode, uint64_t size_bytes, BytesView new_key = {});
  /// Cached lookups of `key` end before the caller resumes.
  void outdate(BytesView key);

  /// Last step: writes the counters and arranges what follows the commit (caches, dead blobs). The one place where
  /// quotas hold: kNoSpace with Reason::kQuota if the change makes the volume larger and then it is over its quota.
  [[nodiscard]] Result<void> finish();

 private:
  Result<void> check_quota() const;
  Namespace(Core& core, meta::Txn& txn, const VolumeEntry& volume, meta::VolumeCounters counters)
      : core_(core), txn_(txn), volume_(volume), before_(counters), counters_(counters) {}

  void write_inode(InodeId inode, const meta::InodeRecord& record);
  void write_directory_name(InodeId inode, const meta::InodeRecord& record);
  /// The file's inode and, if it has one name, that name with what a listing shows of it.
  void write_file(InodeId inode, const meta::InodeRecord& record);
  /// A name of a file that has several.
  void write_link(const meta::LinkName& name, InodeId inode);
  /// Cached lookups by all names of the file end.
  Result<void> outdate_names(const meta::InodeRecord& record);
  /// The inode loses this name, whose record the caller erases or overwrites: it goes if that was the last one, or
  /// becomes an orphan if it is kept.
  Result<void> drop_name(const Object& object);
  // Versions.
  /// remove_object() but for the delete marker.
  Result<void> take_away(BytesView key, const Object& object);
  /// What stops being at `key`: as drop_name(), or it becomes an earlier version.
  Result<void> leave_key(BytesView key, const Object& object);
  /// What begins to be at `key` gets its number; a null version below it goes where it is itself one.
  Result<void> enter_key(BytesView key, meta::InodeRecord& record);
  /// The object at `key` was moved away: a delete marker stands for it if there are earlier versions.
  Result<void> mark_moved(BytesView key, const std::string& owner);
  Result<void> supersede(BytesView key, const Object& object);
  /// A file that keeps other names: what becomes the version is an inode of its own with the same bytes.
  Result<Object> split_off(const Object& object);
  Result<uint64_t> put_delete_marker(BytesView key, const std::string& owner);
  void put_version(BytesView key, uint64_t order, const meta::VersionRecord& entry);
  Result<void> drop_version(BytesView key, const Version& version);
  Result<void> drop_null_version(BytesView key);
  Result<Version> load_version(BytesView entry_value, uint64_t order);
  /// It becomes the current object, in `directory`, where its name is in use or (zero) free.
  Result<void> restore(BytesView key, Version version, InodeId directory);

  /// Erases inode, small data and extents; drops their references. Where a snapshot sees the inode as it is, all but
  /// the inode's own record stays. Counts the bytes.
  Result<void> drop_inode(InodeId inode, const meta::InodeRecord& record);
  Result<void> drop_records(InodeId inode, const meta::InodeRecord& record);
  /// The name `from` of the file becomes `to`.
  Result<void> rename_file(Object object, const meta::LinkName& to);

  /// Erases an empty directory that stands where another is moved to. kNotEmpty.
  Result<void> make_way_for_directory(BytesView to);
  Result<uint64_t> references(BlobId blob);
  /// The directory of `key`'s last segment, made where missing.
  Result<InodeId> make_directories(BytesView path);
  Result<InodeId> make_directory(InodeId parent, BytesView name);
  Result<meta::InodeRecord> directory_record(InodeId directory);
  /// An entry of the directory comes, goes or leads elsewhere: its times, and its links by so many directories.
  Result<void> touch_directory(InodeId directory, int directories);
  /// One file more or less; on 0 <-> 1 live children the parents are told; an implicit directory vanishes at 0.
  Result<void> add_live_child(InodeId directory);
  Result<void> drop_live_child(InodeId directory);
  void remember_directory(InodeId parent, BytesView name, InodeId directory);
  void forget_directory(InodeId parent, BytesView name);
  /// For the directory cache, once this is durable; no inode: it is gone.
  struct DirectoryNews {
    InodeId parent;
    Bytes name;
    InodeId directory;
  };

  Core& core_;
  meta::Txn& txn_;
  const VolumeEntry& volume_;
  meta::VolumeCounters before_;
  meta::VolumeCounters counters_;
  mutable std::optional<meta::Versioning> versioning_;  // once it was asked for
  std::vector<blob::BlobRecord> dead_;
  std::vector<Bytes> outdated_;
  std::vector<DirectoryNews> directories_;
  std::vector<InodeId> changed_, dropped_;  // for the open files, once this is durable
};

/// The inode changes now: `changed` grows whatever the clock says.
void touch(meta::InodeRecord& record, rt::Nanos now);
/// What counts as a file's bytes: not its holes.
uint64_t counted_bytes(const meta::InodeRecord& record);

/// kPreconditionFailed, or kNotFound with kNoSuchKey where If-Match names a key that is gone. `record` null: nothing
/// is there.
Result<void> check_conditions(const WriteConditions& conditions, const meta::InodeRecord* record);
/// Whether `etag` is named by a comma-separated list of (quoted, weak) tags, or the list is "*".
bool etag_listed(std::string_view list, std::string_view etag);

}  // namespace tp::plane
