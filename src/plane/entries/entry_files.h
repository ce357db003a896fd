// EntryFiles: entries of cache volumes as files and directories, for file protocols: what Files says of them. A
// directory is what keys have before a '/'; one that is known stays, though all in it go: it is empty then. Any loop.
#pragma once

#include "plane/core/core.h"
#include "plane/entries/entry_paths.h"
#include "plane/entries/entry_source.h"
#include "plane/files.h"

namespace tp::plane {

class EntryFiles {
 public:
  EntryFiles(Core& core, const HashKey& key) : core_(core), paths_(key) {}

  /// kNotFound with Reason::kStale: it has gone, or its id is not known any more.
  Task<FileAttributes> attributes(VolumeEntryPtr volume, InodeId inode);
  Task<FileAttributes> lookup(VolumeEntryPtr volume, FileCaller caller, InodeId directory, Bytes name);
  Task<DirectoryPage> read_directory(VolumeEntryPtr volume, FileCaller caller, InodeId directory, uint64_t cookie,
                                     uint32_t max_entries);
  Task<ReadResult> read(VolumeEntryPtr volume, FileCaller caller, InodeId inode, uint64_t offset, uint32_t max_bytes,
                        AccessCheck check);
  /// By name, or by id if there is none: of a file, to be read.
  Task<FileAttributes> open(VolumeEntryPtr volume, FileCaller caller, InodeId at, std::optional<Bytes> name,
                            OpenRequest request);
  Task<Files::Sought> seek(VolumeEntryPtr volume, InodeId inode, uint64_t offset, bool data);

 private:
  using Path = EntryPaths::Path;

  Result<Path> path_of(const VolumeEntry& volume, InodeId inode);
  Result<Path> directory_of(const VolumeEntry& volume, const FileCaller& caller, InodeId inode);
  FileAttributes directory_attributes(const VolumeEntry& volume, const Path& path);
  FileAttributes file_attributes(const VolumeEntry& volume, const SourceEntry& entry);
  FileAttributes shown(const VolumeEntry& volume, InodeId inode, const meta::InodeRecord& record);
  /// The path that a name in a directory stands for; kNotFound.
  Task<Path> resolve(VolumeEntryPtr volume, Bytes directory, Bytes name);
  /// What a page begins after.
  Task<ListQuery> page_start(VolumeEntryPtr volume, Bytes directory, uint64_t cookie);
  Task<bool> beside(VolumeEntryPtr volume, const SourcePage* page, size_t index);

  Core& core_;
  EntryPaths paths_;
};

}  // namespace tp::plane
