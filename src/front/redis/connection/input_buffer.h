// InputBuffer: the bytes of a connection that are not taken yet. Blocks of one size come from the loop's pool and go
// back when they are empty; a request that is larger than a block gets memory of its own. Invariant: begin <= end <=
// capacity.
#pragma once

#include <cstring>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace tp::redis {

/// Idle blocks of one loop.
class BlockPool {
 public:
  static constexpr size_t kBlockBytes = 64 << 10;
  using Block = std::unique_ptr<char[]>;

  Block take() {
    if (idle_.empty()) return Block(new char[kBlockBytes]);
    Block block = std::move(idle_.back());
    idle_.pop_back();
    return block;
  }
  void give(Block block) {
    constexpr size_t kKept = 64;
    if (idle_.size() < kKept) idle_.push_back(std::move(block));
  }

 private:
  std::vector<Block> idle_;
};

class InputBuffer {
 public:
  explicit InputBuffer(BlockPool& pool) : pool_(pool) {}
  ~InputBuffer() { release(); }
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  BytesView bytes() const { return {memory_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  size_t capacity() const { return capacity_; }
  void consume(size_t bytes) { begin_ += bytes; }
  /// Only the first `size` bytes stay.
  void cut(size_t size) { end_ = begin_ + size; }

  /// Room behind the bytes, which move to the beginning for it; none if the memory is full.
  MutableBytes room() {
    if (memory_ == nullptr) {
      memory_ = pool_.take();
      capacity_ = BlockPool::kBlockBytes;
    }
    if (begin_ > 0) {
      std::memmove(memory_.get(), memory_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    return {memory_.get() + end_, capacity_ - end_};
  }
  void filled(size_t bytes) { end_ += bytes; }
  /// Full: moves to memory of `capacity` bytes.
  void grow(size_t capacity) {
    std::unique_ptr<char[]> larger(new char[capacity]);
    std::memcpy(larger.get(), memory_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    give_memory();
    memory_ = std::move(larger);
    capacity_ = capacity;
  }
  /// Empty: gives its memory back.
  void release() {
    give_memory();
    begin_ = end_ = capacity_ = 0;
  }

 private:
  void give_memory() {
    if (memory_ != nullptr && capacity_ == BlockPool::kBlockBytes) pool_.give(std::move(memory_));
    memory_.reset();
  }

  BlockPool& pool_;
  std::unique_ptr<char[]> memory_;
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace tp::redis
