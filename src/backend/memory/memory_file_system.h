// MemoryFileSystem: io::FileSystem that lives in memory, fails when told, and forgets like a machine that lost power.
//
// Fault model. Every call that reaches the "disk" (open, remove, read, write, sync, allocate, punch, list, directory
// calls) is counted from 1. A FaultPlan makes one of them, or every one from there on, fail with a code; a failing
// write may leave a part of its bytes behind. A failed sync drops what it should have made durable, and the next sync
// succeeds without it, as Linux does. crash(seed) keeps what was synced; of each write that was not, the seed decides:
// kept, dropped, or torn at 512 bytes; names whose directory was not synced go back to what they were. Files opened
// before a crash are dead.
//
// Every operation suspends its caller once, as a real disk would. Thread-safe: files may be used from any loop.
// Owner: a test. Contract: io/file_system.h.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "io/file_system.h"

namespace tp::memory {

struct FaultPlan {
  uint64_t fail_at = 0;        // the number of the call that fails; 0: none
  bool and_all_after = false;  // a disk that is gone, not one bad call
  Code code = Code::kIo;
  bool only_syncs = false;     // count and fail sync() and sync_directory() alone
  bool only_writes = false;    // count and fail write_at(), allocate() and creations alone
  bool partial_write = false;  // a failing write_at() leaves the first half of its bytes
};

class MemoryFileSystem final : public io::FileSystem {
 public:
  explicit MemoryFileSystem(uint64_t capacity_bytes = 1ull << 40);
  ~MemoryFileSystem() override;

  Task<std::unique_ptr<io::File>> open(std::string name, io::OpenMode mode, io::Caching caching) override;
  Task<void> remove(std::string name) override;
  Task<std::vector<std::string>> list(std::string directory) override;
  Task<void> make_directory(std::string directory) override;
  Task<void> sync_directory(std::string directory) override;
  Result<io::SpaceInfo> space() override;

  /// Starts counting anew under this plan.
  void set_plan(FaultPlan plan);
  /// Calls counted since the plan was set.
  uint64_t calls() const;
  /// Whether the plan's fault has happened.
  bool fault_happened() const;
  /// Calls of File::sync() since the start that succeeded.
  uint64_t file_syncs() const;
  /// From now on sync() calls wait until release_syncs(): for tests of what is shared.
  void hold_syncs();
  void release_syncs();

  void crash(uint64_t seed);
  /// Flips one bit of a file, in what is cached and what is durable alike. False if there is no such byte.
  bool flip_bit(const std::string& name, uint64_t offset, unsigned bit);
  /// Swaps or overwrites bytes behind the store's back. False if there is no such range.
  bool overwrite(const std::string& name, uint64_t offset, BytesView bytes);
  /// The current bytes; empty if there is no such range.
  Bytes peek(const std::string& name, uint64_t offset, uint64_t size) const;

 private:
  class Handle;
  struct Node;
  enum class CallKind : uint8_t { kOther, kWrite, kSync };

  Result<void> count_call(CallKind kind);  // with mutex_ held
  uint64_t used_bytes() const;             // with mutex_ held

  const uint64_t capacity_bytes_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Node>> names_;
  std::map<std::string, std::shared_ptr<Node>> durable_names_;
  std::set<std::string> directories_;
  std::set<std::string> durable_directories_;
  FaultPlan plan_;
  uint64_t calls_ = 0;
  uint64_t file_syncs_ = 0;
  bool fault_happened_ = false;
  bool hold_syncs_ = false;
  uint64_t generation_ = 0;  // grows with each crash
};

}  // namespace tp::memory
