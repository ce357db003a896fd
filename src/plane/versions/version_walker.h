// VersionWalker: goes through all versions of all keys of a volume in the order of ListObjectVersions: keys ascending,
// under each the current object and then the others, newest first. Merges the tree (TreeWalker) with Space::kVersions.
// Owner: one reading call; not longer than its view, which sees one point in time. Blocking.
#pragma once

#include <memory>
#include <optional>

#include "meta/listed_inode.h"
#include "meta/versions/version_record.h"
#include "plane/list/tree_walker.h"

namespace tp::plane {

class VersionWalker {
 public:
  /// Stands nowhere until the first seek(). `volume` outlives it.
  VersionWalker(meta::ReadView& view, const meta::VolumeRecord& volume);

  /// To the first version of the first key >= target.
  Result<void> seek(BytesView target);
  /// To what comes after this version of `key`, there or not. 0: the null version.
  Result<void> seek_after(BytesView key, uint64_t number);
  Result<void> next();

  bool valid() const { return current_ || at_.has_value(); }
  BytesView key() const { return current_ ? tree_.path() : BytesView(at_->object_key); }
  /// The current object; else entry() is what it stands on.
  bool current() const { return current_; }
  bool delete_marker() const { return !current_ && entry_.delete_marker(); }
  const meta::VersionRecord& entry() const { return entry_; }
  /// What a read of the key without a version comes to.
  bool latest() const { return current_ || (first_ && entry_.delete_marker()); }
  /// Zero: a delete marker.
  InodeId inode() const { return current_ ? tree_.inode() : entry_.inode; }
  /// What a listing shows of an object.
  Result<meta::ListedInode> listed();
  /// 0: the null version. Not of a current object: that is in listed().
  uint64_t kept_number() const { return entry_.null_version ? 0 : at_->order; }

 private:
  /// From where the tree's walker stands to the next file; and from the iterator's place to the next version.
  Result<void> settle_tree();
  Result<void> settle_kept();
  void choose();
  /// Where in Space::kVersions to go on after this version of the key.
  Result<Bytes> kept_after(BytesView key, uint64_t number);

  meta::ReadView& view_;
  const meta::VolumeRecord& volume_;
  TreeWalker tree_;
  std::unique_ptr<kv::Iterator> kept_;
  std::optional<meta::VersionKeyParts> at_;  // of kept_; nothing at the end
  meta::VersionRecord entry_;
  bool tree_valid_ = false;
  bool current_ = false;
  bool first_ = false;  // of its key
  Bytes passed_;        // the key that it stood on before
  bool has_passed_ = false;
};

}  // namespace tp::plane
