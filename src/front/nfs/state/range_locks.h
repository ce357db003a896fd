// RangeLocks: the byte-range locks of one file, as POSIX has them: an owner never conflicts with itself; a lock over
// its own older ones replaces them, splitting and merging. Ranges of one owner do not overlap, and neighbours of one
// kind are one range. Owners are numbers. No limits of its own: set() adds at most two ranges, clear() one.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <unordered_map>

#include "front/nfs/state/state_types.h"

namespace tp::nfs::state {

/// Both ends belong to it: the last byte of all is UINT64_MAX.
struct ByteRange {
  uint64_t first = 0, last = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// nullopt for an empty range and for one past the last byte of all.
std::optional<ByteRange> byte_range_of(WireRange range);
WireRange wire_range_of(ByteRange range);

class RangeLocks {
 public:
  struct Held {
    uint64_t owner = 0;
    ByteRange range;
    LockKind kind = LockKind::kRead;
  };

  /// What keeps `owner` from having it: the one that begins first.
  std::optional<Held> conflict(uint64_t owner, ByteRange range, LockKind kind) const;
  /// Precondition: no conflict.
  void set(uint64_t owner, ByteRange range, LockKind kind);
  void clear(uint64_t owner, ByteRange range);
  void drop(uint64_t owner) { owners_.erase(owner); }

  size_t count(uint64_t owner) const;
  size_t owners() const { return owners_.size(); }
  bool empty() const { return owners_.empty(); }

 private:
  struct Piece {
    uint64_t last = 0;
    LockKind kind = LockKind::kRead;
  };
  using Pieces = std::map<uint64_t, Piece>;  // by first byte
  static void cut(Pieces& pieces, ByteRange range);

  std::unordered_map<uint64_t, Pieces> owners_;  // none without a piece
};

}  // namespace tp::nfs::state
