// FilesImpl: Files over one shard and one blob store. Operations on names and attributes are in tree/, one a file;
// those on bytes are in content/.
#pragma once

#include "plane/core/core.h"
#include "plane/entries/entry_files.h"
#include "plane/files.h"
#include "plane/tree/listing/directory_cursors.h"
#include "plane/tree/snapshots/snapshot_files.h"

namespace tp::plane {

class FilesImpl final : public Files {
 public:
  explicit FilesImpl(Core& core);

  Result<FileCaller> admit(const ClaimedIdentity& claimed, VolumeId volume) override;
  Result<FileId> root(std::string_view volume) override;
  Result<bool> read_only(VolumeId volume) override;
  Task<SpaceStatus> space(FileId file) override;
  Task<FileAttributes> attributes(FileId file) override;
  Task<uint32_t> access(FileCaller caller, FileId file, uint32_t wanted) override;
  Task<FileChange> set_attributes(FileCaller caller, FileId file, SetAttributes set, std::optional<rt::Nanos> guard,
                                  AccessCheck check) override;
  Task<FileAttributes> lookup(FileCaller caller, FileId directory, Bytes name) override;
  Task<FileAttributes> parent(FileCaller caller, FileId directory) override;
  Task<Bytes> read_link(FileCaller caller, FileId link) override;
  Task<Created> create(FileCaller caller, FileId directory, Bytes name, CreateRequest request) override;
  Task<Created> make_directory(FileCaller caller, FileId directory, Bytes name, SetAttributes set) override;
  Task<Created> make_link(FileCaller caller, FileId directory, Bytes name, Bytes target, SetAttributes set) override;
  Task<Created> make_node(FileCaller caller, FileId directory, Bytes name, meta::InodeType type, uint64_t device,
                          SetAttributes set) override;
  Task<FileChange> remove(FileCaller caller, FileId directory, Bytes name) override;
  Task<FileChange> remove_directory(FileCaller caller, FileId directory, Bytes name) override;
  Task<Renamed> rename(FileCaller caller, FileId from_directory, Bytes from, FileId to_directory, Bytes to) override;
  Task<FileChange> link(FileCaller caller, FileId file, FileId directory, Bytes name) override;
  Task<DirectoryPage> read_directory(FileCaller caller, FileId directory, uint64_t cookie, uint32_t max_entries,
                                     bool with_attributes) override;
  Task<Opened> open(FileCaller caller, FileId directory, Bytes name, OpenRequest request) override;
  Task<Opened> open_file(FileCaller caller, FileId file, uint32_t permissions) override;
  void unpin(FileId file) override;
  Task<void> end_of_grace() override;
  Task<ReadResult> read(FileCaller caller, FileId file, uint64_t offset, uint32_t max_bytes,
                        AccessCheck check) override;
  Task<WriteResult> write(FileCaller caller, FileId file, uint64_t offset, Payload data, Stability stability,
                          AccessCheck check) override;
  Task<FileChange> commit(FileId file) override;
  uint64_t write_verifier() const override;
  Task<FileChange> allocate(FileCaller caller, FileId file, uint64_t offset, uint64_t size_bytes,
                            AccessCheck check) override;
  Task<FileChange> deallocate(FileCaller caller, FileId file, uint64_t offset, uint64_t size_bytes,
                              AccessCheck check) override;
  Task<Sought> seek(FileId file, uint64_t offset, bool data) override;
  Task<uint64_t> copy_range(FileCaller caller, FileId source, uint64_t source_offset, FileId target,
                            uint64_t target_offset, uint64_t size_bytes, AccessCheck check) override;
  Task<void> clone_range(FileCaller caller, FileId source, uint64_t source_offset, FileId target,
                         uint64_t target_offset, uint64_t size_bytes, AccessCheck check) override;
  Task<Bytes> attribute(FileCaller caller, FileId file, std::string name) override;
  Task<FileChange> set_attribute(FileCaller caller, FileId file, FileAttribute attribute, AttributeMode mode) override;
  Task<FileChange> remove_attribute(FileCaller caller, FileId file, std::string name) override;
  Task<std::vector<std::string>> attributes_list(FileCaller caller, FileId file) override;
  Task<std::optional<Bytes>> note(std::string name) override;
  Task<void> set_note(std::string name, std::optional<Bytes> value) override;
  Task<std::vector<std::pair<std::string, Bytes>>> notes(std::string prefix) override;

  // Within the plane.
  /// What was written to the file so far is durable and in its records: before a transaction that works on its bytes.
  /// If `coming_size_bytes` is more than small data may have, such data is moved to extents, too: what resize() needs.
  Task<void> flush(FileId file, uint64_t coming_size_bytes = 0);

 private:
  Core& core_;
  DirectoryCursors cursors_;
  EntryFiles entries_;  // what files of cache volumes are
  SnapshotFiles snapshots_{core_, *this};
};

}  // namespace tp::plane
