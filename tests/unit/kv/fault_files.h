// FaultFiles: RocksDB's files on a real disk that fails on demand and can lose power.
// The fault model: the N-th write, sync or creation fails, and with it all later ones if `sticky`; a failing append may
// have written half of its bytes; after cut_power() nothing reaches the disk any more, and lose_unsynced() then cuts
// every file back to what was synced, as the next start finds it. Names are not lost: RocksDB syncs its directory.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <memory>
#include <string>

namespace tp::kv {

class FaultFiles {
 public:
  FaultFiles();
  ~FaultFiles();
  rocksdb::Env* env() { return env_.get(); }

  /// The `nth` operation from now on (1: the next) fails.
  void fail_at(uint64_t nth, rocksdb::IOStatus error, bool sticky);
  uint64_t operations() const;
  void cut_power();
  /// After the engine is gone.
  void lose_unsynced();

  struct State;

 private:
  std::shared_ptr<State> state_;
  std::shared_ptr<rocksdb::FileSystem> files_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace tp::kv
