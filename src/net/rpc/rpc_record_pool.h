// RpcRecordPool: memory for records as they come in. A small record gets an allocation of its own size, so that a WRITE
// whose bytes are kept pins no more than itself; a record near the largest gets a block that is used again, because the
// first touch of fresh memory costs more than the copy it saves. Owner: RpcServer, and every record that is still held:
// records may outlive the server, and may be dropped on any thread.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

namespace tp::net {

class RpcRecordPool : public std::enable_shared_from_this<RpcRecordPool> {
 public:
  /// Blocks hold `block_bytes`; at most `kept_blocks` wait for their next use.
  RpcRecordPool(size_t block_bytes, size_t kept_blocks) : block_bytes_(block_bytes), kept_blocks_(kept_blocks) {}

  struct Memory {
    std::shared_ptr<char[]> bytes;
    size_t capacity = 0;
  };
  /// At least `size` bytes, their values unspecified.
  Memory take(size_t size);

 private:
  using Block = std::unique_ptr<char[]>;
  void give_back(Block block);

  const size_t block_bytes_;
  const size_t kept_blocks_;
  std::mutex mutex_;
  std::vector<Block> idle_;
};

}  // namespace tp::net
