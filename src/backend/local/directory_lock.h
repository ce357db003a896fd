// DirectoryLock: the right to use a data directory, held by one process at a time: flock on DIR/LOCK, which holds the
// owner's process id for whoever is refused. The kernel drops it with the process, however that ends.
// Owner: the composition root, from before the first file is opened until after the last is closed.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace tp::local {

class DirectoryLock {
 public:
  /// kBusy, naming the owner's process id, if another process has it; kNotFound, kPermissionDenied, kIo.
  static Result<std::unique_ptr<DirectoryLock>> take(const std::string& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace tp::local
