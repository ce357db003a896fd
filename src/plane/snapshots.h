// Snapshots: volumes as they were. Taking one is O(1): history is written by the first change of each record after it.
// Each snapshot is a read-only volume of its own for readers ("NAME@SNAPSHOT" by name, its own VolumeId in file
// handles); a clone is a volume that can be written and begins as a snapshot. Rights: root and the volume's owner.
// Spec: docs/snapshots.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "meta/snapshot_record.h"
#include "plane/caller.h"
#include "plane/volume.h"
#include "rt/task.h"

namespace tp::plane {

struct SnapshotInfo {
  std::string volume;
  meta::SnapshotRecord record;
  uint64_t held_bytes = 0;    // only it (and older ones) keep; what listing counts, 0 where not asked for
};

enum class DifferenceKind : uint8_t { kCreated = 1, kRemoved = 2, kChanged = 3, kRenamed = 4 };
struct Difference {
  DifferenceKind kind = DifferenceKind::kChanged;
  std::string key;            // ends in '/' for a directory
  std::string new_key;        // of kRenamed
  uint64_t size_bytes = 0;    // now; of what was removed: then
};
struct DifferencePage {
  std::vector<Difference> differences;
  std::string next;           // where to go on; "" at the end
};

struct RestoreReport {
  uint64_t restored = 0, removed = 0, unchanged = 0;  // files
};

class Snapshots {
 public:
  virtual ~Snapshots() = default;

  /// Of one volume, or of several at one instant (one transaction). Bytes that files have uncommitted are committed
  /// first. kAlreadyExists; kInvalidArgument for a name (1..128 of letters, digits, '-', '_', '.', not leading '.').
  /// `schedule`: see SnapshotRecord.
  virtual Task<std::vector<SnapshotInfo>> create(Caller caller, std::vector<std::string> volumes, std::string name,
                                                 std::string schedule = {}) = 0;
  /// Oldest first.
  virtual Task<std::vector<SnapshotInfo>> list(Caller caller, std::string volume) = 0;
  /// Gone when it returns; what only it held is freed in the background. kConflict while it has clones.
  virtual Task<void> remove(Caller caller, std::string volume, std::string name) = 0;
  /// What changed from `from` to `to` ("" = now), in no particular order, in time proportional to the change.
  virtual Task<DifferencePage> diff(Caller caller, std::string volume, std::string from, std::string to,
                                    std::string after, uint32_t max_entries) = 0;
  /// Makes everything under `path` ("" = all; "a/b/" = a directory; else a file) as it was in the snapshot, to which it
  /// may be put under another path with `target`. Moves no data; in bounded transactions, so that others may see it
  /// under way; run again after a crash it goes on. Locked versions stay: kPermissionDenied names the first.
  virtual Task<RestoreReport> restore(Caller caller, std::string volume, std::string name, std::string path,
                                      std::optional<std::string> target) = 0;
  /// A new volume, O(1), that begins as the snapshot and has the policies of a new volume.
  virtual Task<VolumePtr> clone(Caller caller, std::string volume, std::string name, std::string new_volume) = 0;
  /// Removes a clone with all that is in it.
  virtual Task<void> remove_clone(Caller caller, std::string volume) = 0;
};

}  // namespace tp::plane
