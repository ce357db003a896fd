// What looks at many entries or at one for long: SCAN, RANDOMKEY, FLUSHDB, WATCH, and the sweep.
#include <algorithm>
#include <mutex>
#include <shared_mutex>

#include "cache/engine/engine.h"
#include "rt/await.h"
#include "rt/env/rng.h"

namespace tp::cache {
namespace {
constexpr uint32_t kPositionBits = 24;      // of a cursor: stripe, then number
constexpr uint32_t kLeastLooks = 1024;      // entries that one SCAN step looks at, of whatever space
constexpr uint32_t kSweepSides = 4096;      // side records that one sweep looks at
constexpr uint32_t kSweepEntries = 16384;   // entries that one step of clearing looks at
}  // namespace

std::vector<CacheVolume::Scanned> CacheEngine::scan(Space& space, uint64_t* cursor, uint32_t count) {
  // An entry keeps its stripe and number as long as it is there, so one pass over them meets it.
  std::vector<Scanned> found;
  const int64_t now_ms = wall_ms();
  uint64_t position = *cursor == 0 ? 0 : *cursor - 1;
  uint64_t looks = std::max<uint64_t>(kLeastLooks, uint64_t{count} * 16);
  count = std::max(count, 1u);
  while (looks > 0 && found.size() < count) {
    const uint64_t index = position >> kPositionBits;
    if (index >= kStripes) break;
    Stripe& stripe = *stripes_[index];
    const std::shared_lock lock(stripe.lock);
    const uint32_t wanted = space.core->number;
    auto number = static_cast<uint32_t>(position & ((1u << kPositionBits) - 1));
    for (; number < stripe.end() && looks > 0 && found.size() < count; ++number, --looks) {
      const At at{&stripe, number, static_cast<unsigned>(index)};
      if (static_cast<Where>(at.entry().where) == Where::kFree) continue;
      const KeyArena::Block block = stripe.key(at.entry());
      if (block.space != wanted || expired(at, now_ms)) continue;
      const Side* const side = stripe.side(number);
      found.push_back({Bytes(block.key), static_cast<ValueType>(at.entry().type), at.entry().size_bytes,
                       side == nullptr ? 0 : side->expires_ms});
    }
    position = number < stripe.end() ? index << kPositionBits | number : (index + 1) << kPositionBits;
  }
  *cursor = position >> kPositionBits >= kStripes ? 0 : position + 1;
  return found;
}

std::optional<Bytes> CacheEngine::random_key(Space& space) {
  constexpr int kTries = 256;
  static std::atomic<uint64_t> calls{0};
  rt::Rng random(static_cast<uint64_t>(clock_.now()) + calls.fetch_add(0x9e3779b97f4a7c15ULL));
  for (int i = 0; i < kTries; ++i) {
    const auto index = static_cast<unsigned>(random.below(kStripes));
    Stripe& stripe = *stripes_[index];
    const std::shared_lock lock(stripe.lock);
    if (stripe.end() == 0) continue;
    const At at{&stripe, static_cast<uint32_t>(random.below(stripe.end())), index};
    if (static_cast<Where>(at.entry().where) == Where::kFree || expired(at, wall_ms())) continue;
    const KeyArena::Block block = stripe.key(at.entry());
    if (block.space == space.core->number) return Bytes(block.key);
  }
  // Few keys among many: the first from a random place on.
  uint64_t cursor = (random.below(kStripes) << kPositionBits) + 1;
  for (int round = 0; round < 2; ++round) {
    do {
      const auto found = scan(space, &cursor, 1);
      if (!found.empty()) return found.front().key;
    } while (cursor != 0);
  }
  return std::nullopt;
}

Task<void> CacheEngine::clear(Space& space) {
  uint32_t old = 0;
  {
    const std::lock_guard lock(structure_);
    // With every stripe held no section is under way: what it found is gone as a whole.
    TP_CO_TRY(old, spaces_.renumber(space.core));
    tell(RecordKind::kClearSpace, *space.core, {}, 0, false);
    for (const auto& stripe : stripes_) {
      if (stripe->watches.empty()) continue;
      stripe->lock.lock();
      for (const auto& [hash, changed] : stripe->watches) changed->store(true, std::memory_order_release);
      stripe->lock.unlock();
    }
    spaces_.release_if_unused(old);
  }
  for (uint64_t position = 0; position != ~uint64_t{0};) {
    {
      const std::lock_guard lock(structure_);
      position = clear_some(old, position);
    }
    co_await rt::yield();
  }
  co_return ok;
}

uint64_t CacheEngine::clear_some(uint32_t space, uint64_t position) {
  for (uint32_t looks = kSweepEntries; looks > 0;) {
    const uint64_t index = position >> kPositionBits;
    if (index >= kStripes || spaces_.number(space).entries == 0) return ~uint64_t{0};
    Stripe& stripe = *stripes_[index];
    auto number = static_cast<uint32_t>(position & ((1u << kPositionBits) - 1));
    for (; number < stripe.end() && looks > 0; ++number, --looks) {
      const At at{&stripe, number, static_cast<unsigned>(index)};
      if (static_cast<Where>(at.entry().where) == Where::kFree) continue;
      if (stripe.key(at.entry()).space == space) remove(at, Gone::kCleared);
    }
    position = number < stripe.end() ? index << kPositionBits | number : (index + 1) << kPositionBits;
    if (looks > 0) --looks;
  }
  return position;
}

class EngineWatch final : public CacheVolume::Watch {
 public:
  EngineWatch(CacheEngine& engine, uint64_t hash) : engine_(engine), hash_(hash) {
    const std::lock_guard structure(engine_.structure_);
    Stripe& stripe = *engine_.stripes_[CacheEngine::stripe_of(hash_)];
    const std::lock_guard lock(stripe.lock);
    stripe.watches.emplace(hash_, &changed_);
  }
  ~EngineWatch() override {
    const std::lock_guard structure(engine_.structure_);
    Stripe& stripe = *engine_.stripes_[CacheEngine::stripe_of(hash_)];
    const std::lock_guard lock(stripe.lock);
    const auto [begin, end] = stripe.watches.equal_range(hash_);
    stripe.watches.erase(std::find_if(begin, end, [this](const auto& watch) { return watch.second == &changed_; }));
    --engine_.watches_;
  }
  bool changed() const override { return changed_.load(std::memory_order_acquire); }

 private:
  CacheEngine& engine_;
  const uint64_t hash_;
  std::atomic<bool> changed_{false};
};

Result<std::unique_ptr<CacheVolume::Watch>> CacheEngine::watch(Space& space, BytesView key) {
  if (++watches_ > kMostWatches) {
    --watches_;
    return fail(Code::kBusy, "too many keys are watched");
  }
  return std::make_unique<EngineWatch>(*this, key_hash(space.core->seed, key));
}

void CacheEngine::sweep() {
  const std::lock_guard lock(structure_);
  drain_notes();
  const int64_t now_ms = wall_ms();
  std::vector<uint32_t> past;
  uint32_t looks = 0;
  for (unsigned i = 0; i < kStripes && looks < kSweepSides; ++i) {
    const auto index = static_cast<unsigned>(sweep_hand_++ % kStripes);
    Stripe& stripe = *stripes_[index];
    past.clear();
    for (const auto& [number, side] : stripe.sides()) {
      if (side.expires_ms != 0 && side.expires_ms <= now_ms) past.push_back(number);
      ++looks;
    }
    for (const uint32_t number : past) remove(At{&stripe, number, index}, Gone::kExpired);
  }
  const int64_t now = clock_.now();
  while (!lease_order_.empty()) {
    const auto [id, number] = lease_order_.front();
    const auto found = leases_.find(id);
    if (found != leases_.end() && found->second.number == number) {
      if (found->second.until > now) break;
      leases_.erase(found);
    }
    lease_order_.pop_front();
  }
  make_room(nullptr);
}

}  // namespace tp::cache
