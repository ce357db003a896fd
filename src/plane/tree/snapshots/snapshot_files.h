// SnapshotFiles: what Files says of ".snapshot" directories, and of opens in snapshots. An entry of a ".snapshot" is
// the directory itself, as it was and where it then stood. Any loop.
#pragma once

#include <mutex>
#include <unordered_map>
#include <vector>

#include "meta/snapshot_record.h"
#include "plane/core/core.h"
#include "plane/files.h"

namespace tp::plane {

/// kPermissionDenied with Reason::kReadOnlyVolume: what is answered to whoever would change a snapshot.
std::unexpected<Error> snapshots_are_read_only();

class SnapshotFiles {
 public:
  SnapshotFiles(Core& core, Files& files) : core_(core), files_(files) {}

  /// As the directory's, but that nobody writes it; it changes when snapshots come or go.
  Task<FileAttributes> attributes(FileId list);
  /// kNotFound unless the directory was there in that snapshot.
  Task<FileAttributes> lookup(FileCaller caller, FileId list, Bytes name);
  /// The snapshots in which the directory was there, the oldest first.
  Task<DirectoryPage> read_directory(FileCaller caller, FileId list, uint64_t cookie, uint32_t max_entries);
  /// The ".snapshot" of a directory of a volume.
  Task<FileAttributes> enter(FileCaller caller, FileId directory);

  /// In a ".snapshot" or in a snapshot: of a file that is there, for reading.
  Task<FileAttributes> open(FileCaller caller, FileId directory, Bytes name, OpenRequest request);
  Task<FileAttributes> open_file(FileCaller caller, FileId file, uint32_t permissions);
  /// As full as it can be.
  Result<SpaceStatus> space(const VolumeEntry& snapshot) const;

 private:
  struct Seen {
    uint64_t fingerprint = 0;
    rt::Nanos changed = 0;
  };

  Task<FileAttributes> directory_of(FileId list);
  /// When the list of snapshots last became another, as far as anybody was told.
  rt::Nanos changed_at(VolumeId volume, const std::vector<meta::SnapshotRecord>& records);
  FileAttributes shown(const FileAttributes& directory, const std::vector<meta::SnapshotRecord>& records);

  Core& core_;
  Files& files_;
  std::mutex mutex_;
  std::unordered_map<VolumeId, Seen> seen_;
};

}  // namespace tp::plane
