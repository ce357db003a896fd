// What is staged in DRAM goes to flash. One push runs at a time, on the home loop, and appends one record after the
// other: a record's sequence is given right before it is appended, so that a segment that is older holds what is older.
#include <algorithm>

#include "cache/engine/engine.h"
#include "cache/flash/segment_format.h"
#include "rt/await.h"

namespace tp::cache {
namespace {
constexpr size_t kBatchRecords = 256;
constexpr uint64_t kBatchBytes = 8 << 20;
constexpr rt::Nanos kRestAfterFailure = rt::kSecond;
constexpr rt::Nanos kLongestWait = 5 * rt::kSecond;
constexpr uint64_t kTellingBytes = 2048;  // at most, in a segment and its table
}  // namespace

uint64_t CacheEngine::staged_most() const {
  return std::min(static_cast<uint64_t>(static_cast<double>(limit_bytes_) * kStagingShare),
                  options_.settings.dram_bytes / 2);
}

std::optional<Staged> CacheEngine::next_staged() {
  while (true) {
    Staged staged;
    if (!again_.empty()) {
      staged = again_.front();
      again_.pop_front();
    } else {
      const std::optional<EntryId> next = policy_->next_staged();
      if (!next) return std::nullopt;
      staged.id = *next;
    }
    if (!live(staged.id)) continue;
    const Resident* const held = at(staged.id).resident();
    if (held == nullptr || !held->dirty || held->flushing) continue;
    if (staged.version != 0 && staged.version != held->version) continue;
    staged.version = held->version;
    return staged;
  }
}

/// What is dirty and in no queue, should a policy have lost it.
void CacheEngine::find_dirty() {
  for (unsigned index = 0; index < kStripes; ++index) {
    Stripe& stripe = *stripes_[index];
    for (uint32_t position = 0; position < stripe.residents_end(); ++position) {
      const Resident& held = stripe.resident(position);
      if (!held.live || !held.dirty || held.flushing) continue;
      again_.push_back({At{&stripe, held.entry, index}.id(), held.version});
    }
  }
}

std::vector<Staged> CacheEngine::choose(Push how, uint64_t bytes) {
  const std::lock_guard lock(structure_);
  drain_notes();
  uint64_t goal = 0;
  if (how != Push::kAll && full()) goal = staged_most();
  const uint64_t dram = options_.settings.dram_bytes;
  if (how == Push::kRoom) goal = std::min(goal, dram - std::min(dram, bytes));
  std::vector<Staged> batch;
  uint64_t batch_bytes = 0;
  while (batch.size() < kBatchRecords && batch_bytes < kBatchBytes && dirty_bytes_ - flushing_bytes_ > goal) {
    std::optional<Staged> staged = next_staged();
    if (!staged) {
      find_dirty();
      staged = next_staged();
    }
    if (!staged) break;
    const At leaving = at(staged->id);
    if (expired(leaving, wall_ms())) {
      remove(leaving, Gone::kExpired);
      continue;
    }
    const bool wanted = how == Push::kAll || !full() || !may_go(staged->id, nullptr, false);
    if (!wanted && !policy_->worth_flash(staged->id)) {
      remove(leaving, Gone::kEvicted);
      continue;
    }
    leaving.resident()->flushing = true;
    const uint64_t resident_bytes = kResidentBytes + leaving.entry().size_bytes;
    flushing_bytes_ += resident_bytes;
    batch_bytes += resident_bytes;
    batch.push_back(*staged);
  }
  return batch;
}

std::optional<Outgoing> CacheEngine::take_out(const Staged& staged) {
  const std::lock_guard lock(structure_);
  if (!live(staged.id)) return std::nullopt;
  const At leaving = at(staged.id);
  Resident* const held = leaving.resident();
  if (held == nullptr || held->version != staged.version || !held->flushing) return std::nullopt;
  const Entry& entry = leaving.entry();
  const KeyArena::Block block = leaving.stripe->key(entry);
  if (!spaces_.present(block.space)) {  // cleared: a record now would be younger than the clearing
    held->flushing = false;
    flushing_bytes_ -= kResidentBytes + entry.size_bytes;
    return std::nullopt;
  }
  const Side* const side = leaving.stripe->side(leaving.number);
  const Saves saved = saves(leaving);
  Outgoing record;
  record.space = spaces_.number(block.space).core->key;
  record.key = Bytes(block.key);
  record.value = held->value;
  record.head.kind = RecordKind::kEntry;
  record.head.type = static_cast<uint8_t>(entry.type);
  record.head.pinned = side != nullptr && side->pinned;
  record.head.sequence = ++sequence_;
  record.head.expires_ms = side == nullptr ? 0 : side->expires_ms;
  record.head.tokens = saved.tokens;
  record.head.first_token = saved.first_token;
  record.head.parent_hash = held->parent_hash;
  record.head.value_bytes = entry.size_bytes;
  return record;
}

Task<FlashPlace> CacheEngine::append(Outgoing* record) {
  record->point();
  auto place = co_await flash_->append(record->head, record->value);
  if (!place) flash_fails_until_ = clock_.now() + kRestAfterFailure;
  co_return place;
}

void CacheEngine::pushed(const Staged& staged, FlashPlace place) {
  const std::lock_guard lock(structure_);
  if (!live(staged.id)) return;
  const At there = at(staged.id);
  Resident* const held = there.resident();
  if (held == nullptr || held->version != staged.version || !held->flushing) return;  // dead on arrival
  held->flushing = held->dirty = held->may_hide = false;
  const uint64_t resident_bytes = kResidentBytes + there.entry().size_bytes;
  flushing_bytes_ -= resident_bytes;
  dirty_bytes_ -= resident_bytes;
  held->place = place;
  segments_.add(place.segment, charge(there));
  policy_->staged_done(staged.id);
}

void CacheEngine::not_pushed(const Staged& staged) {
  const std::lock_guard lock(structure_);
  if (!live(staged.id)) return;
  Resident* const held = at(staged.id).resident();
  if (held == nullptr || held->version != staged.version || !held->flushing) return;
  held->flushing = false;
  flushing_bytes_ -= kResidentBytes + held->value.size();
  again_.push_back(staged);
}

Task<bool> CacheEngine::push_one(Staged staged) {
  uint64_t bytes = 0;
  {
    const std::lock_guard lock(structure_);
    if (live(staged.id)) bytes = charge(at(staged.id));
  }
  // Room first: what reclaiming appends has to come before this record's sequence.
  (void)co_await make_flash_room(bytes);
  std::optional<Outgoing> record = take_out(staged);
  if (!record) co_return true;
  const auto place = co_await append(&*record);
  if (place) {
    pushed(staged, *place);
  } else {
    not_pushed(staged);
  }
  co_return place.has_value();
}

Task<bool> CacheEngine::push_tellings() {
  while (true) {
    Outgoing record;
    {
      const std::lock_guard lock(structure_);
      if (tellings_.empty()) co_return true;
      const Telling& next = tellings_.front();
      record.space = next.space;
      record.key = next.key;
      record.head.kind = next.kind;
      record.head.sequence = next.sequence;
      record.head.expires_ms = next.expires_ms;
      record.head.pinned = next.pinned;
    }
    const auto place = co_await append(&record);
    if (!place) co_return false;
    const std::lock_guard lock(structure_);
    tellings_.pop_front();  // only here, under flush_mutex_
  }
}

Task<void> CacheEngine::make_flash_room(uint64_t bytes) {
  // A segment more than asked for: what reclaiming carries over has to go somewhere.
  const uint64_t wanted = bytes + kTellingBytes + segment_bytes_;
  if (flash_->room(wanted)) co_return ok;
  const size_t segments = flash_->segments().size();
  for (size_t round = 0; round < 2 * segments + 2 && !flash_->room(wanted); ++round) {
    // Where live entries do not pack well into segments, carrying all of them would go round in circles.
    const auto reclaimed = co_await reclaim_oldest(round > segments / 4);
    if (!reclaimed) co_return fail(reclaimed.error());
    if (!*reclaimed) break;
  }
  co_return ok;
}

Task<bool> CacheEngine::push_some(Push how, uint64_t bytes) {
  const std::vector<Staged> batch = choose(how, bytes);
  bool fine = true;
  for (const Staged& staged : batch) {
    if (fine) {
      const auto pushed_it = co_await push_one(staged);
      fine = pushed_it && *pushed_it;
    } else {
      not_pushed(staged);
    }
  }
  if (!fine) co_return fail(Code::kNoSpace, "flash takes nothing");
  co_return !batch.empty();
}

Task<void> CacheEngine::push(Push how, uint64_t bytes) {
  if (!flash_) co_return ok;
  if (how != Push::kAll && clock_.now() < flash_fails_until_) {
    co_return fail(Code::kNoSpace, "flash failed a moment ago");
  }
  // The name of a space has to be known before its first entry.
  TP_CO_TRY_VOID(co_await save_state(true));
  for (bool more = true; more;) {
    if (!tellings_empty()) {
      (void)co_await make_flash_room(0);
      TP_CO_TRY(const bool told, co_await push_tellings());
      if (!told) co_return fail(Code::kNoSpace, "flash takes nothing");
    }
    TP_CO_TRY(more, co_await push_some(how, bytes));
  }
  co_return ok;
}

bool CacheEngine::tellings_empty() const {
  const std::lock_guard lock(structure_);
  return tellings_.empty();
}

void CacheEngine::drop_staged(uint64_t bytes) {
  // The disk is full or gone: what waits for it has to make room for what comes.
  const std::lock_guard lock(structure_);
  const std::function<bool(EntryId)> staged = [this](EntryId id) {
    const Resident* const held = at(id).resident();
    return held != nullptr && held->dirty && may_go(id, nullptr, false);
  };
  while (dirty_bytes_ + bytes > options_.settings.dram_bytes) {
    std::optional<EntryId> victim = policy_->victim(staged);
    if (!victim) victim = walk_for_victim(staged);
    if (!victim) break;
    remove(at(*victim), Gone::kEvicted);
  }
  while (tellings_.size() > kMostTellings) tellings_.pop_front();
  shrink_dram();
}

Task<void> CacheEngine::room(uint64_t bytes) {
  rt::Loop& back = rt::Loop::current();
  const rt::Nanos until = clock_.now() + kLongestWait;
  while (true) {
    {
      const std::lock_guard lock(structure_);
      make_room(nullptr);
      if (fits(bytes)) co_return ok;
      if (!flash_ || total_bytes_ > limit_bytes_ || bytes > options_.settings.dram_bytes) {
        co_return fail(Code::kBusy, "the cache volume has no room");
      }
    }
    if (clock_.now() > until) co_return fail(Code::kBusy, "flash does not keep up");
    co_await rt::resume_on(home_);
    {
      const auto guard = co_await flush_mutex_.lock();
      const auto done = co_await push(Push::kRoom, bytes);
      if (!done) drop_staged(bytes);
    }
    co_await rt::resume_on(back);
    co_await rt::yield();
  }
}

Task<void> CacheEngine::flush_step() {
  rt::Loop& back = rt::Loop::current();
  co_await rt::resume_on(home_);
  Result<void> done = ok;
  {
    const auto guard = co_await flush_mutex_.lock();
    done = co_await push(Push::kUsual, 0);
    if (!done) drop_staged(0);
  }
  co_await rt::resume_on(back);
  co_return done;
}

Task<void> CacheEngine::flush_all() {
  rt::Loop& back = rt::Loop::current();
  co_await rt::resume_on(home_);
  Result<void> done = ok;
  {
    const auto guard = co_await flush_mutex_.lock();
    done = co_await push(Push::kAll, 0);
    if (done && flash_) done = co_await flash_->flush();
  }
  co_await rt::resume_on(back);
  co_return done;
}

void CacheEngine::lost(const RecordHead& head, FlashPlace place) {
  const std::lock_guard lock(structure_);
  flash_fails_until_ = clock_.now() + kRestAfterFailure;
  SpaceCore* const core = spaces_.find_or_make(head.space);
  if (core == nullptr) return;
  if (head.kind == RecordKind::kClearSpace) {
    tellings_.push_back({head.kind, core->key, {}, head.sequence, 0, false});
    return;
  }
  const At there = find(key_hash(core->seed, head.key), core->number, head.key);
  if (head.kind == RecordKind::kErase) {
    if (!there) tell(RecordKind::kErase, *core, head.key, 0, false);
    return;
  }
  if (!there) return;
  if (head.kind == RecordKind::kTouch) {
    const Side* const side = there.stripe->side(there.number);
    tell(RecordKind::kTouch, *core, head.key, side == nullptr ? 0 : side->expires_ms, side != nullptr && side->pinned);
    return;
  }
  if (place_of(there) != place) return;
  Resident* const held = there.resident();
  if (held == nullptr) {
    remove(there, Gone::kCorrupt);
    return;
  }
  // DRAM still has it: it waits for flash again.
  forget_place(there);
  held->place = FlashPlace();
  held->dirty = held->may_hide = true;
  dirty_bytes_ += kResidentBytes + there.entry().size_bytes;
  again_.push_back({there.id(), held->version});
}

}  // namespace tp::cache
