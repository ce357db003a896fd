#include "net/rpc/rpc_record_pool.h"

#include <algorithm>

namespace tp::net {

RpcRecordPool::Memory RpcRecordPool::take(size_t size) {
  if (size <= block_bytes_ / 2 || size > block_bytes_) {
    size = std::max<size_t>(size, 1);
    return {std::make_shared_for_overwrite<char[]>(size), size};
  }
  Block block;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      block = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!block) block = std::make_unique_for_overwrite<char[]>(block_bytes_);
  auto deleter = [pool = shared_from_this()](char* bytes) { pool->give_back(Block(bytes)); };
  return {std::shared_ptr<char[]>(block.release(), std::move(deleter)), block_bytes_};
}

void RpcRecordPool::give_back(Block block) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kept_blocks_) idle_.push_back(std::move(block));
}

}  // namespace tp::net
