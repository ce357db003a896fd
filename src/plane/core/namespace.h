// Namespace: one transaction's work on one volume's tree: names, directories that come and go, inodes, blob references,
// counters, journal. All changes of the tree are made of these steps, so the invariants live here:
//  - live_children of a directory = its files + its directories that have live_children themselves;
//  - an implicit directory has live children, or is gone;
//  - a blob's references = the extents (of inodes and of upload parts) that name it; at 0 its records go with the
//  change;
//  - counters say what is there. A volume without counters record does not exist.
// Shard thread only; made inside Core::change.
#pragma once

#include <optional>
#include <vector>

#include "meta/txn.h"
#include "plane/core/core.h"

namespace tp::plane {

class Namespace {
 public:
  /// An object that was found, or where one may be put.
  struct Object {
    InodeId parent;
    InodeId inode;
    meta::InodeRecord record;
  };

  /// kNotFound with Reason::kNoSuchVolume if the volume is gone (by id: one made anew under its name is another).
  /// `volume` outlives it.
  static Result<Namespace> open(Core& core, meta::Txn& txn, const meta::VolumeRecord& volume);
  Namespace(Namespace&&) = default;

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
  /// Takes the name away and drops the inode. Counts.
  Result<void> remove_object(BytesView key, const Object& object);
  /// Writes a changed record of the same inode (tags, ACL, append).
  void update_object(const Object& object);

  /// Moves the name of an object; `old_target` (what was at `to`) is dropped.
  Result<void> move_object(BytesView from, BytesView to, Object object, const std::optional<Object>& old_target);
  /// Moves a directory's name with all below it. `from`, `to` end in '/'. kNotFound, kNotEmpty, kInvalidArgument (into
  /// itself). The caller outdates cached paths (volume generation).
  Result<void> move_directory(BytesView from, BytesView to);

  /// Records of a blob that is new; with one reference unless add_reference() follows.
  void put_blob(const blob::BlobRecord& blob);
  /// Of a hole (blob 0): nothing to do.
  Result<void> add_reference(BlobId blob);
  /// The length of the blob if that was its last reference, else 0.
  Result<uint64_t> drop_reference(BlobId blob);
  void put_extent(InodeId inode, const meta::Extent& extent);
  void put_small_data(InodeId inode, BytesView data);
  void erase_small_data(InodeId inode);
  Result<std::vector<meta::Extent>> extents(InodeId inode);
  /// Erases inode, small data and extents; drops their references.
  Result<void> drop_inode(InodeId inode, const meta::InodeRecord& record);

  void journal(meta::ChangeKind kind, BytesView key, InodeId inode, uint64_t size_bytes, BytesView new_key = {});
  /// Cached lookups of `key` end before the caller resumes.
  void outdate(BytesView key);

  /// Last step: writes the counters and arranges what follows the commit (caches, dead blobs). The one place where
  /// quotas hold: kNoSpace with Reason::kQuota if the change makes the volume larger and then it is over its quota.
  [[nodiscard]] Result<void> finish();

 private:
  Result<void> check_quota() const;
  /// The file's inode, and its name with what a listing shows of it. record.parent and record.name say where.
  void write_file(InodeId inode, const meta::InodeRecord& record);
  Namespace(Core& core, meta::Txn& txn, const meta::VolumeRecord& volume, meta::VolumeCounters counters)
      : core_(core), txn_(txn), volume_(volume), before_(counters), counters_(counters) {}

  Result<std::optional<InodeId>> child_directory(InodeId parent, BytesView name);
  /// Erases an empty directory that stands where another is moved to. kNotEmpty.
  Result<void> make_way_for_directory(BytesView to);
  Result<uint64_t> references(BlobId blob);
  /// The directory of `key`'s last segment, made where missing.
  Result<InodeId> make_directories(BytesView path);
  Result<InodeId> make_directory(InodeId parent, BytesView name);
  Result<meta::InodeRecord> directory_record(InodeId directory);
  /// One live child more or less; on 0 <-> 1 the parents are told; an implicit directory vanishes at 0.
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
  const meta::VolumeRecord& volume_;
  meta::VolumeCounters before_;
  meta::VolumeCounters counters_;
  std::vector<blob::BlobRecord> dead_;
  std::vector<Bytes> outdated_;
  std::vector<DirectoryNews> directories_;
  std::vector<InodeId> changed_, dropped_;  // for the open files, once this is durable
};

/// kPreconditionFailed, or kNotFound with kNoSuchKey where If-Match names a key that is gone. `record` null: nothing
/// is there.
Result<void> check_conditions(const WriteConditions& conditions, const meta::InodeRecord* record);
/// Whether `etag` is named by a comma-separated list of (quoted, weak) tags, or the list is "*".
bool etag_listed(std::string_view list, std::string_view etag);

}  // namespace tp::plane
