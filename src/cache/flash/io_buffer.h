// IoBuffer: memory aligned for direct I/O, given back to the pool it came from, if any. IoBufferPool keeps a few of
// each size for reads from any loop, so that a read does not ask the system for fresh pages.
#pragma once

#include <array>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace tp::cache {

class IoBufferPool;

class IoBuffer {
 public:
  IoBuffer() = default;
  IoBuffer(IoBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        pool_(std::exchange(other.pool_, nullptr)) {}
  IoBuffer& operator=(IoBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(pool_, other.pool_);
    return *this;
  }
  ~IoBuffer();

  /// At least `size` bytes (whole blocks), not initialized; empty if there is no memory.
  static IoBuffer allocate(size_t size);

  explicit operator bool() const { return data_ != nullptr; }
  char* data() const { return data_; }
  size_t size() const { return size_; }
  MutableBytes first(size_t size) const { return {data_, size}; }
  BytesView view(size_t offset, size_t size) const { return {data_ + offset, size}; }

 private:
  friend class IoBufferPool;
  char* data_ = nullptr;
  size_t size_ = 0;
  IoBufferPool* pool_ = nullptr;
};

/// Thread-safe. Outlives its buffers.
class IoBufferPool {
 public:
  static constexpr size_t kLargest = 2 << 20;
  ~IoBufferPool();
  /// `size` <= kLargest. Empty if there is no memory.
  IoBuffer take(size_t size);

 private:
  friend class IoBuffer;
  static constexpr size_t kSmallest = 8 << 10;
  static constexpr size_t kClasses = 9;          // 8 KiB, 16 KiB, ... 2 MiB
  static constexpr size_t kKeepBytes = 8 << 20;  // of each class at most

  static size_t class_of(size_t size);
  void give_back(char* data, size_t size);

  std::mutex mutex_;
  std::array<std::vector<char*>, kClasses> free_;
};

}  // namespace tp::cache
