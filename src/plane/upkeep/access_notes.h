// AccessNotes: which files have been read, for rules that go by the last access: kept in memory, written into
// InodeRecord::accessed now and then, about once a day a file. Only of volumes that somebody wants it of. Lossy: a
// crash forgets what was not written yet, and beyond kMost files between two writings nothing is noted. Safe from any
// thread.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "base/ids.h"
#include "meta/inode_record.h"
#include "rt/task.h"

namespace tp::plane {

struct Core;

class AccessNotes {
 public:
  static constexpr rt::Nanos kCoarseness = 86400 * rt::kSecond;
  static constexpr size_t kMost = 100'000;

  /// The volumes whose reads are noted from now on.
  void want(std::set<VolumeId> volumes);
  /// The file has been read. Costs a load where nobody wants to know.
  void note(VolumeId volume, InodeId inode, const meta::InodeRecord& record, const rt::Clock& clock) {
    if (!wanted_.load(std::memory_order_relaxed)) return;
    // Written or read within the day: the record says enough.
    const rt::Nanos now = clock.wall_now();
    if (now - record.accessed < kCoarseness || now - record.modified < kCoarseness) return;
    remember(volume, inode);
  }
  /// What was noted since the last call.
  std::map<VolumeId, std::vector<InodeId>> take();

 private:
  void remember(VolumeId volume, InodeId inode);

  std::atomic<bool> wanted_{false};
  std::mutex mutex_;
  std::set<VolumeId> volumes_;
  std::map<VolumeId, std::set<InodeId>> noted_;
  size_t count_ = 0;
};

/// Writes down what was noted, and has reads noted from now on of the volumes that have lifecycle rules. What has gone
/// meanwhile is passed over.
Task<void> write_accesses(Core& core);

}  // namespace tp::plane
