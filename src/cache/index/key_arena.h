// KeyArena: the keys of one stripe, packed: a space number and a length of one or two bytes each, then the key. What is
// freed is used again for a block of the same size; compact() gives back the rest. Not thread-safe; a stripe owns it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace tp::cache {

class KeyArena {
 public:
  struct Block {
    uint32_t space = 0;
    BytesView key;
  };
  static constexpr uint32_t kNone = ~0u;

  /// Where the key lies from now on; kNone: 4 GiB are full.
  uint32_t add(uint32_t space, BytesView key);
  void remove(uint32_t at);
  Block get(uint32_t at) const noexcept;
  void prefetch(uint32_t at) const noexcept { __builtin_prefetch(address(at)); }

  /// Whether so much is free that moving everything to a new arena pays.
  bool sparse() const noexcept { return free_bytes_ > kChunkBytes && free_bytes_ > used_bytes_ / 4; }
  /// Memory, that of the keys included, and the bytes of the keys alone.
  uint64_t memory_bytes() const noexcept;
  uint64_t key_bytes() const noexcept { return key_bytes_; }

 private:
  static constexpr uint32_t kChunkBytes = 64 << 10;
  static constexpr uint32_t kGrowBytes = 2 << 10;  // the last chunk grows in steps
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    uint32_t capacity = 0;
  };
  struct FreeList {
    uint32_t block_bytes = 0, head = kNone;
  };

  static uint32_t block_bytes(uint32_t space, size_t key_bytes) noexcept;
  char* address(uint32_t at) const noexcept { return chunks_[at / kChunkBytes].bytes.get() + at % kChunkBytes; }
  FreeList* free_list(uint32_t block_bytes, bool make);
  uint32_t extend(uint32_t bytes);

  std::vector<Chunk> chunks_;
  uint32_t end_ = 0;  // within the last chunk
  std::vector<FreeList> free_;
  uint64_t used_bytes_ = 0, free_bytes_ = 0, key_bytes_ = 0;
};

}  // namespace tp::cache
