#include "cache/flash/io_buffer.h"

#include <bit>

#include "base/check.h"
#include "cache/flash/segment_format.h"

namespace tp::cache {

IoBuffer IoBuffer::allocate(size_t size) {
  IoBuffer buffer;
  const size_t bytes = align_up(size == 0 ? 1 : size, kSegmentBlockBytes);
  buffer.data_ = static_cast<char*>(std::aligned_alloc(kSegmentBlockBytes, bytes));
  if (buffer.data_ != nullptr) buffer.size_ = bytes;
  return buffer;
}

IoBuffer::~IoBuffer() {
  if (data_ == nullptr) return;
  if (pool_ != nullptr) {
    pool_->give_back(data_, size_);
  } else {
    std::free(data_);
  }
}

IoBufferPool::~IoBufferPool() {
  for (const auto& list : free_) {
    for (char* data : list) std::free(data);
  }
}

size_t IoBufferPool::class_of(size_t size) {
  return size <= kSmallest ? 0 : static_cast<size_t>(std::bit_width((size - 1) / kSmallest));
}

IoBuffer IoBufferPool::take(size_t size) {
  TP_CHECK(size <= kLargest);
  const size_t index = class_of(size);
  IoBuffer buffer;
  {
    const std::lock_guard lock(mutex_);
    if (!free_[index].empty()) {
      buffer.data_ = free_[index].back();
      buffer.size_ = kSmallest << index;
      free_[index].pop_back();
    }
  }
  if (!buffer) buffer = IoBuffer::allocate(kSmallest << index);
  buffer.pool_ = buffer ? this : nullptr;
  return buffer;
}

void IoBufferPool::give_back(char* data, size_t size) {
  {
    const std::lock_guard lock(mutex_);
    auto& list = free_[class_of(size)];
    if ((list.size() + 1) * size <= kKeepBytes) {
      list.push_back(data);
      return;
    }
  }
  std::free(data);
}

}  // namespace tp::cache
