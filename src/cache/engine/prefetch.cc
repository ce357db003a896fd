#include <algorithm>
#include <array>
#include <shared_mutex>

#include "cache/engine/engine.h"

namespace tp::cache {

namespace {
constexpr size_t kMostAtOnce = 32;  // lines on their way beside each other
}  // namespace

// A look-up touches hash table, entry, key and resident, value, each found through the one before. Here each step is
// made for all keys before the next step of any, so that the processor waits for their memory together. What changes
// between the steps makes the hint worse and nothing else: every step reads under the stripe's lock.
void CacheEngine::prefetch(Space& space, std::span<const BytesView> keys) {
  keys = keys.first(std::min(keys.size(), kMostAtOnce));
  std::array<uint64_t, kMostAtOnce> hashes;
  std::array<uint32_t, kMostAtOnce> numbers;
  const auto each = [&](auto step) {
    for (size_t i = 0; i < keys.size(); ++i) {
      Stripe& stripe = *stripes_[stripe_of(hashes[i])];
      const std::shared_lock lock(stripe.lock);
      step(stripe, i);
    }
  };
  const auto resident_of = [&](const Stripe& stripe, size_t i) -> const Resident* {
    if (numbers[i] >= stripe.end()) return nullptr;
    const Entry& entry = stripe.entry(numbers[i]);
    if (static_cast<Where>(entry.where) != Where::kDram || entry.place >= stripe.residents_end()) return nullptr;
    return &stripe.resident(static_cast<uint32_t>(entry.place));
  };
  for (size_t i = 0; i < keys.size(); ++i) hashes[i] = key_hash(space.core->seed, keys[i]);
  each([&](Stripe& stripe, size_t i) { stripe.prefetch(hashes[i]); });
  each([&](Stripe& stripe, size_t i) {
    numbers[i] = stripe.guess(hashes[i]);
    if (numbers[i] < stripe.end()) __builtin_prefetch(&stripe.entry(numbers[i]));
  });
  each([&](Stripe& stripe, size_t i) {
    if (const Resident* const held = resident_of(stripe, i)) {
      stripe.prefetch_key(stripe.entry(numbers[i]));
      __builtin_prefetch(held);
    }
  });
  each([&](Stripe& stripe, size_t i) {
    if (const Resident* const held = resident_of(stripe, i)) held->value.prefetch();
  });
}

}  // namespace tp::cache
