// CacheEngine: one open cache volume. What holds of it:
//
// - Everything that changes is changed under the structure mutex, and in the stripe that it is in under that stripe's
//   lock too. Who holds the structure mutex may therefore read without stripe locks; who holds a stripe's lock, shared,
//   may read that stripe. Structure before stripes, stripes ascending; never a lock across a suspension.
// - An eviction takes the lock of a stripe that may stand before those a section holds: so sections evict at their end,
//   when they hold none, and put() checks beforehand that this will succeed.
// - Flash is a log that is reclaimed from its oldest segment: a record goes before any record that hides it does. A
//   deletion is therefore one erasing record, which nobody has to carry on.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "cache/cache_volume.h"
#include "cache/engine/hit_notes.h"
#include "cache/engine/outgoing.h"
#include "cache/flash/flash_log.h"
#include "cache/index/segment_slots.h"
#include "cache/index/stripe.h"
#include "cache/policy/policy.h"
#include "cache/spaces/space_table.h"
#include "cache/spaces/state_file.h"
#include "cache/token_cache.h"
#include "rt/async_mutex.h"
#include "rt/task_group.h"

namespace tp::cache {

enum class Gone : uint8_t { kErased, kEvicted, kExpired, kCorrupt, kCleared };

class CacheEngine final : public CacheVolume {
 public:
  struct Options {
    TokenCache::Options cache;
    VolumeId id;
    std::string name;
    CacheSettings settings;
  };
  static Task<std::shared_ptr<CacheEngine>> open(Options options);
  ~CacheEngine() override;

  const std::string& name() const override { return options_.name; }
  VolumeId id() const { return options_.id; }
  CacheSettings settings() const override;
  const Profile& profile() const override { return *profile_.load(std::memory_order_acquire); }
  Result<Space*> space(const Identity& identity, std::string_view tenant) override;
  std::unique_ptr<Section> read_section(Space& space, std::span<const BytesView> keys) override;
  std::unique_ptr<Section> write_section(Space& space, std::span<const BytesView> keys) override;
  Result<EntryView> get_now(Space& space, BytesView key) override;
  void prefetch(Space& space, std::span<const BytesView> keys) override;
  Task<EntryView> get(Space& space, Bytes key) override;
  Task<Value> load(Space& space, Bytes key, EntryView seen) override;
  Task<void> room(uint64_t bytes) override;
  PrefixResult prefix(Space& space, std::span<const BytesView> keys, uint32_t lease_ms,
                      std::optional<uint64_t> total_tokens) override;
  std::vector<Scanned> scan(Space& space, uint64_t* cursor, uint32_t count) override;
  std::optional<Bytes> random_key(Space& space) override;
  uint64_t size(Space& space) override;
  Task<void> clear(Space& space) override;
  Result<std::unique_ptr<Watch>> watch(Space& space, BytesView key) override;
  Stats stats() const override;
  LedgerPage ledger() const override;
  std::vector<std::pair<SpaceInfo, Space*>> spaces() override;
  Result<void> configure(const CacheSettings& settings) override;

  /// What runs in the background, one step: expired entries, leases, spaces that were cleared. Home loop or tests.
  void sweep();
  /// What is staged goes to flash as far as the policy wants it there now; what is to be told is. Any loop.
  Task<void> flush_step();
  /// All that is staged goes to flash and is stable there. Any loop.
  Task<void> flush_all();
  /// Clean stop: what is whole is on flash, as far as that takes it. Nobody uses the volume any more. Home loop.
  Task<void> close();
  /// The same without the flushing, and its files go.
  Task<void> close_and_delete();
  static std::string directory_of(const TokenCache::Options& cache, VolumeId id) {
    return cache.directory + "/" + std::to_string(id.value);
  }
  /// All in a directory; fine if it is not there.
  static Task<void> delete_files(io::FileSystem* files, std::string directory);

 private:
  friend class ReadSection;
  friend class WriteSection;
  friend class EngineWatch;
  static constexpr unsigned kStripes = 64;
  static constexpr unsigned kStripeBits = 6;
  static constexpr size_t kMostLeases = 65536, kMostWatches = 65536, kMostTellings = 1 << 20;
  static constexpr uint64_t kResidentBytes = 112;  // of a value in DRAM, besides it

  /// Where an entry is: its stripe and number there.
  struct At {
    Stripe* stripe = nullptr;
    uint32_t number = Stripe::kNone;
    unsigned index = 0;
    explicit operator bool() const { return number != Stripe::kNone; }
    EntryId id() const { return (number << kStripeBits) | index; }
    Entry& entry() const { return stripe->entry(number); }
    Resident* resident() const {
      const Entry& held = stripe->entry(number);
      return static_cast<Where>(held.where) == Where::kDram ? &stripe->resident(static_cast<uint32_t>(held.place))
                                                            : nullptr;
    }
  };
  /// Holds a stripe's lock alone, unless the section that runs holds it already.
  class Exclusive {
   public:
    Exclusive(CacheEngine& engine, unsigned stripe)
        : lock_((engine.held_ >> stripe & 1) != 0 ? nullptr : &engine.stripes_[stripe]->lock) {
      if (lock_ != nullptr) lock_->lock();
    }
    ~Exclusive() {
      if (lock_ != nullptr) lock_->unlock();
    }
    Exclusive(const Exclusive&) = delete;
    Exclusive& operator=(const Exclusive&) = delete;

   private:
    StripeLock* const lock_;
  };
  struct Lease {
    int64_t until = 0;  // monotonic nanoseconds
    uint64_t number = 0;
  };

  explicit CacheEngine(Options options);
  Result<void> apply(const CacheSettings& settings);  // structure
  FactTable::Price price() const;
  uint64_t limit_for(const CacheSettings& settings) const;

  // index (engine.cc)
  static unsigned stripe_of(uint64_t hash) noexcept { return static_cast<unsigned>(hash >> 8) & (kStripes - 1); }
  At at(EntryId id) const noexcept {
    const unsigned stripe = id & (kStripes - 1);
    return {stripes_[stripe].get(), id >> kStripeBits, stripe};
  }
  At find(uint64_t hash, uint32_t space, BytesView key) const noexcept {
    const unsigned stripe = stripe_of(hash);
    return {stripes_[stripe].get(), stripes_[stripe]->find(hash, space, key), stripe};
  }
  bool live(EntryId id) const noexcept;
  /// Its space has been cleared; the sweep has not come to it yet.
  bool cleared(EntryId id) const { return !spaces_.present(at(id).stripe->key(at(id).entry()).space); }
  int64_t wall_ms() const { return clock_.wall_now() / rt::kMillisecond; }
  bool expired(const At& at, int64_t now_ms) const noexcept {
    if (!at.entry().has_side) [[likely]] return false;
    const int64_t expires_ms = at.stripe->side(at.number)->expires_ms;
    return expires_ms != 0 && expires_ms <= now_ms;
  }
  uint64_t hash_of(const At& at) const { return SpaceTable::hash_of(&spaces_, at.stripe->key(at.entry())); }
  uint64_t charge(uint64_t key_bytes, uint64_t value_bytes) const noexcept;
  uint64_t charge(const At& at) const { return charge(at.stripe->key(at.entry()).key.size(), at.entry().size_bytes); }
  EntryView view(const At& at) const;
  struct Saves {
    uint32_t tokens = 0, first_token = 0;
    uint64_t nanoseconds = 0;
  };
  Saves saves(const At& at) const;
  uint32_t tokens_of(const At& at) const { return saves(at).tokens; }
  uint32_t first_token_of(const At& at) const { return saves(at).first_token; }
  FlashPlace place_of(const At& at) const;
  static uint64_t place_version(FlashPlace place) noexcept {
    return uint64_t{1} << 63 | uint64_t{place.segment} << 24 | place.unit;
  }
  void set_place(Entry& entry, FlashPlace place);

  void note(HitNotes::Kind kind, uint64_t value);
  void note_hit(EntryId id) { note(HitNotes::Kind::kHit, id); }
  void note_miss(uint64_t hash) { note(HitNotes::Kind::kMiss, hash); }

  // changes, under the structure mutex (change.cc)
  Result<void> put(Space& space, uint32_t number, BytesView key, Value value, const PutOptions& options);
  Result<void> may_put(SpaceCore& core, uint64_t charge, uint64_t old_charge, uint64_t resident_bytes);
  void replace_value(const At& at, Value value, const PutOptions& options, bool present, uint64_t old_charge);
  void count_put(const At& at, SpaceCore& core, uint64_t new_charge, uint64_t old_charge);
  void set_facts(const At& at, uint32_t tokens, uint32_t first_token);
  void remove(const At& at, Gone why);
  bool set_expiry(const At& at, int64_t expires_ms);
  bool set_pinned(const At& at, bool pinned);
  void forget_place(const At& at);
  bool flash_may_know(const At& at) const;
  void touch(const At& at);
  void tell(RecordKind kind, const SpaceCore& core, BytesView key, int64_t expires_ms, bool pinned);
  void mark_watches(Stripe& stripe, uint64_t hash);
  uint32_t default_tokens(uint64_t value_bytes) const;

  // making room, under the structure mutex, no stripe held (eviction.cc)
  void drain_notes();
  void make_room(Tenant* writer);
  bool evict_one(Tenant* writer, bool own_only);
  bool may_go(EntryId id, Tenant* writer, bool own_only) const;
  std::optional<EntryId> walk_for_victim(const std::function<bool(EntryId)>& may_go);
  void shrink_dram();
  void drop_from_dram(const At& at);
  bool fits(uint64_t bytes) const;
  uint64_t clear_some(uint32_t space, uint64_t position);
  bool leased(EntryId id) const;
  void lease(EntryId id, int64_t until);

  // flash, on the home loop, under flush_mutex_ (flusher.cc, reclaim.cc)
  enum class Push : uint8_t { kUsual, kRoom, kAll };
  Task<void> push(Push how, uint64_t bytes);
  Task<bool> push_some(Push how, uint64_t bytes);
  Task<bool> push_tellings();
  std::vector<Staged> choose(Push how, uint64_t bytes);
  bool full() const { return total_bytes_ > limit_bytes_ - limit_bytes_ / 32; }
  uint64_t staged_most() const;
  std::optional<Staged> next_staged();
  std::optional<Outgoing> take_out(const Staged& staged);
  Task<bool> push_one(Staged staged);
  void pushed(const Staged& staged, FlashPlace place);
  void not_pushed(const Staged& staged);
  Task<FlashPlace> append(Outgoing* record);
  Task<void> make_flash_room(uint64_t bytes);
  void drop_staged(uint64_t bytes);
  bool tellings_empty() const;
  void find_dirty();
  void lost(const RecordHead& head, FlashPlace place);
  Task<bool> reclaim_oldest(bool pressed);
  struct Reclaim;
  void classify(Reclaim* work, const RecordHead& head, FlashPlace place);
  Task<void> carry(Reclaim* work);
  Task<bool> carry_one(EntryId id, FlashPlace from, uint64_t parent_hash);
  void remove_with_segment(const At& at, Gone why, bool hides);
  void purge_segment(uint32_t segment);

  // start and stop (recovery.cc, background.cc)
  struct Recovery;
  Task<void> recover();
  bool recovered(Recovery* work, const RecordHead& head, FlashPlace place);
  void recovered_entry(Recovery* work, const RecordHead& head, FlashPlace place);
  void settle_recovered(Recovery* work);
  void teach_recovered(Recovery* work);
  Task<void> save_state(bool only_new_spaces);
  VolumeState state() const;
  Task<void> run_background();
  Task<void> stop_background();

  // lookups on flash (lookup.cc)
  void promote(Space& space, BytesView key, FlashPlace place, const Value& value);
  void lose(Space& space, BytesView key, FlashPlace place, Gone why);

  Options options_;
  rt::Clock& clock_;
  rt::Loop& home_;
  mutable std::mutex structure_;
  uint64_t held_ = 0;  // stripes that the running write section holds
  std::array<std::unique_ptr<Stripe>, kStripes> stripes_;
  SpaceTable spaces_;
  FactTable facts_;
  SegmentSlots segments_;
  std::unique_ptr<EvictionPolicy> policy_;
  HitNotes notes_;
  std::atomic<const Profile*> profile_{nullptr};
  std::vector<std::unique_ptr<const Profile>> profiles_;  // every one there was: fronts hold references

  bool on_flash_ = false;        // the volume has a flash tier
  uint64_t limit_bytes_ = 0;     // of charges
  uint64_t opened_capacity_ = 0; // of flash: another one holds from the next start on
  uint64_t total_bytes_ = 0, resident_bytes_ = 0, dirty_bytes_ = 0;
  uint64_t pinned_bytes_ = 0, pinned_ = 0;
  uint64_t sequence_ = 0;
  uint64_t section_added_ = 0;   // by the running section
  bool section_promised_ = false;
  std::atomic<uint64_t> watches_{0};
  std::unordered_map<EntryId, Lease> leases_;
  std::deque<std::pair<EntryId, uint64_t>> lease_order_;
  uint64_t lease_numbers_ = 0;
  std::deque<Telling> tellings_;
  bool ghosts_ = false;          // flash may hold records of keys that the index does not know
  uint64_t ghosts_until_ = 0;    // gone once every segment with a sequence up to this is
  uint64_t flushing_bytes_ = 0;
  std::unique_ptr<FlashLog> flash_;
  uint64_t segment_bytes_ = 0;
  rt::AsyncMutex flush_mutex_;
  std::deque<Staged> again_;     // taken from the policy's queue, not taken by flash
  rt::Nanos flash_fails_until_ = 0;
  std::atomic<bool> flash_ready_{false};
  std::atomic<uint64_t> flash_reads_{0}, carried_bytes_{0};
  std::unique_ptr<StateFile> state_file_;
  uint64_t saved_generation_ = 0;
  rt::TaskGroup background_;
  struct Nap : rt::Timer {
    std::coroutine_handle<> handle;
  };
  Nap nap_;
  bool stopping_ = false;
  uint64_t walk_ = 0, clock_hand_ = 0, sweep_hand_ = 0;
};

}  // namespace tp::cache
