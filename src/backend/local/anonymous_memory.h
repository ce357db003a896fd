// AnonymousMemory: io::SharedMemory of huge pages where the kernel gives them. Pages are backed when they are first
// touched. Lent to a socket, a huge page goes as few large pieces; scattered 4 KiB pages cost more to lend than to copy
// (docs/decisions/0002), so without huge pages nothing is lent.
// Owner: whoever holds it (the blob store's cache). Contract: io/shared_memory.h.
#pragma once

#include <memory>

#include "base/result.h"
#include "io/shared_memory.h"

namespace tp::local {

class AnonymousMemory final : public io::SharedMemory {
 public:
  /// `size_bytes` is rounded up to a huge page. kInvalidArgument, kBusy (no memory).
  static Result<std::unique_ptr<AnonymousMemory>> make(uint64_t size_bytes);
  ~AnonymousMemory() override;
  AnonymousMemory(const AnonymousMemory&) = delete;
  AnonymousMemory& operator=(const AnonymousMemory&) = delete;

  MutableBytes bytes() override { return {data_, size_bytes_}; }
  uint64_t detach_unit() const override { return huge_pages_ ? kHugePageBytes : 0; }
  void detach(uint64_t offset, uint64_t size) override;

 private:
  static constexpr uint64_t kHugePageBytes = 2 << 20;
  AnonymousMemory(void* mapping, uint64_t mapped_bytes, char* data, uint64_t size_bytes, bool huge_pages)
      : mapping_(mapping), mapped_bytes_(mapped_bytes), data_(data), size_bytes_(size_bytes), huge_pages_(huge_pages) {}

  void* mapping_;  // a huge page longer than needed, so that data_ can be aligned
  uint64_t mapped_bytes_;
  char* data_;
  uint64_t size_bytes_;
  bool huge_pages_;
};

}  // namespace tp::local
