// Overlay: the bytes of one file that were written and are not committed: runs by offset, none over another. The newest
// write wins. Not synchronized: its file's state is.
#pragma once

#include <map>
#include <vector>

#include "plane/file_types.h"

namespace tp::plane {

class Overlay {
 public:
  struct Run {
    uint64_t offset = 0;
    Payload data;
  };

  void write(uint64_t offset, Payload data);
  /// What lies in [from, to), cut to it, in order.
  std::vector<Run> runs(uint64_t from, uint64_t to) const;
  /// Writes so far: a commit remembers it and later forgets those.
  uint64_t newest() const { return newest_; }
  /// Drops what was written up to and with the `newest`-th write.
  void forget(uint64_t newest);

  bool empty() const { return pieces_.empty(); }
  uint64_t size_bytes() const { return size_bytes_; }
  /// Where the last run ends; 0 if there is none.
  uint64_t end() const;

 private:
  struct Piece {
    Payload data;
    uint64_t number = 0;  // of its write
  };
  void carve(uint64_t from, uint64_t to);

  std::map<uint64_t, Piece> pieces_;
  uint64_t newest_ = 0;
  uint64_t size_bytes_ = 0;
};

}  // namespace tp::plane
