// PinTable: which files are open, so that a file that loses its last name stays as long as somebody has it open. Pins
// are counted opens; uses are reads through a handle without an open (NFSv3), which keep a file for a while. Safe from
// any thread. Order that makes it safe: an open pins on the shard's thread, where names are dropped too.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "plane/state/file_id.h"
#include "rt/env/clock.h"

namespace tp::plane {

class PinTable {
 public:
  /// A use keeps a file for this long.
  static constexpr rt::Nanos kUseMemory = 120 * rt::kSecond;

  void pin(FileId file);
  /// True if it was the last one.
  bool unpin(FileId file);
  bool pinned(FileId file) const;
  /// `now`: monotonic.
  void use(FileId file, rt::Nanos now);
  /// Pinned, or used lately.
  bool kept(FileId file, rt::Nanos now) const;
  /// The file loses its last name on the shard's thread. If it is kept, that is noted, and true.
  bool keep_nameless(FileId file, rt::Nanos now);
  /// Whether it was kept without a name: its last unpin has something to free.
  bool nameless(FileId file) const;
  void forget_nameless(FileId file);
  /// Until this was called, files without a name stay: their clients may come back for them after a restart.
  void end_grace() { grace_ended_.store(true, std::memory_order_release); }
  bool grace_ended() const { return grace_ended_.load(std::memory_order_acquire); }
  /// Nothing is pinned or used: the common case of a server without file clients, without the lock.
  bool idle() const { return entries_.load(std::memory_order_acquire) == 0; }

 private:
  static constexpr size_t kUseLimit = 65536;
  void drop_old_uses(rt::Nanos now);
  bool kept_locked(FileId file, rt::Nanos now) const;

  mutable std::mutex mutex_;
  std::unordered_map<FileId, uint64_t> pins_;
  std::unordered_map<FileId, rt::Nanos> uses_;
  std::unordered_set<FileId> nameless_;
  std::atomic<size_t> entries_{0};
  std::atomic<bool> grace_ended_{false};
};

}  // namespace tp::plane
