// RestorePlan: walks a directory of a snapshot and the one that is to become like it side by side, in key order, and
// says step by step what has to be done. It changes nothing; what it says is checked again where it is done. Owner: one
// restore. Blocking.
#pragma once

#include <vector>

#include "plane/core/core.h"
#include "plane/list/tree_walker.h"

namespace tp::plane {

struct RestoreStep {
  enum class Kind : uint8_t { kFile, kDirectory, kRemoveFile, kRemoveDirectory };
  Kind kind = Kind::kFile;
  Bytes path;     // below the two directories; a directory's ends in '/'
  InodeId inode;  // of what the snapshot has
};

/// Whether the file is as it was: the same bytes and attributes; places and times of reading aside.
bool same_file(const meta::InodeRecord& a, const meta::InodeRecord& b);
/// What a restore puts right of a directory.
bool same_directory(const meta::InodeRecord& a, const meta::InodeRecord& b);

class RestorePlan {
 public:
  struct Roots {
    VolumeEntryPtr snapshot, live;
    Bytes from, to;       // directories: "" or ending in '/'
    bool removes = true;  // what the snapshot does not have goes
  };
  RestorePlan(Core& core, Roots roots) : core_(core), roots_(std::move(roots)) {}

  /// The next steps, in the order in which they are to be done; none at the end. kNotFound if the snapshot has no such
  /// directory.
  Result<std::vector<RestoreStep>> next();
  bool done() const { return done_; }
  uint64_t unchanged() const { return unchanged_; }

 private:
  struct Sides {
    meta::ReadView& before;
    meta::ReadView& now;
    std::unique_ptr<TreeWalker> was, is;  // `is` null: there is no such directory yet
  };
  Result<void> walk(Sides& sides);
  Result<void> both(Sides& sides);
  Result<void> only_before(Sides& sides);
  Result<void> only_now(Sides& sides);
  /// Directories that go, once the walk has left them.
  void leave(BytesView path);
  Result<bool> seek(Sides& sides);

  Core& core_;
  const Roots roots_;
  Bytes last_;  // the last path that has been looked at
  bool begun_ = false, done_ = false;
  std::vector<Bytes> removing_;  // directories on the way to last_ that go
  std::vector<RestoreStep> steps_;
  uint64_t unchanged_ = 0;
};

}  // namespace tp::plane
