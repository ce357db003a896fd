// What all changes of a directory's entries share, inside their transaction.
#pragma once

#include "plane/tree/names/entry.h"
#include "plane/tree/permissions.h"

namespace tp::plane {

/// One caller's change inside one transaction. Invariant: what it makes is counted, journaled and told to caches by
/// Namespace. Made in Core::change.
class DirectoryChange {
 public:
  DirectoryChange(Core& core, Namespace& names, const FileCaller& caller)
      : core_(core), names_(names), caller_(caller) {}

  Namespace& names() { return names_; }
  const FileCaller& caller() const { return caller_; }

  FileAttributes attributes(InodeId inode, const meta::InodeRecord& record) const;
  FileAttributes attributes(const Entry& entry) const { return attributes(entry.inode, entry.record); }

  /// The directory as it is, once the caller may search it: kStale, kNotDirectory, kAccessDenied.
  Result<FileAttributes> enter(InodeId directory);
  Result<std::optional<Entry>> find(InodeId directory, BytesView shown);
  Result<Entry> require(InodeId directory, BytesView shown);

  struct NewInode {
    InodeId inode;
    meta::InodeRecord record;
  };
  /// A new record with owner, mode and times, where the caller may make `name`: kInvalidName, kNameTooLong,
  /// kAccessDenied, kNotOwner.
  Result<NewInode> start(const FileAttributes& directory, BytesView name, meta::InodeType type, uint32_t default_mode,
                         const SetAttributes& set);
  /// The file gets its name.
  Result<void> add(const FileAttributes& directory, BytesView name, NewInode& made);

  /// The directory around the change.
  Result<FileChange> around(const FileAttributes& before);

 private:
  Core& core_;
  Namespace& names_;
  const FileCaller& caller_;
};

}  // namespace tp::plane
