// BufferPool: the bounded memory that uploads stream through: aligned buffers of one size, counted per loop. A writer
// that finds none left waits, and with it the socket it reads from: that is the back pressure.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "rt/semaphore.h"
#include "rt/task.h"

namespace tp::blob {

inline constexpr size_t kBufferBytes = 1 << 20;

class BufferPool;

/// One buffer, back to its pool when it goes. Move only. Freed on the loop of its pool.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();
  explicit operator bool() const { return data_ != nullptr; }
  char* data() { return data_; }
  const char* data() const { return data_; }
  /// Bytes filled so far, at most kBufferBytes.
  size_t size() const { return size_; }
  void set_size(size_t size) { size_ = size; }
  MutableBytes space() { return {data_ + size_, kBufferBytes - size_}; }
  BytesView view() const { return {data_, size_}; }

 private:
  friend class BufferPool;
  BufferPool* pool_ = nullptr;
  char* data_ = nullptr;
  size_t size_ = 0;
};

class BufferPool {
 public:
  explicit BufferPool(size_t buffers);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// Waits in order of arrival until one is free.
  Task<Buffer> take();
  size_t available() const { return free_count_.available(); }

 private:
  friend class Buffer;
  void give_back(char* data);

  rt::Semaphore free_count_;
  std::vector<char*> free_;  // made lazily, kept
};

}  // namespace tp::blob
