// Repeatable bytes for the tests of the digests.
#pragma once

#include <cstdint>
#include <random>

#include "base/bytes.h"

namespace tp::test {

inline Bytes random_bytes(size_t size, uint32_t seed) {
  std::mt19937 random(seed);
  Bytes bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

}  // namespace tp::test
