#include "rt/env/rng.h"

#include <sys/random.h>

#include "base/check.h"

namespace tp::rt {

void secure_random(MutableBytes out) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = getrandom(out.data() + done, out.size() - done, 0);
    TP_CHECK(got > 0);
    done += static_cast<size_t>(got);
  }
}

Rng::Rng(uint64_t seed) {
  for (auto& word : state_) {  // splitmix64, as the generator's authors advise for seeding
    seed += 0x9e3779b97f4a7c15ULL;
    uint64_t z = seed;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    word = z ^ z >> 31;
  }
}

uint64_t Rng::next() noexcept {
  const auto rotate = [](uint64_t x, int k) { return x << k | x >> (64 - k); };
  const uint64_t result = rotate(state_[1] * 5, 7) * 9;
  const uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate(state_[3], 45);
  return result;
}

}  // namespace tp::rt
