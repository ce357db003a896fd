// OpenFiles: what is kept in memory of files whose bytes are read and written in place: their extents, and the bytes
// written but not committed (the overlay), in bounded memory. Safe from any thread.
// Invariant: never older than the last change acknowledged: a change of an inode calls outdate() after its commit and
// before its caller resumes.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "plane/content/rewrite_list.h"
#include "plane/file_types.h"

namespace tp::plane {

struct FileState;

class OpenFiles {
 public:
  OpenFiles();
  ~OpenFiles();

  /// What uncommitted writes have changed of a file's attributes; nullopt if there are none.
  struct Live {
    uint64_t size_bytes = 0;   // as far as is known: the committed size counts where it is larger
    uint64_t space_bytes = 0;
    rt::Nanos modified = 0, changed = 0;
  };
  std::optional<Live> live(FileId file) const;

  /// The inode's record, small data or extents have changed. From after_commit().
  void outdate(FileId file);
  /// The inode is gone: so are bytes that were not committed. From after_commit().
  void forget(FileId file);

  // For the operations of this folder.
  /// Made if it is not there; what nobody uses goes when there are many.
  std::shared_ptr<FileState> state(FileId file);
  /// The file with the most bytes that are not committed; null if there is none.
  std::shared_ptr<FileState> dirtiest() const;
  /// At most `most` files with bytes that are not committed, to which nobody has written for `age` (`now`: wall).
  std::vector<std::shared_ptr<FileState>> unwritten(rt::Nanos now, rt::Nanos age, size_t most) const;
  /// Memory of all overlays; changed by those who change one.
  std::atomic<uint64_t> dirty_bytes{0};
  /// Those of the volume that have bytes which are not committed.
  std::vector<std::shared_ptr<FileState>> dirty(VolumeId volume) const;
  /// How often bytes that had been taken were given up: part of the write verifier.
  std::atomic<uint32_t> losses{0};
  /// Files that have grown too large for their bytes.
  RewriteList rewrites;

 private:
  struct Shard;
  static constexpr size_t kShards = 16;
  static constexpr size_t kStatesOfOneShard = 512;
  Shard& shard_of(FileId file) const;
  std::shared_ptr<FileState> find(FileId file) const;

  std::unique_ptr<Shard[]> shards_;
  std::atomic<size_t> states_{0};
};

}  // namespace tp::plane
