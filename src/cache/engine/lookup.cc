// GET, and how many leading keys of a chain are there.
#include <algorithm>
#include <mutex>
#include <shared_mutex>

#include "cache/engine/engine.h"

namespace tp::cache {

Result<EntryView> CacheEngine::get_now(Space& space, BytesView key) {
  const uint64_t hash = key_hash(space.core->seed, key);
  const unsigned index = stripe_of(hash);
  Stripe& stripe = *stripes_[index];
  EntryView seen;
  EntryId id = kNoEntry;
  uint64_t nanoseconds = 0;
  bool past = false;
  {
    const std::shared_lock lock(stripe.lock);
    const At found{&stripe, stripe.find(hash, space.core->number.load(std::memory_order_relaxed), key), index};
    if (found) {
      past = found.entry().has_side && expired(found, wall_ms());
      if (!past) {
        seen = view(found);
        if (!seen.value) return fail(Code::kWouldBlock, "");
        nanoseconds = saves(found).nanoseconds;
      }
      id = found.id();
    }
  }
  if (id == kNoEntry || past) {
    if (past) note(HitNotes::Kind::kExpired, id);
    space.tenant->ledger.miss(1, 0);
    note_miss(hash);
    return fail(Code::kNotFound, "");
  }
  space.tenant->ledger.hit(false, seen.size_bytes, seen.tokens, nanoseconds);
  note_hit(id);
  return seen;
}

Task<EntryView> CacheEngine::get(Space& space, Bytes key) {
  auto now = get_now(space, key);
  if (now || now.error().code != Code::kWouldBlock) co_return now;
  co_return fail(Code::kNotFound, "");
}

Task<Value> CacheEngine::load(Space& /*space*/, Bytes /*key*/, EntryView seen) {
  if (seen.value) co_return seen.value;
  co_return fail(Code::kNotFound, "");
}

CacheVolume::PrefixResult CacheEngine::prefix(Space& space, std::span<const BytesView> keys, uint32_t lease_ms,
                                              std::optional<uint64_t> total_tokens) {
  constexpr uint32_t kLongestLeaseMs = 60'000;
  const std::lock_guard lock(structure_);
  drain_notes();
  const int64_t now_ms = wall_ms();
  const int64_t until = clock_.now() + int64_t{std::min(lease_ms, kLongestLeaseMs)} * rt::kMillisecond;
  const uint32_t number = space.core->number;
  PrefixResult result;
  EntryId parent = kNoEntry;
  for (const BytesView key : keys) {
    const uint64_t hash = key_hash(space.core->seed, key);
    const At at = find(hash, number, key);
    if (!at || expired(at, now_ms)) {
      policy_->missed(hash & HitNotes::kValueMask);
      break;
    }
    const Saves saved = saves(at);
    const auto first_token = static_cast<uint32_t>(std::min<uint64_t>(result.tokens, ~0u));
    if (saved.first_token != first_token) {
      const Exclusive alone(*this, at.index);
      set_facts(at, saved.tokens, first_token);
    }
    // A first token that was right says that the chain is known; where tokens are not known, it says nothing.
    if (parent != kNoEntry && (saved.first_token != first_token || first_token == 0)) {
      policy_->linked(at.id(), parent, first_token);
    }
    policy_->hit(at.id());
    if (lease_ms > 0) lease(at.id(), until);
    parent = at.id();
    ++result.entries;
    result.tokens += saved.tokens;
  }
  if (total_tokens) {
    const uint64_t rest = *total_tokens - std::min(*total_tokens, result.tokens);
    space.tenant->ledger.miss(keys.size() - result.entries, rest);
  }
  return result;
}

}  // namespace tp::cache
