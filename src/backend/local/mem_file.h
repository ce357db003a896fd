// MemFile: io::SharedMemory over memfd_create and mmap. Pages are backed when they are first touched.
// Owner: whoever holds it (the blob store's cache). Contract: io/shared_memory.h. Spec: memfd_create(2).
#pragma once

#include <memory>

#include "io/shared_memory.h"

namespace tp::local {

class MemFile final : public io::SharedMemory {
 public:
  /// `size_bytes` is rounded up to a page. kInvalidArgument, kBusy (no memory or descriptors).
  static Result<std::unique_ptr<MemFile>> make(uint64_t size_bytes);
  ~MemFile() override;
  MemFile(const MemFile&) = delete;
  MemFile& operator=(const MemFile&) = delete;

  MutableBytes bytes() override { return {data_, size_bytes_}; }
  int descriptor() const override { return descriptor_; }
  void discard(uint64_t offset, uint64_t size) override;

 private:
  MemFile(int descriptor, char* data, uint64_t size_bytes)
      : descriptor_(descriptor), data_(data), size_bytes_(size_bytes) {}

  int descriptor_;
  char* data_;
  uint64_t size_bytes_;
};

}  // namespace tp::local
