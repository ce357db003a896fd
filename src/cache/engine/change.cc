// Changes of entries, under the structure mutex.
#include <algorithm>
#include <cmath>

#include "cache/engine/engine.h"
#include "cache/flash/segment_format.h"

namespace tp::cache {
namespace {
constexpr uint64_t kTableRowBytes = 48;  // at the segment's end, the key besides
constexpr uint64_t kIndexBytes = 40;
}  // namespace

uint64_t CacheEngine::charge(uint64_t key_bytes, uint64_t value_bytes) const noexcept {
  if (on_flash_) return record_extent(key_bytes, value_bytes) + kTableRowBytes + key_bytes;
  return kIndexBytes + kResidentBytes + key_bytes + value_bytes;
}

uint32_t CacheEngine::default_tokens(uint64_t value_bytes) const {
  const Profile& costs = profile();
  if (costs.block_tokens > 0) return costs.block_tokens;
  if (costs.bytes_per_token <= 0) return 0;
  return static_cast<uint32_t>(std::min(4e9, std::round(static_cast<double>(value_bytes) / costs.bytes_per_token)));
}

void CacheEngine::tell(RecordKind kind, const SpaceCore& core, BytesView key, int64_t expires_ms, bool pinned) {
  if (!on_flash_ || key.size() > kMaxKeyBytes) return;
  tellings_.push_back({kind, core.key, Bytes(key), ++sequence_, expires_ms, pinned});
}

bool CacheEngine::flash_may_know(const At& at) const {
  if (!on_flash_) return false;
  const Resident* const held = at.resident();
  return held == nullptr || held->place.segment != 0 || held->flushing || held->may_hide;
}

void CacheEngine::forget_place(const At& at) {
  const FlashPlace place = place_of(at);
  if (place.segment != 0) segments_.subtract(place.segment, charge(at));
}

void CacheEngine::mark_watches(Stripe& stripe, uint64_t hash) {
  if (stripe.watches.empty()) [[likely]] return;
  const auto [begin, end] = stripe.watches.equal_range(hash);
  for (auto watch = begin; watch != end; ++watch) watch->second->store(true, std::memory_order_release);
}

void CacheEngine::set_facts(const At& at, uint32_t tokens, uint32_t first_token) {
  Entry& entry = at.entry();
  const uint32_t number = facts_.acquire(tokens, first_token);  // before the old one goes: it may be the same
  if (entry.fact != FactTable::kNone) facts_.release(static_cast<uint32_t>(entry.fact));
  entry.fact = number;
  if (number != FactTable::kNone) return;
  Side& side = at.stripe->make_side(at.number);
  side.tokens = tokens;
  side.first_token = first_token;
}

void CacheEngine::remove(const At& at, Gone why) {
  const uint64_t hash = hash_of(at);
  const EntryId id = at.id();
  const Exclusive lock(*this, at.index);
  Entry& entry = at.entry();
  const KeyArena::Block block = at.stripe->key(entry);
  SpaceNumber& number = spaces_.number(block.space);
  Tenant& owner = *number.core->owner;
  const uint64_t bytes = charge(at);
  const Side* const side = at.stripe->side(at.number);
  const Resident* const held = at.resident();
  if (side != nullptr && side->pinned) {
    owner.pinned_bytes -= bytes;
    pinned_bytes_ -= bytes;
    --pinned_;
  }
  const bool known = flash_may_know(at);
  const bool dirty = held != nullptr && held->dirty;
  // What lies on flash may come back at a restart after an eviction, and knows of its own expiry; an older value that a
  // newer one hid may not.
  const bool telling = why == Gone::kErased || why == Gone::kCorrupt ? known
                       : why == Gone::kCleared                      ? false
                                                                    : known && dirty;
  if (telling && spaces_.present(block.space)) tell(RecordKind::kErase, *number.core, block.key, 0, false);
  if (known && why == Gone::kEvicted && !telling) {
    ghosts_ = true;
    ghosts_until_ = sequence_;
  }
  if (why == Gone::kEvicted) owner.ledger.evicted(entry.size_bytes, tokens_of(at));
  if (why == Gone::kExpired) owner.ledger.expired();
  if (why == Gone::kCorrupt) owner.ledger.corrupt();
  forget_place(at);
  if (held != nullptr) {
    resident_bytes_ -= kResidentBytes + entry.size_bytes;
    if (dirty) dirty_bytes_ -= kResidentBytes + entry.size_bytes;
    if (held->flushing) flushing_bytes_ -= kResidentBytes + entry.size_bytes;
  }
  if (entry.fact != FactTable::kNone) facts_.release(static_cast<uint32_t>(entry.fact));
  owner.bytes -= bytes;
  number.bytes -= bytes;
  total_bytes_ -= bytes;
  mark_watches(*at.stripe, hash);
  if (!leases_.empty()) leases_.erase(id);
  policy_->removed(id, why == Gone::kEvicted, hash & HitNotes::kValueMask);
  const uint32_t space = block.space;
  at.stripe->remove(at.number, hash);
  if (number.entries.fetch_sub(1) == 1) spaces_.release_if_unused(space);
  at.stripe->tidy();
}

Result<void> CacheEngine::may_put(SpaceCore& core, uint64_t charge, uint64_t old_charge, uint64_t resident_bytes) {
  Tenant& owner = *core.owner;
  const auto refuse = [&](const char* why) -> Result<void> {
    owner.ledger.refused();
    return fail(Code::kNoSpace, why);
  };
  if (charge > limit_bytes_ || resident_bytes > options_.settings.dram_bytes) {
    return refuse("the value is larger than the cache volume");
  }
  const uint64_t own_rest = owner.pinned_bytes - std::min(owner.pinned_bytes, old_charge);
  if (owner.quota_bytes > 0 && own_rest + charge > owner.quota_bytes) {
    return refuse("the tenant's quota does not hold the value");
  }
  uint64_t taken = 0;  // what this tenant cannot push away
  for (const auto& [name, other] : spaces_.tenants()) {
    const uint64_t kept = other.get() == &owner ? 0 : std::min(other->reserved_bytes, other->bytes);
    taken += std::max(kept, other->pinned_bytes);
  }
  taken -= std::min(taken, old_charge);
  if (taken + section_added_ + charge > limit_bytes_) return refuse("pins and reservations fill the cache volume");
  if (section_promised_) return ok;
  if (on_flash_ && dirty_bytes_ + resident_bytes > options_.settings.dram_bytes) {
    return fail(Code::kBusy, "flash does not keep up");
  }
  if (total_bytes_ - section_added_ > limit_bytes_) return fail(Code::kBusy, "nothing can be evicted now");
  return ok;
}

Result<void> CacheEngine::put(Space& space, uint32_t number, BytesView key, Value value, const PutOptions& options) {
  if (key.empty()) return fail(Code::kInvalidArgument, "a key has at least one byte");
  if (key.size() > kMaxKeyBytes) return fail(Code::kTooLarge, "a key has at most 1024 bytes");
  if (value.size() > kMaxValueBytes) return fail(Code::kTooLarge, "a value has at most 512 MiB");
  if (!value) value = Value::allocate(0);
  SpaceCore& core = *space.core;
  const uint64_t hash = key_hash(core.seed, key);
  At at = find(hash, number, key);
  if (at && expired(at, wall_ms())) {
    remove(at, Gone::kExpired);
    at.number = Stripe::kNone;
  }
  const bool present = static_cast<bool>(at);
  const uint64_t new_charge = charge(key.size(), value.size()), old_charge = present ? charge(at) : 0;
  const uint64_t resident_bytes = kResidentBytes + value.size();
  TP_TRY_VOID(may_put(core, new_charge, old_charge, resident_bytes));

  uint32_t tokens = options.tokens, first_token = 0;
  uint64_t parent_hash = 0;
  EntryId parent = kNoEntry;
  if (options.parent) {
    parent_hash = key_hash(core.seed, *options.parent);
    const At before = find(parent_hash, number, *options.parent);
    if (before) {
      parent = before.id();
      first_token = first_token_of(before) + tokens_of(before);
    }
  }
  if (present && options.keep_facts) {
    tokens = tokens_of(at);
    first_token = first_token_of(at);
  } else if (tokens == 0) {
    tokens = default_tokens(value.size());
  }

  const Exclusive lock(*this, at.index);
  if (!present) {
    at.number = at.stripe->add(hash, number, key);
    if (!at) return fail(Code::kBusy, "the index is full");
    spaces_.number(number).entries.fetch_add(1);
  }
  replace_value(at, std::move(value), options, present, old_charge);
  Resident& held = *at.resident();
  if (parent_hash != 0 || !options.keep_facts) held.parent_hash = parent_hash;
  set_facts(at, tokens, first_token);
  count_put(at, core, new_charge, old_charge);
  mark_watches(*at.stripe, hash);
  space.tenant->ledger.wrote(at.entry().size_bytes, tokens);
  if (present) {
    policy_->replaced(at.id(), static_cast<uint32_t>(std::min<uint64_t>(new_charge, ~0u)));
    if (parent != kNoEntry) policy_->linked(at.id(), parent, first_token);
  } else {
    EntryFacts facts;
    facts.key_hash = hash & HitNotes::kValueMask;
    facts.bytes = static_cast<uint32_t>(std::min<uint64_t>(new_charge, ~0u));
    facts.tokens = tokens;
    facts.first_token = first_token;
    facts.parent = parent;
    policy_->inserted(at.id(), facts);
  }
  return ok;
}

void CacheEngine::replace_value(const At& at, Value value, const PutOptions& options, bool present,
                                uint64_t old_charge) {
  Entry& entry = at.entry();
  bool may_hide = ghosts_;
  uint64_t parent_hash = 0;
  if (present) {
    may_hide = flash_may_know(at) || ghosts_;
    forget_place(at);
    if (const Resident* const old = at.resident()) {
      parent_hash = old->parent_hash;
      resident_bytes_ -= kResidentBytes + entry.size_bytes;
      if (old->dirty) dirty_bytes_ -= kResidentBytes + entry.size_bytes;
      if (old->flushing) flushing_bytes_ -= kResidentBytes + entry.size_bytes;
      at.stripe->drop_resident(at.number);
    }
  }
  entry.size_bytes = static_cast<uint32_t>(value.size());
  entry.type = static_cast<uint32_t>(options.type);
  Resident& held = at.stripe->add_resident(at.number);
  held.value = std::move(value);
  held.version = ++sequence_;
  held.parent_hash = parent_hash;
  held.dirty = on_flash_;
  held.may_hide = on_flash_ && may_hide;
  resident_bytes_ += kResidentBytes + entry.size_bytes;
  if (held.dirty) dirty_bytes_ += kResidentBytes + entry.size_bytes;

  const Side* const old_side = at.stripe->side(at.number);
  const bool was_pinned = old_side != nullptr && old_side->pinned;
  const bool pinned = was_pinned && options.keep_facts;
  if (was_pinned) {
    Tenant& owner = *spaces_.number(at.stripe->key(entry).space).core->owner;
    const uint64_t now_bytes = pinned ? charge(at) : 0;
    owner.pinned_bytes += now_bytes - old_charge;
    pinned_bytes_ += now_bytes - old_charge;
    if (!pinned) --pinned_;
  }
  if (options.expires_ms == 0 && !pinned) {
    if (old_side != nullptr) at.stripe->drop_side(at.number);
    return;
  }
  Side& side = at.stripe->make_side(at.number);
  side = Side{};
  side.expires_ms = options.expires_ms;
  side.pinned = pinned;
}

void CacheEngine::count_put(const At& at, SpaceCore& core, uint64_t new_charge, uint64_t old_charge) {
  core.owner->bytes += new_charge - old_charge;
  spaces_.number(at.stripe->key(at.entry()).space).bytes += new_charge - old_charge;
  total_bytes_ += new_charge - old_charge;
  if (new_charge > old_charge) section_added_ += new_charge - old_charge;
}

void CacheEngine::touch(const At& at) {
  Side& side = at.stripe->make_side(at.number);
  side.version = ++sequence_;
  const Resident* const held = at.resident();
  // A dirty value takes its expiry along when it is written; one that is being written or is there cannot.
  if (!on_flash_ || (held != nullptr && held->dirty && !held->flushing)) return;
  const KeyArena::Block block = at.stripe->key(at.entry());
  tell(RecordKind::kTouch, *spaces_.number(block.space).core, block.key, side.expires_ms, side.pinned);
}

bool CacheEngine::set_expiry(const At& at, int64_t expires_ms) {
  const Side* const side = at.stripe->side(at.number);
  if (expires_ms == 0 && (side == nullptr || side->expires_ms == 0)) return true;
  if (expires_ms != 0 && expires_ms <= wall_ms()) {
    remove(at, Gone::kErased);
    return true;
  }
  const Exclusive lock(*this, at.index);
  at.stripe->make_side(at.number).expires_ms = expires_ms;
  touch(at);
  mark_watches(*at.stripe, hash_of(at));
  return true;
}

bool CacheEngine::set_pinned(const At& at, bool pinned) {
  const Side* const side = at.stripe->side(at.number);
  if (pinned == (side != nullptr && side->pinned)) return true;
  const Exclusive lock(*this, at.index);
  at.stripe->make_side(at.number).pinned = pinned;
  Tenant& owner = *spaces_.number(at.stripe->key(at.entry()).space).core->owner;
  const uint64_t bytes = charge(at);
  owner.pinned_bytes += pinned ? bytes : -bytes;
  pinned_bytes_ += pinned ? bytes : -bytes;
  pinned_ += pinned ? 1 : -1;
  touch(at);
  return true;
}

}  // namespace tp::cache
