// Value: an immutable byte string with a reference count: what an entry holds, what a reply sends, without copies.
// Shared by loops: the count is atomic, the bytes never change once the value is shared.
#pragma once

#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"

namespace tp::cache {

class Value {
 public:
  Value() noexcept = default;
  Value(const Value& other) noexcept : block_(other.block_) {
    if (block_) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  Value(Value&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Value& operator=(Value other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Value() {
    if (block_ && block_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) std::free(block_);
  }

  /// `size` bytes, not initialized, for the one owner to fill through fill(); null if there is no memory.
  static Value allocate(size_t size) {
    Value value;
    void* memory = std::malloc(sizeof(Block) + size);
    if (memory != nullptr) value.block_ = new (memory) Block{{1}, size};
    return value;
  }
  static Value copy_of(BytesView bytes) {
    Value value = allocate(bytes.size());
    TP_CHECK(value.block_ != nullptr);
    std::memcpy(value.fill().data(), bytes.data(), bytes.size());
    return value;
  }

  explicit operator bool() const noexcept { return block_ != nullptr; }
  size_t size() const noexcept { return block_ ? block_->size : 0; }
  BytesView view() const noexcept {
    return block_ ? BytesView(reinterpret_cast<const char*>(block_ + 1), block_->size) : BytesView();
  }
  /// Brings the beginning into the processor's cache.
  void prefetch() const noexcept { __builtin_prefetch(block_); }
  /// Only while nobody else has it.
  MutableBytes fill() noexcept { return {reinterpret_cast<char*>(block_ + 1), block_->size}; }
  /// Gives up the bytes after the first `size`, before the value is shared.
  void shorten(size_t size) noexcept {
    if (size < block_->size) block_->size = size;
  }

 private:
  struct Block {
    std::atomic<uint32_t> references;
    size_t size;
  };
  Block* block_ = nullptr;
};

}  // namespace tp::cache
