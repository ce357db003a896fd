// Reclaiming the oldest segment: what is worth it is carried over to the newest, the rest is forgotten, the file goes.
// What a record of the segment hid elsewhere has to stay hidden: that is so if all other segments are younger; where
// one is not (large records have segments of their own, filled while another is open), it is told again.
#include <algorithm>
#include <limits>

#include "cache/engine/engine.h"

namespace tp::cache {
namespace {
constexpr double kMostCarried = 0.75;         // of a segment, once the volume is full
constexpr double kMostCarriedPressed = 0.5;  // when that does not suffice
}

struct CacheEngine::Reclaim {
  uint32_t segment = 0;
  uint64_t bytes = 0;
  bool pressed = false;
  uint64_t youngest_hidden = 0;  // a record with a higher sequence may hide something elsewhere
  struct Live {
    EntryId id = kNoEntry;
    FlashPlace place;
    uint64_t parent_hash = 0;
    bool keep = false;
    bool hides = false;
    double worth = 0;
  };
  std::vector<Live> live;
};

void CacheEngine::classify(Reclaim* work, const RecordHead& head, FlashPlace place) {
  const std::lock_guard lock(structure_);
  SpaceCore* const core = spaces_.find_or_make(head.space);
  if (core == nullptr) return;
  const bool hides = head.sequence > work->youngest_hidden;
  if (head.kind == RecordKind::kClearSpace) {
    if (hides) tellings_.push_back({head.kind, core->key, {}, head.sequence, 0, false});
    return;
  }
  const At there = find(key_hash(core->seed, head.key), core->number, head.key);
  const FlashPlace now = there ? place_of(there) : FlashPlace();
  if (head.kind == RecordKind::kEntry && now == place) {
    work->live.push_back({there.id(), place, head.parent_hash, !may_go(there.id(), nullptr, false),
                          hides, policy_->worth(there.id())});
    return;
  }
  const bool elsewhere = now.segment != 0 && now.segment != work->segment;
  if (head.kind == RecordKind::kTouch && elsewhere) {
    const Side* const side = there.stripe->side(there.number);
    tell(RecordKind::kTouch, *core, head.key, side == nullptr ? 0 : side->expires_ms, side != nullptr && side->pinned);
    return;
  }
  if (hides && now.segment == 0) tell(RecordKind::kErase, *core, head.key, 0, false);
}

Task<bool> CacheEngine::carry_one(EntryId id, FlashPlace from, uint64_t parent_hash) {
  Outgoing record;
  {
    const std::lock_guard lock(structure_);
    if (!live(id) || place_of(at(id)) != from) co_return true;
    const At here = at(id);
    const KeyArena::Block block = here.stripe->key(here.entry());
    record.space = spaces_.number(block.space).core->key;
    record.key = Bytes(block.key);
    record.head.value_bytes = here.entry().size_bytes;
    if (const Resident* const held = here.resident()) record.value = held->value;
  }
  if (!record.value) {
    auto value = co_await flash_->read(from, Bytes(as_view(record.space)), record.key, record.head.value_bytes);
    if (!value) {
      const std::lock_guard lock(structure_);
      if (live(id) && place_of(at(id)) == from) remove(at(id), Gone::kCorrupt);
      co_return true;
    }
    record.value = std::move(*value);
  }
  {
    const std::lock_guard lock(structure_);
    if (!live(id) || place_of(at(id)) != from || cleared(id)) co_return true;
    const At here = at(id);
    const Side* const side = here.stripe->side(here.number);
    const Saves saved = saves(here);
    record.head.kind = RecordKind::kEntry;
    record.head.type = static_cast<uint8_t>(here.entry().type);
    record.head.pinned = side != nullptr && side->pinned;
    record.head.expires_ms = side == nullptr ? 0 : side->expires_ms;
    record.head.tokens = saved.tokens;
    record.head.first_token = saved.first_token;
    record.head.parent_hash = parent_hash;
    record.head.sequence = ++sequence_;
  }
  const auto place = co_await append(&record);
  if (!place) co_return false;
  const std::lock_guard lock(structure_);
  if (!live(id) || place_of(at(id)) != from) co_return true;
  const At here = at(id);
  const Exclusive alone(*this, here.index);
  forget_place(here);
  if (Resident* const held = here.resident()) {
    held->place = *place;
  } else {
    set_place(here.entry(), *place);
  }
  segments_.add(place->segment, charge(here));
  carried_bytes_ += record.key.size() + record.value.size();
  co_return true;
}

Task<void> CacheEngine::carry(Reclaim* work) {
  std::sort(work->live.begin(), work->live.end(), [](const Reclaim::Live& a, const Reclaim::Live& b) {
    return a.keep != b.keep ? a.keep : a.worth > b.worth;
  });
  double share = work->pressed ? kMostCarriedPressed : 1.0;
  if (!work->pressed) {
    const std::lock_guard lock(structure_);
    if (full()) share = kMostCarried;
  }
  const auto most = static_cast<uint64_t>(static_cast<double>(work->bytes) * share);
  uint64_t carried = 0;
  bool takes = true;
  for (const Reclaim::Live& one : work->live) {
    uint64_t bytes = 0;
    {
      const std::lock_guard lock(structure_);
      if (!live(one.id) || place_of(at(one.id)) != one.place) continue;
      bytes = charge(at(one.id));
      const bool past = expired(at(one.id), wall_ms());
      if (past || !takes || (!one.keep && carried + bytes > most)) {
        remove_with_segment(at(one.id), past ? Gone::kExpired : Gone::kEvicted, one.hides);
        continue;
      }
    }
    const auto done = co_await carry_one(one.id, one.place, one.parent_hash);
    takes = done && *done;
    carried += bytes;
    if (takes) continue;
    const std::lock_guard lock(structure_);
    if (live(one.id) && place_of(at(one.id)) == one.place) remove_with_segment(at(one.id), Gone::kEvicted, one.hides);
  }
  co_return ok;
}

void CacheEngine::remove_with_segment(const At& at, Gone why, bool hides) {
  // Its record goes at once: no ghost stays, but what it hid elsewhere would come to light.
  if (hides && !cleared(at.id())) {
    const KeyArena::Block block = at.stripe->key(at.entry());
    tell(RecordKind::kErase, *spaces_.number(block.space).core, block.key, 0, false);
  }
  const bool ghosts = ghosts_;
  const uint64_t until = ghosts_until_;
  remove(at, why);
  ghosts_ = ghosts;
  ghosts_until_ = until;
}

void CacheEngine::purge_segment(uint32_t segment) {
  // Entries whose heads in the segment nobody could read.
  const std::lock_guard lock(structure_);
  if (segments_.live_bytes(segment) > 0) {
    for (unsigned index = 0; index < kStripes; ++index) {
      Stripe& stripe = *stripes_[index];
      for (uint32_t number = 0; number < stripe.end(); ++number) {
        const At there{&stripe, number, index};
        if (static_cast<Where>(there.entry().where) == Where::kFree || place_of(there).segment != segment) continue;
        remove(there, cleared(there.id()) ? Gone::kCleared : Gone::kCorrupt);
      }
    }
  }
  segments_.forget(segment);
}

Task<bool> CacheEngine::reclaim_oldest(bool pressed) {
  const std::vector<FlashLog::SegmentInfo> all = flash_->segments();
  const FlashLog::SegmentInfo* oldest = nullptr;
  for (const auto& one : all) {
    if (one.sealed && (oldest == nullptr || one.highest_sequence < oldest->highest_sequence)) oldest = &one;
  }
  if (oldest == nullptr) co_return false;
  Reclaim work;
  work.segment = oldest->number;
  work.bytes = oldest->bytes;
  work.pressed = pressed;
  work.youngest_hidden = std::numeric_limits<uint64_t>::max();
  for (const auto& one : all) {
    if (one.number == work.segment || one.highest_sequence == 0) continue;
    work.youngest_hidden = std::min(work.youngest_hidden, one.lowest_sequence);
  }
  const auto seen = co_await flash_->for_each_record(
      work.segment, [this, &work](const RecordHead& head, FlashPlace place) { classify(&work, head, place); });
  (void)seen;  // what could not be read is purged
  (void)co_await carry(&work);
  purge_segment(work.segment);
  // What was carried and told has to be stable before the segment is not there any more.
  const auto told = co_await push_tellings();
  Result<void> dropped = fail(Code::kNoSpace, "flash takes nothing");
  if (told && *told) dropped = co_await flash_->flush();
  if (dropped) dropped = co_await flash_->drop(work.segment);
  const std::lock_guard lock(structure_);
  if (!dropped) {  // what was evicted with it is still there
    ghosts_ = true;
    ghosts_until_ = sequence_;
    co_return fail(std::move(dropped).error());
  }
  uint64_t lowest = std::numeric_limits<uint64_t>::max();
  for (const auto& one : flash_->segments()) {
    if (one.highest_sequence != 0) lowest = std::min(lowest, one.lowest_sequence);
  }
  if (ghosts_ && lowest > ghosts_until_) ghosts_ = false;
  co_return true;
}

}  // namespace tp::cache
