#include "blob/buffer_pool.h"

#include <cstdlib>
#include <new>
#include <utility>

#include "base/check.h"
#include "io/file_system.h"

namespace tp::blob {

Buffer::Buffer(Buffer&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(pool_, other.pool_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Buffer::~Buffer() {
  if (data_ != nullptr) pool_->give_back(data_);
}

BufferPool::BufferPool(size_t buffers) : free_count_(buffers) {
  free_.reserve(buffers);
}

BufferPool::~BufferPool() {
  for (char* data : free_) std::free(data);
}

Task<Buffer> BufferPool::take() {
  co_await free_count_.acquire();
  Buffer buffer;
  if (!free_.empty()) {
    buffer.data_ = free_.back();
    free_.pop_back();
  } else {
    buffer.data_ = static_cast<char*>(std::aligned_alloc(io::kDirectAlignment, kBufferBytes));
    if (buffer.data_ == nullptr) {
      free_count_.release();
      co_return fail(Code::kBusy, "out of memory for an upload buffer");
    }
  }
  buffer.pool_ = this;
  co_return buffer;
}

void BufferPool::give_back(char* data) {
  // The last one used is the warmest in the processor's cache: it goes out first.
  free_.push_back(data);
  free_count_.release();
}

}  // namespace tp::blob
