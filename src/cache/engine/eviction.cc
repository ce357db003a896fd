// Making room, under the structure mutex while no stripe is held.
#include <algorithm>

#include "cache/engine/engine.h"

namespace tp::cache {
namespace {
constexpr uint64_t kWalkSteps = 65536;       // to find a victim that the policy did not
constexpr unsigned kMostEvictions = 100'000; // a call
}  // namespace

void CacheEngine::drain_notes() {
  notes_.drain([this](HitNotes::Kind kind, uint64_t value) {
    if (kind == HitNotes::Kind::kMiss) return policy_->missed(value);
    const auto id = static_cast<EntryId>(value);
    if (!live(id)) return;
    if (kind == HitNotes::Kind::kHit) return policy_->hit(id);
    if (held_ == 0 && expired(at(id), wall_ms())) remove(at(id), Gone::kExpired);
  });
}

bool CacheEngine::fits(uint64_t bytes) const {
  if (total_bytes_ > limit_bytes_ || bytes > limit_bytes_) return false;
  return !on_flash_ || dirty_bytes_ + bytes <= options_.settings.dram_bytes;
}

bool CacheEngine::leased(EntryId id) const {
  if (leases_.empty()) return false;
  const auto found = leases_.find(id);
  return found != leases_.end() && found->second.until > clock_.now();
}

void CacheEngine::lease(EntryId id, int64_t until) {
  Lease& held = leases_[id];
  held.until = std::max(held.until, until);
  held.number = ++lease_numbers_;
  lease_order_.emplace_back(id, held.number);
  // Renewed leases leave their earlier places in the order behind.
  while (leases_.size() > kMostLeases || lease_order_.size() > 2 * kMostLeases) {
    const auto [oldest, number] = lease_order_.front();
    lease_order_.pop_front();
    const auto found = leases_.find(oldest);
    if (found != leases_.end() && found->second.number == number) leases_.erase(found);
  }
}

bool CacheEngine::may_go(EntryId id, Tenant* writer, bool own_only) const {
  const At candidate = at(id);
  const Entry& entry = candidate.entry();
  if (entry.has_side && candidate.stripe->side(candidate.number)->pinned) return false;
  const Resident* const held = candidate.resident();
  if (held != nullptr && held->flushing) return false;
  const Tenant* const owner = spaces_.number(candidate.stripe->key(entry).space).core->owner;
  if (owner != writer) {
    if (own_only) return false;
    const uint64_t bytes = charge(candidate);
    if (owner->reserved_bytes > 0 && owner->bytes < owner->reserved_bytes + bytes) return false;
  }
  return !leased(id);
}

std::optional<EntryId> CacheEngine::walk_for_victim(const std::function<bool(EntryId)>& may_go) {
  uint64_t most = 0;
  for (const auto& stripe : stripes_) most = std::max<uint64_t>(most, stripe->end());
  const uint64_t positions = most * kStripes;
  for (uint64_t step = 0; step < std::min(positions, kWalkSteps); ++step) {
    const auto id = static_cast<EntryId>(walk_++ % positions);
    if (live(id) && may_go(id)) return id;
  }
  return std::nullopt;
}

bool CacheEngine::evict_one(Tenant* writer, bool own_only) {
  const std::function<bool(EntryId)> allowed = [&](EntryId id) { return may_go(id, writer, own_only); };
  std::optional<EntryId> victim = policy_->victim(allowed);
  if (!victim) victim = walk_for_victim(allowed);
  if (!victim) return false;
  const At going = at(*victim);
  remove(going, expired(going, wall_ms()) ? Gone::kExpired : Gone::kEvicted);
  return true;
}

void CacheEngine::make_room(Tenant* writer) {
  unsigned evictions = 0;
  if (writer != nullptr && writer->quota_bytes > 0) {
    while (writer->bytes > writer->quota_bytes && ++evictions < kMostEvictions && evict_one(writer, true)) {
    }
  }
  while (total_bytes_ > limit_bytes_ && ++evictions < kMostEvictions && evict_one(writer, false)) {
  }
  shrink_dram();
}

void CacheEngine::shrink_dram() {
  if (!on_flash_) return;
  // CLOCK over the values that flash has too, stripe by stripe.
  uint64_t steps = 0;
  for (const auto& stripe : stripes_) steps += 2 * uint64_t{stripe->residents_end()} + 2;
  for (; resident_bytes_ > options_.settings.dram_bytes && steps > 0; --steps) {
    const auto index = static_cast<unsigned>(clock_hand_ >> 32) % kStripes;
    const auto position = static_cast<uint32_t>(clock_hand_);
    Stripe& stripe = *stripes_[index];
    if (position >= stripe.residents_end()) {
      clock_hand_ = uint64_t{(index + 1) % kStripes} << 32;
      continue;
    }
    ++clock_hand_;
    Resident& held = stripe.resident(position);
    if (!held.live || held.dirty || held.flushing) continue;
    if (held.used.exchange(0, std::memory_order_relaxed) != 0) continue;
    drop_from_dram(At{&stripe, held.entry, index});
  }
}

void CacheEngine::drop_from_dram(const At& at) {
  const Exclusive lock(*this, at.index);
  Entry& entry = at.entry();
  const FlashPlace place = at.resident()->place;
  const uint64_t version = at.resident()->version;
  resident_bytes_ -= kResidentBytes + entry.size_bytes;
  at.stripe->drop_resident(at.number);
  set_place(entry, place);
  // The version that readers saw stays, if it is not the place's own.
  if (version == place_version(place)) return;
  if (entry.has_side && at.stripe->make_side(at.number).version == 0) at.stripe->make_side(at.number).version = version;
}

}  // namespace tp::cache
