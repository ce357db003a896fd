// Md5: one running MD5 (RFC 1321): chaining state, partial block and length. A plain value: a copy is a fork.
// Invariant: between calls the partial block holds fewer than 64 bytes. Several of these advance together through
// md5_lanes.h; one alone runs at about 0.6 GB/s.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace tp {

using Md5Digest = std::array<char, 16>;
inline constexpr size_t kMd5BlockSize = 64;

/// The chaining state of RFC 1321 §3.3: A, B, C, D.
struct Md5State {
  std::array<uint32_t, 4> words = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
};

class Md5 {
 public:
  void update(BytesView bytes) noexcept;
  /// The digest of all bytes since the start; the hash then starts anew.
  Md5Digest finish() noexcept;

  /// Takes bytes only until the partial block is empty (possibly none) and returns how many: what follows may be hashed
  /// as whole blocks by md5_blocks_lanes on state(), reported with count_blocks.
  size_t fill_partial_block(BytesView bytes) noexcept;
  Md5State& state() noexcept { return state_; }
  void count_blocks(size_t block_count) noexcept { total_ += block_count * kMd5BlockSize; }

 private:
  size_t partial_size() const noexcept { return total_ % kMd5BlockSize; }

  Md5State state_;
  uint64_t total_ = 0;  // bytes so far; its low six bits are the fill of partial_
  std::array<char, kMd5BlockSize> partial_;
};

Md5Digest md5(BytesView bytes) noexcept;

/// A digest as the bytes it is.
inline BytesView as_view(const Md5Digest& digest) noexcept { return {digest.data(), digest.size()}; }

}  // namespace tp
