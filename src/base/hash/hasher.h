// Hasher: one running digest of any ChecksumAlgorithm. A value: movable, not shared; only XXH3 and XXH128 use the heap.
// Digests are raw bytes, CRCs and XXH in big-endian order: what S3 writes as base64.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/hash/checksum.h"

namespace tp {

class Hasher {
 public:
  explicit Hasher(ChecksumAlgorithm algorithm = ChecksumAlgorithm::kNone);

  ChecksumAlgorithm algorithm() const noexcept { return algorithm_; }
  void update(BytesView bytes) noexcept;
  /// The digest of all bytes since the start, digest_size(algorithm()) long; the hasher then starts anew.
  Bytes finish();

 private:
  struct FreeXxh3 {
    void operator()(void* state) const noexcept;
  };

  void reset() noexcept;

  static constexpr size_t kStateSize = 224;  // the largest inline state is SHA-512's
  alignas(8) std::array<char, kStateSize> state_;
  std::unique_ptr<void, FreeXxh3> xxh3_;  // its state is 576 bytes and wants 64-byte alignment
  ChecksumAlgorithm algorithm_;
};

/// The digest of one piece.
Bytes digest(ChecksumAlgorithm algorithm, BytesView bytes);

/// The digest of a concatenation from the digests of its two pieces. Precondition: can_combine(algorithm), and both
/// digests have digest_size(algorithm) bytes.
Bytes combine_digests(ChecksumAlgorithm algorithm, BytesView first, BytesView second, uint64_t second_size);

}  // namespace tp
