// Stripe: one shard of a volume's index: the hash table, the entries with their keys, the values that lie in DRAM, and
// what only few entries have (expiry, pin, watches). Read under its lock, shared or not; changed by who holds the
// volume's structure mutex and the lock alone. An entry keeps its number from insertion to removal.
//
// Memory of an entry: 16 bytes, 4.4 to 4.9 of hash table, its key and 2 to 5 bytes with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "cache/flash/flash_log.h"
#include "cache/index/fact_table.h"
#include "cache/index/key_arena.h"
#include "cache/index/stripe_lock.h"
#include "cache/value.h"

namespace tp::cache {

enum class Where : uint8_t { kFree = 0, kDram = 1, kFlash = 2 };

struct Entry {
  uint32_t key_at;
  uint32_t size_bytes : 30;
  uint32_t type : 2;
  uint64_t place : 40;  // kDram: number of the resident; kFlash: 16 bits of segment slot, 24 bits of unit
  uint64_t fact : FactTable::kNumberBits;
  uint64_t where : 2;
  uint64_t has_side : 1;
};
static_assert(sizeof(Entry) == 16);

/// A value in DRAM. `place` says where it lies on flash too; it is dirty until it does.
struct Resident {
  Value value;
  uint64_t version = 0;
  uint64_t parent_hash = 0;
  FlashPlace place;
  uint32_t entry = 0;
  std::atomic<uint8_t> used{0};   // since CLOCK came by
  bool live = false, dirty = false, flushing = false;
  bool may_hide = false;     // flash may hold an older record of the key, so that its going must be told
};

/// What few entries have.
struct Side {
  int64_t expires_ms = 0;
  uint64_t version = 0;                  // 0: the value's
  uint32_t tokens = 0, first_token = 0;  // where the fact table is full
  bool pinned = false;
};

class Stripe {
 public:
  static constexpr uint32_t kNone = (1u << 24) - 1;
  /// The hash of a present key, for making the table anew.
  using HashOf = uint64_t (*)(const void* context, const KeyArena::Block& block);

  Stripe(HashOf hash_of, const void* context) : hash_of_(hash_of), context_(context) {}

  StripeLock lock;

  uint32_t find(uint64_t hash, uint32_t space, BytesView key) const noexcept;
  /// The first whose key's whole hash is `hash`, of any space.
  uint32_t find_hash(uint64_t hash) const noexcept;
  void prefetch(uint64_t hash) const noexcept {
    if (bucket_count_ > 0) __builtin_prefetch(&slots_[bucket_of(hash) * kBucket]);
  }
  /// The entry that find() would look at first, or kNone; its key has not been compared.
  uint32_t guess(uint64_t hash) const noexcept;
  void prefetch_key(const Entry& entry) const noexcept { keys_.prefetch(entry.key_at); }
  /// A new entry without a value; kNone: the stripe is full. The key is not there yet.
  uint32_t add(uint64_t hash, uint32_t space, BytesView key);
  /// With its resident and side record.
  void remove(uint32_t number, uint64_t hash);

  Entry& entry(uint32_t number) noexcept { return entries_[number / kChunk][number % kChunk]; }
  const Entry& entry(uint32_t number) const noexcept { return entries_[number / kChunk][number % kChunk]; }
  KeyArena::Block key(const Entry& entry) const noexcept { return keys_.get(entry.key_at); }
  uint32_t end() const noexcept { return end_; }  // numbers ever given
  uint32_t live() const noexcept { return live_; }

  Resident& resident(uint32_t index) noexcept { return residents_[index / kChunk][index % kChunk]; }
  const Resident& resident(uint32_t index) const noexcept { return residents_[index / kChunk][index % kChunk]; }
  uint32_t residents_end() const noexcept { return residents_end_; }
  /// A resident of the entry; the entry points at it.
  Resident& add_resident(uint32_t number);
  /// The entry points nowhere then.
  void drop_resident(uint32_t number);

  const Side* side(uint32_t number) const noexcept;
  Side& make_side(uint32_t number);
  void drop_side(uint32_t number);
  std::unordered_map<uint32_t, Side>& sides() noexcept { return sides_; }

  std::unordered_multimap<uint64_t, std::atomic<bool>*> watches;  // by hash

  /// While a start fills the stripe its table grows by doubling; afterwards it is made to fit.
  void set_filling(bool filling) {
    filling_ = filling;
    if (!filling && live_ > 0) rehash();
  }
  /// Packs the keys again if much of their memory is free.
  void tidy();
  uint64_t key_bytes() const noexcept { return keys_.key_bytes(); }
  /// Of hash table, entries, keys and side records; not of residents.
  uint64_t memory_bytes() const noexcept;

 private:
  static constexpr uint32_t kBucket = 16;  // slots: a cache line
  static constexpr uint32_t kEmpty = ~0u, kDeleted = ~0u - 1;
  static constexpr uint32_t kChunk = 128;
  struct Free {
    void operator()(uint32_t* slots) const noexcept { std::free(slots); }
  };

  static uint32_t slot(uint32_t number, uint64_t hash) noexcept {
    return (number << 8) | static_cast<uint32_t>(hash & 0xff);
  }
  uint32_t bucket_of(uint64_t hash) const noexcept {
    return static_cast<uint32_t>(((hash >> 32) * bucket_count_) >> 32);
  }
  template <class Match>
  uint32_t search(uint64_t hash, Match match) const noexcept;
  void place_slot(uint64_t hash, uint32_t value);
  void rehash();

  const HashOf hash_of_;
  const void* const context_;
  std::unique_ptr<uint32_t[], Free> slots_;
  uint32_t bucket_count_ = 0;
  bool filling_ = false;
  uint32_t used_slots_ = 0;  // entries and deleted ones
  KeyArena keys_;
  std::vector<std::unique_ptr<Entry[]>> entries_;
  uint32_t end_ = 0, live_ = 0, free_entry_ = kNone;
  std::vector<std::unique_ptr<Resident[]>> residents_;
  uint32_t residents_end_ = 0;
  std::vector<uint32_t> free_residents_;
  std::unordered_map<uint32_t, Side> sides_;
};

}  // namespace tp::cache
