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
  constexpr int kTries = 8;  // an entry may move or be replaced while it is read
  const uint64_t hash = key_hash(space.core->seed, key);
  for (int i = 0; i < kTries; ++i) {
    auto now = get_now(space, key);
    if (now || now.error().code != Code::kWouldBlock) co_return now;
    EntryView seen;
    EntryId id = kNoEntry;
    uint64_t nanoseconds = 0;
    {
      const std::shared_lock lock(stripes_[stripe_of(hash)]->lock);
      const At found = find(hash, space.core->number, key);
      if (!found) continue;
      seen = view(found);
      id = found.id();
      nanoseconds = saves(found).nanoseconds;
    }
    if (seen.value) continue;
    auto value = co_await load(space, key, seen);
    if (!value) {
      if (value.error().code != Code::kNotFound) co_return fail(std::move(value).error());
      continue;
    }
    seen.value = std::move(*value);
    space.tenant->ledger.hit(true, seen.size_bytes, seen.tokens, nanoseconds);
    note_hit(id);
    co_return seen;
  }
  space.tenant->ledger.miss(1, 0);
  note_miss(hash);
  co_return fail(Code::kNotFound, "");
}

Task<Value> CacheEngine::load(Space& space, Bytes key, EntryView seen) {
  if (seen.value) co_return seen.value;
  ++flash_reads_;
  if (!flash_ready_ || seen.flash.segment == 0) {
    --flash_reads_;
    co_return fail(Code::kNotFound, "the value is not there any more");
  }
  const FlashPlace place{seen.flash.segment, seen.flash.unit};
  auto value = co_await flash_->read(place, Bytes(as_view(space.core->key)), key, seen.size_bytes);
  --flash_reads_;
  if (value) {
    promote(space, key, place, *value);
    co_return value;
  }
  lose(space, key, place, Gone::kCorrupt);
  co_return fail(Code::kNotFound, "the value is not there any more");
}

void CacheEngine::promote(Space& space, BytesView key, FlashPlace place, const Value& value) {
  const uint64_t bytes = kResidentBytes + value.size();
  const uint64_t hash = key_hash(space.core->seed, key);
  const std::lock_guard lock(structure_);
  if (bytes > options_.settings.dram_bytes / 8) return;
  const At there = find(hash, space.core->number, key);
  if (!there || there.resident() != nullptr || place_of(there) != place) return;
  {
    const Exclusive alone(*this, there.index);
    Resident& held = there.stripe->add_resident(there.number);
    held.value = value;
    held.version = place_version(place);
    held.place = place;
  }
  resident_bytes_ += bytes;
  shrink_dram();
}

void CacheEngine::lose(Space& space, BytesView key, FlashPlace place, Gone why) {
  const uint64_t hash = key_hash(space.core->seed, key);
  const std::lock_guard lock(structure_);
  const At there = find(hash, space.core->number, key);
  if (there && there.resident() == nullptr && place_of(there) == place) remove(there, why);
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
