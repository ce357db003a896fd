// Sha256: a running SHA-256 (FIPS 180-4) without heap, tuned for short inputs. A plain value: a copy is a fork.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"

namespace tp {

using Sha256Digest = std::array<char, 32>;

class Sha256 {
 public:
  Sha256() noexcept { reset(); }

  void reset() noexcept;
  void update(BytesView bytes) noexcept;
  /// The digest of all bytes since the start; the hash then starts anew.
  Sha256Digest finish() noexcept;

 private:
  alignas(8) std::array<char, 112> context_;  // OpenSSL's SHA256_CTX, whose header stays out of ours
};

Sha256Digest sha256(BytesView bytes) noexcept;

/// A digest as the bytes it is.
inline BytesView as_view(const Sha256Digest& digest) noexcept { return {digest.data(), digest.size()}; }

}  // namespace tp
