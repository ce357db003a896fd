// ErasureCode: Reed-Solomon over GF(2^8) with a Cauchy matrix: k data pieces give m parity pieces of the same size, and
// any k of the k + m give all others. It works byte by byte, so any range of the pieces can be made again alone. Pure;
// any thread. The matrix is isa-l's gf_gen_cauchy1_matrix, part of the format: docs/formats/erasure.md §4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace tp::blob {

inline constexpr unsigned kMaxPieces = 32;

class ErasureCode {
 public:
  /// 1 <= data, data + parity <= kMaxPieces.
  ErasureCode(unsigned data, unsigned parity);

  unsigned data() const { return data_; }
  unsigned parity() const { return parity_; }

  /// `pieces`: k + m of them, `size` bytes each; the first k are read, the rest written.
  void encode(size_t size, std::span<char* const> pieces) const;
  /// `from`: k different slots, `sources` their bytes. Writes the slots in `wanted`, which are not in `from`.
  Result<void> reconstruct(size_t size, std::span<const unsigned> from, std::span<const char* const> sources,
                           std::span<const unsigned> wanted, std::span<char* const> out) const;

 private:
  unsigned data_, parity_;
  std::vector<unsigned char> matrix_;  // (k + m) x k: the identity, then the parity rows
  std::vector<unsigned char> tables_;  // of the parity rows
};

}  // namespace tp::blob
