// RocksEngine: the key-value engine of a real store: RocksDB 7.8, one column family per Space, small data in blob
// files. Invariant: every write is synced before it succeeds and the next begins, so at most one record of the log can
// be torn by a crash; that is what lets open() tell a torn tail (cut off) from damage (refused). After a write that may
// be half done the engine refuses all later ones. Owner: the server. On disk: docs/formats/records.md §2, RocksDB's own
// files below.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "kv/engine.h"

namespace rocksdb {
class Env;
}

namespace tp::rocks {

struct RocksOptions {
  std::string path;                            // made if absent
  uint64_t block_cache_bytes = 256ull << 20;   // blocks, indexes, filters and small data, all together
  uint64_t memtable_bytes = 128ull << 20;      // of all spaces together
  uint64_t max_log_bytes = 256ull << 20;       // what a restart has to replay at most
  int max_open_files = 1024;
  int background_threads = 2;
  rocksdb::Env* env = nullptr;                 // RocksDB's own seam to files; null: the local file system
  /// Below this (or an eighth of the disk, if that is less) writes fail with kNoSpace and change nothing; those that
  /// erase go on down to a quarter of it, so that a full store can be emptied.
  uint64_t min_free_bytes = 384ull << 20;
};

class RocksEngine {
 public:
  /// Opens or creates. kCorruption if the log or the manifest is damaged (never for the torn tail of a crash);
  /// kUnavailable if another process has the store open; kInvalidArgument if a newer version made it; kIo, kNoSpace.
  static Result<std::unique_ptr<kv::KvEngine>> open(RocksOptions options);
};

}  // namespace tp::rocks
