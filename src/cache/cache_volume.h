// CacheVolume: the entries of one `cache` volume: an index in memory, values in DRAM and on flash, leases, pins,
// quotas, ledger. What fronts call. Any loop.
//
// A *space* is a key space: a volume's entries of one identity and, unless the volume is shared, one tenant. Nothing is
// found across spaces. A *section* locks some keys of a space for a short, synchronous piece of work: RESP commands,
// MULTI/EXEC and conditions are made of sections. A value that lies on flash only is loaded between sections.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "cache/ledger/ledger.h"
#include "cache/profile/profile.h"
#include "cache/value.h"
#include "rt/task.h"

namespace tp::cache {

inline constexpr size_t kMaxKeyBytes = 1024;
inline constexpr size_t kMaxValueBytes = 512ull << 20;

enum class ValueType : uint8_t { kString = 0, kHash = 1, kJson = 2 };

/// What an operator may say of a cache volume. Stored in the volume's record as JSON.
struct CacheSettings {
  uint64_t capacity_bytes = 0;        // on flash; 0: DRAM only
  uint64_t dram_bytes = 256 << 20;
  std::string policy = "prefix";
  std::string profile_toml;           // "" : no identity declared, no costs
  bool shared = false;                // tenants share entries of the same identity
  struct Share {                      // of capacity and DRAM together; 0: none
    std::string tenant;
    uint64_t reserved_bytes = 0;      // nobody else can evict it below this
    uint64_t quota_bytes = 0;         // it evicts its own above this
  };
  std::vector<Share> shares;
};

/// An open key space; the volume owns it, it lives as long as the volume is open.
class Space;

/// What a section sees of an entry. `value` is empty if it lies on flash only: load(flash) then.
struct EntryView {
  ValueType type = ValueType::kString;
  uint32_t size_bytes = 0;
  int64_t expires_ms = 0;      // wall clock; 0: never
  uint32_t tokens = 0, first_token = 0;
  bool pinned = false;
  uint64_t version = 0;        // changes with every change of the entry; never the same again for the key
  Value value;
  struct OnFlash {
    uint32_t segment = 0, unit = 0;
  } flash;
};

struct PutOptions {
  ValueType type = ValueType::kString;
  int64_t expires_ms = 0;
  uint32_t tokens = 0;                // 0: by the profile
  std::optional<BytesView> parent;    // the key before it in its chain
  bool keep_facts = false;            // of a present entry: tokens, parent, pin
};

class CacheVolume {
 public:
  virtual ~CacheVolume() = default;
  virtual const std::string& name() const = 0;
  virtual CacheSettings settings() const = 0;
  virtual const Profile& profile() const = 0;

  /// Opens a space; cheap, the same pointer for the same arguments. kBusy: too many spaces (65,535 of a volume).
  virtual Result<Space*> space(const Identity& identity, std::string_view tenant) = 0;

  /// Locks the stripes of some keys; as short as possible, no co_await while one lives. Reads may run side by side.
  class Section {
   public:
    virtual ~Section() = default;
    /// The entry, if it is there, whole and not expired. Counts nothing.
    virtual std::optional<EntryView> find(BytesView key) = 0;
    /// The answer of a lookup, for ledger and policy: a hit with what was found, or a miss. Once a key.
    virtual void count_hit(BytesView key, const EntryView& found) = 0;
    virtual void count_miss(BytesView key, uint32_t tokens = 0) = 0;
    // Write sections only.
    /// Makes or replaces an entry; visible at once and whole. kTooLarge; kBusy: DRAM is full of values which flash has
    /// not taken yet: leave the section, co_await room(), come again; kNoSpace: the tenant's quota cannot hold it.
    virtual Result<void> put(BytesView key, Value value, const PutOptions& options) = 0;
    /// Whether puts of `bytes` altogether will not answer kBusy while the section lives: asked before the first of
    /// several changes that are seen together or not at all (MSET, EXEC). If not: leave, co_await room(bytes), again.
    virtual bool has_room(uint64_t /*bytes*/) { return true; }
    virtual bool erase(BytesView key) = 0;                            // whether it was there
    virtual bool set_expiry(BytesView key, int64_t expires_ms) = 0;   // 0: never. In the past: it goes
    virtual bool set_pinned(BytesView key, bool pinned) = 0;
  };
  /// Sections lock at most 65,536 keys. A thread has one at a time, and meanwhile calls nothing of the volume but
  /// through it: it would wait for itself. The views stay valid while the section lives.
  virtual std::unique_ptr<Section> read_section(Space& space, std::span<const BytesView> keys) = 0;
  virtual std::unique_ptr<Section> write_section(Space& space, std::span<const BytesView> keys) = 0;

  /// The hot path of GET: one key, no section object. Counts the hit or the miss. `kWouldBlock`: on flash, use get().
  /// kNotFound: a miss (counted).
  virtual Result<EntryView> get_now(Space& space, BytesView key) = 0;
  /// A hint: these keys are asked for next. Brings what their look-ups touch into the processor's cache.
  virtual void prefetch(Space&, std::span<const BytesView>) {}
  /// The same, reading flash; a record that fails its checksum is a miss, counted as corrupt, and the entry goes.
  virtual Task<EntryView> get(Space& space, Bytes key) = 0;
  /// The value that a section saw on flash. kNotFound: it is not there any more (or was corrupt, and went): look again.
  /// The policy may keep it in DRAM.
  virtual Task<Value> load(Space& space, Bytes key, EntryView seen) = 0;
  /// Waits until DRAM has room for `bytes` more. kBusy after the named time: flash does not keep up.
  virtual Task<void> room(uint64_t bytes) = 0;

  struct PrefixResult {
    uint32_t entries = 0;   // leading keys that are present and whole
    uint64_t tokens = 0;    // of them
  };
  /// TP.PREFIX: how many leading keys of the chain are there; leases them for `lease_ms` (at most 60,000; bounded in
  /// number: over it the oldest lease ends). Teaches the chain. With `total_tokens`, the rest of it counts as missed.
  virtual PrefixResult prefix(Space& space, std::span<const BytesView> keys, uint32_t lease_ms,
                              std::optional<uint64_t> total_tokens) = 0;

  /// Goes through the space's keys as SCAN promises: each key that is there all the time is met at least once. `cursor`
  /// 0 begins and ends. `fn` sees about `count` keys; no locks are held during it.
  struct Scanned {
    Bytes key;
    ValueType type = ValueType::kString;
    uint32_t size_bytes = 0;
    int64_t expires_ms = 0;
  };
  virtual std::vector<Scanned> scan(Space& space, uint64_t* cursor, uint32_t count) = 0;
  virtual std::optional<Bytes> random_key(Space& space) = 0;
  virtual uint64_t size(Space& space) = 0;              // entries
  virtual Task<void> clear(Space& space) = 0;           // all entries, pinned ones too

  // WATCH: a watch sees every change of its key from its making on, eviction and expiry included. It is made and goes
  // while its thread has no section, before the volume goes.
  class Watch {
   public:
    virtual ~Watch() = default;
    virtual bool changed() const = 0;
  };
  virtual Result<std::unique_ptr<Watch>> watch(Space& space, BytesView key) = 0;  // kBusy: too many watches

  // What operators and other protocols see.
  struct SpaceInfo {
    std::string identity, tenant;
    uint64_t entries = 0, bytes = 0;
  };
  struct Stats {
    uint64_t entries = 0, dram_bytes = 0, flash_bytes = 0, live_flash_bytes = 0, index_bytes = 0, key_bytes = 0;
    uint64_t flash_written_bytes = 0, flash_read_bytes = 0, carried_bytes = 0, pinned = 0, leases = 0;
    std::string policy;
    std::vector<SpaceInfo> spaces;
  };
  virtual Stats stats() const = 0;
  virtual LedgerPage ledger() const = 0;
  /// Every space that has entries, for read-only listings.
  virtual std::vector<std::pair<SpaceInfo, Space*>> spaces() = 0;
  virtual Result<void> configure(const CacheSettings& settings) = 0;  // capacity, DRAM, shares, profile; not the policy
};

}  // namespace tp::cache
