// What a start finds on flash becomes the index again: of each key the record with the highest sequence.
#include <algorithm>
#include <numeric>

#include "cache/engine/engine.h"

namespace tp::cache {

struct CacheEngine::Recovery {
  struct Found {
    uint64_t sequence = 0;
    uint64_t parent_hash = 0;
    int64_t expires_ms = 0;
    FlashPlace place;
    uint32_t value_bytes = 0, tokens = 0, first_token = 0;
    uint8_t type = 0;
    bool pinned = false;
  };
  struct Touch {
    uint64_t sequence = 0;
    int64_t expires_ms = 0;
    bool pinned = false;
  };
  std::vector<Found> found;  // by EntryId
  // By the key's hash. Should two keys share one, an entry more is forgotten.
  std::unordered_map<uint64_t, uint64_t> erased;
  std::unordered_map<uint64_t, Touch> touched;
  std::unordered_map<const SpaceCore*, uint64_t> cleared;
};

void CacheEngine::recovered_entry(Recovery* work, const RecordHead& head, FlashPlace place) {
  SpaceCore* const core = spaces_.find_or_make(head.space);
  if (core == nullptr) return;
  const uint64_t hash = key_hash(core->seed, head.key);
  At there = find(hash, core->number, head.key);
  if (!there) {
    there.number = there.stripe->add(hash, core->number, head.key);
    if (!there) return;
  }
  const EntryId id = there.id();
  if (work->found.size() <= id) work->found.resize(std::max<size_t>(id + 1, work->found.size() * 5 / 4));
  Recovery::Found& found = work->found[id];
  if (found.sequence > head.sequence) return;
  found = {head.sequence, head.parent_hash, head.expires_ms,  place,    head.value_bytes,
           head.tokens,   head.first_token, head.type, head.pinned};
}

bool CacheEngine::recovered(Recovery* work, const RecordHead& head, FlashPlace place) {
  sequence_ = std::max(sequence_, head.sequence);
  if (head.kind == RecordKind::kEntry) {
    recovered_entry(work, head, place);
    return true;
  }
  SpaceCore* const core = spaces_.find_or_make(head.space);
  if (core == nullptr) return true;
  if (head.kind == RecordKind::kClearSpace) {
    uint64_t& sequence = work->cleared[core];
    sequence = std::max(sequence, head.sequence);
    return true;
  }
  const uint64_t hash = key_hash(core->seed, head.key);
  if (head.kind == RecordKind::kErase) {
    uint64_t& sequence = work->erased[hash];
    sequence = std::max(sequence, head.sequence);
  } else {
    Recovery::Touch& touch = work->touched[hash];
    if (touch.sequence < head.sequence) touch = {head.sequence, head.expires_ms, head.pinned};
  }
  return true;
}

void CacheEngine::settle_recovered(Recovery* work) {
  const int64_t now_ms = wall_ms();
  for (EntryId id = 0; id < work->found.size(); ++id) {
    if (!live(id)) continue;
    Recovery::Found& found = work->found[id];
    const At there = at(id);
    const uint64_t hash = hash_of(there);
    SpaceNumber& number = spaces_.number(there.stripe->key(there.entry()).space);
    if (const auto touch = work->touched.find(hash); touch != work->touched.end()) {
      if (touch->second.sequence > found.sequence) {
        found.expires_ms = touch->second.expires_ms;
        found.pinned = touch->second.pinned;
      }
    }
    const auto erased = work->erased.find(hash);
    const auto cleared = work->cleared.find(number.core);
    const bool gone = (erased != work->erased.end() && erased->second > found.sequence) ||
                      (cleared != work->cleared.end() && cleared->second > found.sequence);
    const bool past = found.expires_ms != 0 && found.expires_ms <= now_ms;
    if (gone || past || segments_.slot_of(found.place.segment) == 0) {
      there.stripe->remove(there.number, hash);
      continue;
    }
    Entry& entry = there.entry();
    entry.size_bytes = found.value_bytes;
    entry.type = found.type;
    set_place(entry, found.place);
    set_facts(there, found.tokens, found.first_token);
    const uint64_t bytes = charge(there);
    segments_.add(found.place.segment, bytes);
    number.entries.fetch_add(1);
    number.bytes += bytes;
    number.core->owner->bytes += bytes;
    total_bytes_ += bytes;
    if (found.expires_ms == 0 && !found.pinned) continue;
    Side& side = there.stripe->make_side(there.number);
    side.expires_ms = found.expires_ms;
    side.pinned = found.pinned;
    if (!found.pinned) continue;
    number.core->owner->pinned_bytes += bytes;
    pinned_bytes_ += bytes;
    ++pinned_;
  }
}

void CacheEngine::teach_recovered(Recovery* work) {
  // In the order of writing, so that what was written last is the last to go.
  std::vector<EntryId> order(work->found.size());
  std::iota(order.begin(), order.end(), 0u);
  std::erase_if(order, [this](EntryId id) { return !live(id); });
  std::sort(order.begin(), order.end(),
            [work](EntryId a, EntryId b) { return work->found[a].sequence < work->found[b].sequence; });
  std::vector<std::pair<EntryId, EntryId>> later;  // whose parent comes after them
  for (const EntryId id : order) {
    const Recovery::Found& found = work->found[id];
    const At there = at(id);
    EntryFacts facts;
    facts.key_hash = hash_of(there) & HitNotes::kValueMask;
    facts.bytes = static_cast<uint32_t>(std::min<uint64_t>(charge(there), ~0u));
    facts.tokens = found.tokens;
    facts.first_token = found.first_token;
    facts.on_flash = true;
    if (found.parent_hash != 0) {
      Stripe& stripe = *stripes_[stripe_of(found.parent_hash)];
      const At parent{&stripe, stripe.find_hash(found.parent_hash), stripe_of(found.parent_hash)};
      if (parent && stripe.key(parent.entry()).space == there.stripe->key(there.entry()).space) {
        if (work->found[parent.id()].sequence < found.sequence) {
          facts.parent = parent.id();
        } else if (parent.id() != id) {
          later.emplace_back(id, parent.id());
        }
      }
    }
    policy_->inserted(id, facts);
  }
  for (const auto& [id, parent] : later) policy_->linked(id, parent, work->found[id].first_token);
}

Task<void> CacheEngine::recover() {
  const TokenCache::Options& cache = options_.cache;
  const std::string directory = directory_of(cache, options_.id);
  TP_CO_TRY_VOID(co_await cache.files->make_directory(directory));
  state_file_ = std::make_unique<StateFile>(cache.files, directory);
  TP_CO_TRY(const VolumeState before, co_await state_file_->load());
  for (const auto& [identity, tenant] : before.spaces) spaces_.remember(identity, tenant);
  for (const auto& [name, counts] : before.ledger) spaces_.tenant(name)->ledger.set_base(counts);
  saved_generation_ = spaces_.generation();
  if (!on_flash_) co_return ok;
  FlashLog::Options flash;
  flash.files = cache.files;
  flash.clock = &clock_;
  flash.directory = directory;
  flash.capacity_bytes = options_.settings.capacity_bytes;
  flash.segment_bytes = static_cast<uint32_t>(segment_bytes_);
  flash.flush_interval = cache.lost_at_most / 2;
  flash.lost = [this](const RecordHead& head, FlashPlace place) { lost(head, place); };
  Recovery work;
  for (const auto& stripe : stripes_) stripe->set_filling(true);
  auto opened = co_await FlashLog::open(std::move(flash), [this, &work](const RecordHead& head, FlashPlace place) {
    return recovered(&work, head, place);
  });
  if (!opened) co_return fail(std::move(opened).error());
  flash_ = std::move(*opened);
  const std::lock_guard lock(structure_);
  settle_recovered(&work);
  for (const auto& stripe : stripes_) stripe->set_filling(false);
  teach_recovered(&work);
  make_room(nullptr);
  flash_ready_ = true;
  co_return ok;
}

}  // namespace tp::cache
