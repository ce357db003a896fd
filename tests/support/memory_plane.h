// MemoryPlane: a whole plane over a disk and an engine in memory, with faults where a test wants them. Owner: a test.
#pragma once

#include <memory>

#include "backend/memory/memory_engine.h"
#include "backend/memory/memory_file_system.h"
#include "support/plane_stack.h"

namespace tp::test {

class MemoryPlane final : public PlaneStack {
 public:
  using Options = PlaneStackOptions;

  MemoryPlane() : MemoryPlane(Options()) {}
  explicit MemoryPlane(Options options)
      : PlaneStack(options), files_(options.capacity_bytes) {}
  ~MemoryPlane() override { close(); }

  void crash(uint64_t seed) override {
    files_.crash(seed);
    close();
    files_.set_plan({});
    engine_.crash();
  }

  memory::MemoryFileSystem& files() { return files_; }
  memory::MemoryEngine& engine() { return engine_; }

 private:
  kv::KvEngine& key_values() override { return engine_; }
  io::FileSystem& disk() override { return files_; }

  memory::MemoryFileSystem files_;
  memory::MemoryEngine engine_;
};

}  // namespace tp::test
