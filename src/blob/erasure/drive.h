// Drive: one directory of a tier over drives: its file system, whether it is there, and how it has behaved. Shared by
// the tier and the shards on it. Any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "blob/erasure/erasure_format.h"

namespace tp::blob {

class Drive {
 public:
  /// `files` null: the directory cannot be opened, or is not the drive that the table means.
  Drive(const DriveEntry& entry, std::unique_ptr<io::FileSystem> files)
      : id(entry.id), directory(entry.directory), state(entry.state), files_(std::move(files)) {}

  const uint64_t id;
  const std::string directory;
  std::atomic<DriveState> state;
  std::atomic<uint64_t> read_errors{0}, write_errors{0};
  std::atomic<uint64_t> shards{0};

  bool present() const { return files_ != nullptr; }
  io::FileSystem& files() const { return *files_; }
  /// May be read: a failed drive too, where nothing better is left; checksums say whether it is right.
  bool readable() const { return present() && state.load() != DriveState::kRemoved; }
  bool takes_new() const { return present() && state.load() == DriveState::kActive; }

 private:
  const std::unique_ptr<io::FileSystem> files_;
};

using DrivePtr = std::shared_ptr<Drive>;

}  // namespace tp::blob
