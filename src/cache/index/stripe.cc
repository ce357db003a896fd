#include "cache/index/stripe.h"

#include <algorithm>
#include <cstdlib>

#include "base/check.h"

namespace tp::cache {

template <class Match>
uint32_t Stripe::search(uint64_t hash, Match match) const noexcept {
  if (bucket_count_ == 0) return kNone;
  const auto tag = static_cast<uint32_t>(hash & 0xff);
  for (uint32_t bucket = bucket_of(hash), tried = 0; tried < bucket_count_; ++tried) {
    const uint32_t* slots = &slots_[size_t{bucket} * kBucket];
    bool full = true;
    for (uint32_t i = 0; i < kBucket; ++i) {
      if (slots[i] == kEmpty) {
        full = false;
      } else if ((slots[i] & 0xff) == tag && slots[i] != kDeleted && match(slots[i] >> 8)) {
        return slots[i] >> 8;
      }
    }
    if (!full) return kNone;  // an entry goes on to the next bucket only from a full one
    if (++bucket == bucket_count_) bucket = 0;
  }
  return kNone;
}

uint32_t Stripe::find(uint64_t hash, uint32_t space, BytesView key) const noexcept {
  return search(hash, [&](uint32_t number) {
    const KeyArena::Block block = keys_.get(entry(number).key_at);
    return block.space == space && block.key == key;
  });
}

uint32_t Stripe::guess(uint64_t hash) const noexcept {
  if (bucket_count_ == 0) return kNone;
  const uint32_t* slots = &slots_[size_t{bucket_of(hash)} * kBucket];
  for (uint32_t i = 0; i < kBucket; ++i) {
    if (slots[i] < kDeleted && (slots[i] & 0xff) == (hash & 0xff)) return slots[i] >> 8;
  }
  return kNone;
}

uint32_t Stripe::find_hash(uint64_t hash) const noexcept {
  return search(hash, [&](uint32_t number) { return hash_of_(context_, keys_.get(entry(number).key_at)) == hash; });
}

void Stripe::place_slot(uint64_t hash, uint32_t value) {
  for (uint32_t bucket = bucket_of(hash);;) {
    uint32_t* slots = &slots_[size_t{bucket} * kBucket];
    for (uint32_t i = 0; i < kBucket; ++i) {
      if (slots[i] < kDeleted) continue;
      if (slots[i] == kEmpty) ++used_slots_;
      slots[i] = value;
      return;
    }
    if (++bucket == bucket_count_) bucket = 0;
  }
}

void Stripe::rehash() {
  // Loads between 0.82 and 0.92; deleted slots go.
  const uint64_t capacity = uint64_t{bucket_count_} * kBucket;
  uint64_t wanted = capacity;
  if ((uint64_t{live_} + 1) * 100 > capacity * 82) wanted = capacity + (filling_ ? capacity : capacity / 8);
  if (!filling_ && uint64_t{live_} * 100 < capacity * 70) wanted = uint64_t{live_} * 9 / 8;
  bucket_count_ = static_cast<uint32_t>(std::max<uint64_t>(1, (wanted + kBucket - 1) / kBucket));
  if (bucket_count_ * uint64_t{kBucket} <= live_ + 1) ++bucket_count_;
  const size_t bytes = size_t{bucket_count_} * kBucket * sizeof(uint32_t);
  slots_.reset(static_cast<uint32_t*>(std::aligned_alloc(64, bytes)));
  TP_CHECK(slots_ != nullptr);
  std::fill_n(slots_.get(), size_t{bucket_count_} * kBucket, kEmpty);
  used_slots_ = 0;
  for (uint32_t number = 0; number < end_; ++number) {
    const Entry& present = entry(number);
    if (static_cast<Where>(present.where) == Where::kFree) continue;
    const uint64_t hash = hash_of_(context_, keys_.get(present.key_at));
    place_slot(hash, slot(number, hash));
  }
}

uint32_t Stripe::add(uint64_t hash, uint32_t space, BytesView key) {
  if (free_entry_ == kNone && end_ >= kNone - 1) return kNone;
  if ((uint64_t{used_slots_} + 1) * 100 > uint64_t{bucket_count_} * kBucket * 92) rehash();
  const uint32_t at = keys_.add(space, key);
  if (at == KeyArena::kNone) return kNone;
  uint32_t number = free_entry_;
  if (number != kNone) {
    free_entry_ = entry(number).key_at;
  } else {
    number = end_++;
    if (number % kChunk == 0) entries_.push_back(std::make_unique<Entry[]>(kChunk));
  }
  Entry& made = entry(number);
  made = Entry{};
  made.key_at = at;
  made.fact = FactTable::kNone;
  made.where = static_cast<uint64_t>(Where::kFlash);  // until a resident comes; place 0 is nowhere
  place_slot(hash, slot(number, hash));
  ++live_;
  return number;
}

void Stripe::remove(uint32_t number, uint64_t hash) {
  Entry& gone = entry(number);
  if (static_cast<Where>(gone.where) == Where::kDram) drop_resident(number);
  if (gone.has_side) drop_side(number);
  const uint32_t wanted = slot(number, hash);
  for (uint32_t bucket = bucket_of(hash), tried = 0; tried < bucket_count_; ++tried) {
    uint32_t* slots = &slots_[size_t{bucket} * kBucket];
    uint32_t* const found = std::find(slots, slots + kBucket, wanted);
    if (found != slots + kBucket) {
      const bool passed = std::find(slots, slots + kBucket, kEmpty) == slots + kBucket;
      *found = passed ? kDeleted : kEmpty;
      if (!passed) --used_slots_;
      break;
    }
    if (++bucket == bucket_count_) bucket = 0;
  }
  keys_.remove(gone.key_at);
  gone.where = static_cast<uint64_t>(Where::kFree);
  gone.key_at = free_entry_;
  free_entry_ = number;
  --live_;
}

Resident& Stripe::add_resident(uint32_t number) {
  uint32_t index = residents_end_;
  if (!free_residents_.empty()) {
    index = free_residents_.back();
    free_residents_.pop_back();
  } else {
    ++residents_end_;
    if (index % kChunk == 0) residents_.push_back(std::make_unique<Resident[]>(kChunk));
  }
  Resident& made = resident(index);
  made.entry = number;
  made.live = true;
  made.used.store(0, std::memory_order_relaxed);
  Entry& owner = entry(number);
  owner.where = static_cast<uint64_t>(Where::kDram);
  owner.place = index;
  return made;
}

void Stripe::drop_resident(uint32_t number) {
  Entry& owner = entry(number);
  const auto index = static_cast<uint32_t>(owner.place);
  Resident& gone = resident(index);
  gone.value = Value();
  gone.version = gone.parent_hash = 0;
  gone.place = FlashPlace();
  gone.live = gone.dirty = gone.flushing = gone.may_hide = false;
  free_residents_.push_back(index);
  owner.where = static_cast<uint64_t>(Where::kFlash);
  owner.place = 0;
}

const Side* Stripe::side(uint32_t number) const noexcept {
  if (!entry(number).has_side) return nullptr;
  return &sides_.find(number)->second;
}

Side& Stripe::make_side(uint32_t number) {
  entry(number).has_side = 1;
  return sides_[number];
}

void Stripe::drop_side(uint32_t number) {
  entry(number).has_side = 0;
  sides_.erase(number);
}

void Stripe::tidy() {
  if (uint64_t{live_} * 4 < uint64_t{bucket_count_} * kBucket && bucket_count_ > 4) rehash();
  if (!keys_.sparse()) return;
  KeyArena packed;
  for (uint32_t number = 0; number < end_; ++number) {
    Entry& present = entry(number);
    if (static_cast<Where>(present.where) == Where::kFree) continue;
    const KeyArena::Block block = keys_.get(present.key_at);
    present.key_at = packed.add(block.space, block.key);
  }
  keys_ = std::move(packed);
}

uint64_t Stripe::memory_bytes() const noexcept {
  constexpr uint64_t kMalloc = 16;
  return sizeof(Stripe) + uint64_t{bucket_count_} * kBucket * sizeof(uint32_t) + keys_.memory_bytes() +
         entries_.size() * (kChunk * sizeof(Entry) + kMalloc) + entries_.capacity() * sizeof(void*) +
         sides_.size() * (sizeof(std::pair<const uint32_t, Side>) + kMalloc) + sides_.bucket_count() * sizeof(void*) +
         watches.size() * 48;
}

}  // namespace tp::cache
