// SipHash-2-4 of names: who does not know the key cannot make names that collide. Spec: Aumasson and Bernstein,
// "SipHash: a fast short-input PRF", 2012.
#pragma once

#include "base/bytes.h"

namespace tp::plane {

struct HashKey {
  uint64_t k0 = 0, k1 = 0;
};
uint64_t sip_hash(const HashKey& key, BytesView bytes);

}  // namespace tp::plane
