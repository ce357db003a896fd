// Overlay: bytes written to one file and not committed, in memory; the newest write of a byte counts. Guarded by its
// FileState's mutex. Invariants: pieces do not overlap and are not empty; what a piece keeps alive is at most about
// twice its length.
#pragma once

#include <map>
#include <vector>

#include "plane/file_types.h"

namespace tp::plane {

class Overlay {
 public:
  struct Piece {
    uint64_t id = 0;        // of the write it came with, counting up
    uint64_t held_bytes = 0;  // of what `data` keeps alive
    Payload data;
  };
  struct Run {
    uint64_t offset = 0;
    Payload data;
    uint64_t end() const { return offset + data.bytes.size(); }
  };

  void write(uint64_t offset, Payload data);
  /// What there is of [from, to), in order; only the first of it once that is `max_bytes`, or as many stretches.
  std::vector<Run> read(uint64_t from, uint64_t to, uint64_t max_bytes = UINT64_MAX,
                        size_t max_stretches = SIZE_MAX) const;
  /// Forgets what came with writes up to `id` and lies within [from, to).
  void drop(uint64_t id, uint64_t from = 0, uint64_t to = UINT64_MAX);
  void clear();

  bool empty() const { return pieces_.empty(); }
  /// Where the last byte ends; 0 if there is none.
  uint64_t end() const;
  /// Of the newest write.
  uint64_t last_id() const { return last_id_; }
  /// Memory, about.
  uint64_t charge() const { return charge_; }

 private:
  void put(uint64_t offset, Piece piece);
  /// Takes [from, to) out.
  void cut(uint64_t from, uint64_t to);

  std::map<uint64_t, Piece> pieces_;
  uint64_t last_id_ = 0;
  uint64_t charge_ = 0;
};

}  // namespace tp::plane
