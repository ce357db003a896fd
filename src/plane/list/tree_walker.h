// TreeWalker: goes through the names of a volume depth first, which is S3's key order (docs/formats/records.md,
// names). It stands on one name at a time: a file, or a directory whose inside has not been entered. Getting anywhere
// costs one engine seek per level that changes, whatever lies between. Invariant: path() is the whole key of the
// current name, with '/' at its end if it is a directory. Owner: one reading call; not longer than its view.
// Blocking.
#pragma once

#include <memory>
#include <vector>

#include "base/ids.h"
#include "meta/record_source.h"

namespace tp::plane {

class TreeWalker {
 public:
  /// Stands nowhere until the first seek().
  TreeWalker(meta::ReadView& view, InodeId root);

  /// To the first name at or after `target`. A directory on the way to `target` is entered, so that every key >= target
  /// and none before it is still to come. After an error the walker must not be used.
  Result<void> seek(BytesView target);
  /// To the name after the current one; past everything under it if it is a directory.
  Result<void> next();
  /// Into the current directory, to its first name; past it if it is empty.
  Result<void> descend();

  /// False past the last name.
  bool valid() const { return valid_; }
  BytesView path() const { return path_; }
  /// The key of the name record.
  BytesView record_key() const { return iterator().key(); }
  InodeId inode() const { return inode_; }
  /// NameRecord::listed of the current name.
  BytesView listed() const { return listed_; }
  bool directory() const { return directory_; }
  /// A directory that exists only because of the keys under it, of which there is at least one.
  bool implicit() const { return implicit_; }
  InodeId parent() const { return levels_.back().inode; }

 private:
  /// Iterators are kept for this many levels; deeper levels share the last one and seek again on the way up.
  static constexpr size_t kIteratorsKept = 16;
  struct Level {
    InodeId inode;
    size_t path_size;  // of the directory's own path
  };

  static size_t slot(size_t depth) { return depth < kIteratorsKept ? depth : kIteratorsKept - 1; }
  kv::Iterator& iterator() const { return *iterators_[slot(levels_.size() - 1)]; }
  void push(InodeId inode);
  /// Of a snapshot or a clone each serves one directory: beyond its names there may be very many that have come since.
  std::unique_ptr<kv::Iterator> make_iterator(InodeId inode, bool bounded);
  /// Seeks the top level's iterator to the first name >= `name` in its directory.
  void seek_in_level(BytesView name);
  /// Takes up what the top level's iterator stands on, going up where a directory has ended.
  Result<void> settle();
  Result<bool> take_entry();
  Result<void> leave_level();

  meta::ReadView& view_;
  std::vector<std::unique_ptr<kv::Iterator>> iterators_;
  std::vector<Level> levels_;  // never empty
  Bytes path_;
  Bytes target_;               // scratch of seek_in_level
  InodeId inode_;
  Bytes listed_;
  bool directory_ = false;
  bool implicit_ = false;
  bool valid_ = false;
};

}  // namespace tp::plane
