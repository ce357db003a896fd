// FileSystem, File: the seam to disks. Production is io_uring over a local directory (backend/local); tests plug in one
// in memory that fails, tears and forgets (backend/memory). Names are relative to the root the FileSystem was made
// with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "rt/task.h"

namespace tp::io {

/// Direct I/O wants offset, length and memory address to be multiples of this.
inline constexpr size_t kDirectAlignment = 4096;

class File {
 public:
  virtual ~File() = default;

  /// Reads exactly out.size() bytes at `offset`. Bytes past the end: kOutOfRange. kIo from the device.
  virtual Task<void> read_at(uint64_t offset, MutableBytes out) = 0;
  /// Writes all of `data` at `offset`; stable only after sync(). kNoSpace, kIo.
  virtual Task<void> write_at(uint64_t offset, BytesView data) = 0;
  /// All completed writes are on stable storage when this succeeds. After a failure nothing is known of them.
  virtual Task<void> sync() = 0;
  /// Reserves disk space for [offset, offset + size), growing the file. kNoSpace.
  virtual Task<void> allocate(uint64_t offset, uint64_t size) = 0;
  /// Frees the disk space of [offset, offset + size); it reads as zeros. Multiples of kDirectAlignment.
  virtual Task<void> punch_hole(uint64_t offset, uint64_t size) = 0;
  virtual Result<uint64_t> size() = 0;
  /// Disk space in use, in bytes.
  virtual Result<uint64_t> allocated_size() = 0;
};

enum class OpenMode : uint8_t { kRead, kReadWrite, kCreate /* fails with kAlreadyExists */ };
enum class Caching : uint8_t { kBuffered, kDirect };

struct SpaceInfo {
  uint64_t total_bytes = 0;
  uint64_t free_bytes = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Task<std::unique_ptr<File>> open(std::string name, OpenMode mode, Caching caching) = 0;
  virtual Task<void> remove(std::string name) = 0;
  /// Names in `directory` ("" is the root), unsorted, without "." and "..".
  virtual Task<std::vector<std::string>> list(std::string directory) = 0;
  /// Makes `directory` and its parents; fine if it is there.
  virtual Task<void> make_directory(std::string directory) = 0;
  /// Creations, removals and renames in `directory` are stable when this succeeds.
  virtual Task<void> sync_directory(std::string directory) = 0;
  virtual Result<SpaceInfo> space() = 0;
};

}  // namespace tp::io
