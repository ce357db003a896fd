// DiskPlane: a whole plane as in production, over RocksDB and io_uring files in a temporary folder. Owner: a test.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "backend/local/uring_file_system.h"
#include "backend/rocksdb/rocks_engine.h"
#include "support/plane_stack.h"

namespace tp::test {

class DiskPlane final : public PlaneStack {
 public:
  explicit DiskPlane(PlaneStackOptions options) : PlaneStack(options) {
    std::string pattern = std::filesystem::temp_directory_path() / "tokenplane-test-XXXXXX";
    folder_ = mkdtemp(pattern.data()) == nullptr ? std::string() : pattern;
  }
  ~DiskPlane() override {
    close();
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  /// No power is cut here: what a crash loses is the business of the disk in memory.
  void crash(uint64_t) override { close(); }

 private:
  Result<void> open_backends() override {
    if (folder_.empty()) return fail(Code::kIo, "there is no temporary folder");
    local::UringFileSystem::Options files;
    files.root = folder_ + "/data";
    files.runtime = &runtime();
    TP_TRY(files_, local::UringFileSystem::open(std::move(files)));
    rocks::RocksOptions rocks;
    rocks.path = folder_ + "/meta";
    rocks.block_cache_bytes = 16 << 20;
    rocks.memtable_bytes = 4 << 20;  // small, so that records get to files
    TP_TRY(engine_, rocks::RocksEngine::open(std::move(rocks)));
    return ok;
  }
  void close_backends() override {
    engine_.reset();
    files_.reset();
  }
  kv::KvEngine& key_values() override { return *engine_; }
  io::FileSystem& disk() override { return *files_; }

  std::string folder_;
  std::unique_ptr<local::UringFileSystem> files_;
  std::unique_ptr<kv::KvEngine> engine_;
};

}  // namespace tp::test
