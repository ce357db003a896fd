// PinTable: which files are open, so that a file that loses its last name stays as long as somebody has it open. Pins
// are counted opens; uses are reads through a handle without an open (NFSv3), which keep a file for a while. Safe from
// any thread. Order that makes it safe: an open pins on the shard's thread, where names are dropped too.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/ids.h"
#include "rt/env/clock.h"

namespace tp::plane {

class PinTable {
 public:
  /// A use keeps a file for this long.
  static constexpr rt::Nanos kUseMemory = 120 * rt::kSecond;

  void pin(InodeId inode);
  /// True if it was the last one.
  bool unpin(InodeId inode);
  bool pinned(InodeId inode) const;
  /// `now`: monotonic.
  void use(InodeId inode, rt::Nanos now);
  /// Pinned, or used lately.
  bool kept(InodeId inode, rt::Nanos now) const;
  /// Nothing is pinned or used: the common case of a server without file clients, without the lock.
  bool idle() const { return entries_.load(std::memory_order_acquire) == 0; }

 private:
  static constexpr size_t kUseLimit = 65536;
  void drop_old_uses(rt::Nanos now);

  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, uint64_t> pins_;
  std::unordered_map<uint64_t, rt::Nanos> uses_;
  std::atomic<size_t> entries_{0};
};

}  // namespace tp::plane
