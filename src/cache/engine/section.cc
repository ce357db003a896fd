#include "cache/engine/section.h"

#include <bit>

namespace tp::cache {

ReadSection::ReadSection(CacheEngine& engine, Space& space, std::span<const BytesView> keys, Alone)
    : engine_(engine), space_(space) {
  for (const BytesView key : keys) {
    stripes_ |= uint64_t{1} << CacheEngine::stripe_of(key_hash(space.core->seed, key));
  }
}

ReadSection::ReadSection(CacheEngine& engine, Space& space, std::span<const BytesView> keys)
    : ReadSection(engine, space, keys, Alone()) {
  for (uint64_t left = stripes_; left != 0; left &= left - 1) {
    engine_.stripes_[static_cast<unsigned>(std::countr_zero(left))]->lock.lock_shared();
  }
  number_ = space.core->number.load();
}

ReadSection::~ReadSection() {
  for (uint64_t left = stripes_; left != 0; left &= left - 1) {
    engine_.stripes_[static_cast<unsigned>(std::countr_zero(left))]->lock.unlock_shared();
  }
}

CacheEngine::At ReadSection::locate(BytesView key, bool* expired) {
  const uint64_t hash = key_hash(space_.core->seed, key);
  TP_CHECK((stripes_ >> CacheEngine::stripe_of(hash) & 1) != 0);
  CacheEngine::At at = engine_.find(hash, number_, key);
  if (!at || !at.entry().has_side) return at;
  if (now_ms_ == 0) now_ms_ = engine_.wall_ms();
  if (!engine_.expired(at, now_ms_)) return at;
  if (expired != nullptr) *expired = true;
  engine_.notes_.note(HitNotes::Kind::kExpired, at.id());
  at.number = Stripe::kNone;
  return at;
}

std::optional<EntryView> ReadSection::find(BytesView key) {
  const CacheEngine::At at = locate(key);
  if (!at) return std::nullopt;
  return engine_.view(at);
}

void ReadSection::count_hit(BytesView key, const EntryView& found) {
  const CacheEngine::At at = locate(key);
  uint64_t nanoseconds = 0;
  if (at) {
    nanoseconds = engine_.saves(at).nanoseconds;
    engine_.notes_.note(HitNotes::Kind::kHit, at.id());
  }
  space_.tenant->ledger.hit(found.flash.segment != 0, found.size_bytes, found.tokens, nanoseconds);
}

void ReadSection::count_miss(BytesView key, uint32_t tokens) {
  space_.tenant->ledger.miss(1, tokens);
  if (missed_) return;  // of a chain only the first that is missing says something
  missed_ = true;
  engine_.notes_.note(HitNotes::Kind::kMiss, key_hash(space_.core->seed, key));
}

Result<void> ReadSection::put(BytesView, Value, const PutOptions&) {
  return fail(Code::kInternal, "a read section changes nothing");
}
bool ReadSection::erase(BytesView) { return false; }
bool ReadSection::set_expiry(BytesView, int64_t) { return false; }
bool ReadSection::set_pinned(BytesView, bool) { return false; }

// The stripes are held alone; the base class's destructor must not give them back as shared.
WriteSection::WriteSection(CacheEngine& engine, Space& space, std::span<const BytesView> keys)
    : ReadSection(engine, space, keys, Alone()) {
  engine_.structure_.lock();
  engine_.drain_notes();
  engine_.section_added_ = 0;
  engine_.section_promised_ = false;
  for (uint64_t left = stripes_; left != 0; left &= left - 1) {
    engine_.stripes_[static_cast<unsigned>(std::countr_zero(left))]->lock.lock();
  }
  engine_.held_ = stripes_;
  number_ = space.core->number.load();
}

WriteSection::~WriteSection() {
  engine_.held_ = 0;
  for (uint64_t left = std::exchange(stripes_, 0); left != 0; left &= left - 1) {
    engine_.stripes_[static_cast<unsigned>(std::countr_zero(left))]->lock.unlock();
  }
  engine_.make_room(space_.core->owner);
  engine_.structure_.unlock();
}

Result<void> WriteSection::put(BytesView key, Value value, const PutOptions& options) {
  return engine_.put(space_, number_, key, std::move(value), options);
}

bool WriteSection::has_room(uint64_t bytes) {
  if (!engine_.fits(bytes)) return false;
  engine_.section_promised_ = true;
  return true;
}

bool WriteSection::erase(BytesView key) {
  const CacheEngine::At at = locate(key);
  if (at) {
    engine_.remove(at, Gone::kErased);
  } else if (engine_.ghosts_) {
    engine_.tell(RecordKind::kErase, *space_.core, key, 0, false);  // what was evicted may come back, but not now
  }
  return static_cast<bool>(at);
}

bool WriteSection::set_expiry(BytesView key, int64_t expires_ms) {
  const CacheEngine::At at = locate(key);
  return at && engine_.set_expiry(at, expires_ms);
}

bool WriteSection::set_pinned(BytesView key, bool pinned) {
  const CacheEngine::At at = locate(key);
  return at && engine_.set_pinned(at, pinned);
}

std::unique_ptr<CacheVolume::Section> CacheEngine::read_section(Space& space, std::span<const BytesView> keys) {
  return std::make_unique<ReadSection>(*this, space, keys);
}

std::unique_ptr<CacheVolume::Section> CacheEngine::write_section(Space& space, std::span<const BytesView> keys) {
  return std::make_unique<WriteSection>(*this, space, keys);
}

}  // namespace tp::cache
