// UringFileSystem: io::FileSystem over one local directory. Reads, writes and syncs go through the current loop's
// io_uring ring (made on first use); opening, allocating, removing and listing block, so they go to the blocking pool.
// Where io_uring is refused (old kernels, containers), reads and writes go to the pool too.
// Invariant: names never leave the root. Destroyed before its Runtime, with no operation pending.
// Owner: the composition root. Contract: io/file_system.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/file_system.h"
#include "rt/runtime.h"

namespace tp::local {

class UringRing;

class UringFileSystem final : public io::FileSystem {
 public:
  struct Options {
    std::string root;
    rt::Runtime* runtime = nullptr;
    bool create_root = true;
    bool use_uring = true;  // false: reads and writes on the blocking pool
  };
  /// Opens the root directory (made if asked for). Blocks; at start-up. kNotFound, kPermissionDenied.
  static Result<std::unique_ptr<UringFileSystem>> open(Options options);
  ~UringFileSystem() override;

  Task<std::unique_ptr<io::File>> open(std::string name, io::OpenMode mode, io::Caching caching) override;
  Task<void> remove(std::string name) override;
  Task<std::vector<std::string>> list(std::string directory) override;
  Task<void> make_directory(std::string directory) override;
  Task<void> sync_directory(std::string directory) override;
  Result<io::SpaceInfo> space() override;

  const std::string& root() const { return options_.root; }
  /// The current loop's ring; null where io_uring is not to be had.
  UringRing* ring();
  rt::BlockingPool& pool() { return options_.runtime->pool(); }

 private:
  struct LoopRing;
  UringFileSystem(Options options, int root_fd);

  Options options_;
  int root_fd_;
  std::vector<std::unique_ptr<LoopRing>> rings_;  // one per loop, each touched by its loop only
};

}  // namespace tp::local
