// What ids of files say where snapshots are shown as files (docs/snapshots.md): every directory of a volume has a
// directory ".snapshot", which no listing shows and which holds the directory as it was in each snapshot.
#pragma once

#include "plane/file_types.h"

namespace tp::plane {

inline constexpr std::string_view kSnapshotDirectoryName = ".snapshot";

// Ids of volumes that no volume has: of snapshots, and of the ".snapshot" directories of a volume.
inline constexpr uint64_t kSnapshotVolumeBit = uint64_t{1} << 63;
inline constexpr uint64_t kSnapshotListBit = uint64_t{1} << 62;

/// Whether the id is a volume's own: neither a snapshot nor a ".snapshot".
constexpr bool is_live_volume(VolumeId volume) {
  return (volume.value & (kSnapshotVolumeBit | kSnapshotListBit)) == 0;
}

/// Of ".snapshot" directories.
constexpr bool is_snapshot_list(VolumeId volume) {
  return (volume.value & (kSnapshotVolumeBit | kSnapshotListBit)) == kSnapshotListBit;
}
constexpr VolumeId live_volume_of_list(VolumeId list) {
  return VolumeId(list.value & ~kSnapshotListBit);
}
/// The ".snapshot" of a directory of a volume, and back.
constexpr FileId snapshot_list_of(FileId directory) {
  return {VolumeId(directory.volume.value | kSnapshotListBit), directory.inode};
}
constexpr FileId directory_of_snapshot_list(FileId list) {
  return {live_volume_of_list(list.volume), list.inode};
}

// What clients tell files apart by: a snapshot is a file system of its own, a ".snapshot" a directory of its volume.
constexpr uint64_t shown_file_system(FileId file) {
  return is_snapshot_list(file.volume) ? live_volume_of_list(file.volume).value : file.volume.value;
}
constexpr uint64_t shown_file_number(FileId file) {
  return is_snapshot_list(file.volume) ? file.inode.value | kSnapshotListBit : file.inode.value;
}

}  // namespace tp::plane
