// OpenFiles: what is kept in memory of files whose bytes are read and written in place: their extents, and the bytes
// written but not committed (the overlay), in bounded memory. Safe from any thread.
// Invariant: never older than the last change acknowledged: a change of an inode calls outdate() after its commit and
// before its caller resumes.
#pragma once

#include <optional>

#include "plane/file_types.h"

namespace tp::plane {

struct Core;

class OpenFiles {
 public:
  explicit OpenFiles(Core& core) : core_(core) {}

  /// What uncommitted writes have changed of a file's attributes; nullopt if there are none.
  struct Live {
    uint64_t size_bytes = 0;
    uint64_t space_bytes = 0;
    rt::Nanos modified = 0, changed = 0;
  };
  std::optional<Live> live(InodeId inode) const;

  /// The inode's record, small data or extents have changed. From after_commit().
  void outdate(InodeId inode);
  /// The inode is gone: so are bytes that were not committed. From after_commit().
  void forget(InodeId inode);

 private:
  [[maybe_unused]] Core& core_;
};

}  // namespace tp::plane
