// Rng: the only source of randomness. secure_random() is for secrets and ids that must not be guessed; Rng is a fast
// seeded generator (xoshiro256 starstar) whose seed a test prints.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace tp::rt {

/// Fills `out` from the kernel's generator.
void secure_random(MutableBytes out);

class Rng {
 public:
  explicit Rng(uint64_t seed);
  uint64_t next() noexcept;
  /// Uniform in [0, bound); bound > 0.
  uint64_t below(uint64_t bound) noexcept {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

 private:
  uint64_t state_[4];
};

}  // namespace tp::rt
