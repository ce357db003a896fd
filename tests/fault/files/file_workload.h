// FileWorkload: one client of a file protocol: writes, commits, truncates, clones, copies, removes, small and large. It
// knows after each answer which bytes a reader may find now, and which after a power failure: those that were stable,
// or those of any later moment. Owner: a test.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "plane/files.h"
#include "support/memory_plane.h"
#include "support/plane_client.h"

namespace tp::test {

class FileWorkload {
 public:
  static constexpr const char* kVolume = "volume";

  explicit FileWorkload(MemoryPlane& store) : store_(store) {}

  /// Makes the volume and what the steps start from; nothing may fail here.
  Result<void> prepare();
  /// How many steps there are.
  static size_t steps();
  /// The steps [first, last), whatever fails on the way.
  void run(size_t first = 0, size_t last = SIZE_MAX);
  /// Every file that is there for certain reads as it may, over files and over S3, and no read so far was wrong.
  Result<void> verify_now();
  /// The same after a restart, of every name; what is found then is what counts from here on.
  Result<void> verify_restarted();
  size_t failed() const { return failed_; }

 private:
  using Contents = std::vector<Bytes>;
  using Edit = std::function<Bytes(Bytes)>;
  struct Tracked {
    plane::FileId id;
    bool may_be_there = true, may_be_gone = false;
    Contents now;        // what a reader may find
    Contents restarted;  // what may be found after a power failure
  };

  void make(const std::string& name);
  void write(const std::string& name, uint64_t offset, size_t size, bool stable);
  void commit(const std::string& name);
  void truncate(const std::string& name, uint64_t size);
  void allocate(const std::string& name, uint64_t offset, uint64_t size);
  void deallocate(const std::string& name, uint64_t offset, uint64_t size);
  void copy(const std::string& from, uint64_t offset, uint64_t size, const std::string& to, uint64_t to_offset,
            bool clone);
  void remove(const std::string& name);
  void write_without_a_name(const std::string& name);

  /// Null unless the file is there for certain and what it holds is known well enough.
  Tracked* certain(const std::string& name);
  template <class T>
  void note(const std::string& name, const Result<T>& answer, bool stable, const Edit& edit);
  /// Reads the file: if that works, its bytes are known.
  void settle(const std::string& name, Tracked& file);
  Result<Bytes> read(plane::FileId file);
  Result<void> verify_restarted_file(const std::string& name, Tracked& file);
  plane::Files& files() { return store_.plane().files(); }

  MemoryPlane& store_;
  std::map<std::string, Tracked> tracked_;
  std::string wrong_;  // the first read that gave what it must not
  uint64_t next_data_ = 1;
  size_t failed_ = 0;
};

}  // namespace tp::test
