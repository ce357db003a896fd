// EvictionPolicy: which entries of a cache volume are worth their place. The engine and the simulator drive the same
// object through the same calls, so that what is measured offline is what serves. It knows entries by small dense ids
// that the caller reuses, never sees the future, and keeps its state in arrays by id (at most kStateBytesPerEntry,
// ghosts included). Not thread-safe: calls are made under the volume's lock; each is O(1) or O(log n).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tp::cache {

using EntryId = uint32_t;
inline constexpr EntryId kNoEntry = ~EntryId{0};

/// What is known of an entry when it comes.
struct EntryFacts {
  uint64_t key_hash = 0;      // over space and key: for memories of what has gone
  uint32_t bytes = 0;         // of key and value, as capacity is counted
  uint32_t tokens = 0;        // that it saves computing; 0: unknown
  uint32_t first_token = 0;   // tokens of the chain before it: later positions cost more to compute
  EntryId parent = kNoEntry;  // the entry before it in its chain, if that is here
  bool on_flash = false;      // found there by a restart: it is not staged
};

class EvictionPolicy {
 public:
  static constexpr unsigned kStateBytesPerEntry = 16;
  virtual ~EvictionPolicy() = default;
  virtual std::string_view name() const = 0;

  /// `id` is new and whole, and lies in the DRAM staging queue (unless it is on flash or there is no flash).
  virtual void inserted(EntryId id, const EntryFacts& facts) = 0;
  /// A lookup found it. In a chain, calls come in chain order. A request that finds an entry several times (a prefix
  /// lookup and then the reads) may tell each time: they count as one.
  virtual void hit(EntryId id) = 0;
  /// Its value was replaced by one of `bytes`, which lies in the staging queue (again). A use, but no hit.
  virtual void replaced(EntryId id, uint32_t bytes) = 0;
  /// The chain became known after the entry (a lookup named it after `parent`).
  virtual void linked(EntryId id, EntryId parent, uint32_t first_token) = 0;
  /// It is gone: evicted, deleted, expired, corrupt. `id` may come again as another. `key_hash` as inserted() had it:
  /// by it the policy knows the key again when it comes back (0: it will not).
  virtual void removed(EntryId id, bool evicted, uint64_t key_hash = 0) = 0;
  /// A lookup did not find the key. In a chain lookup only the first that is missing is told.
  virtual void missed(uint64_t key_hash) = 0;

  /// The entry to evict next among those for which `may_go` is true (false: pinned, leased, under its tenant's
  /// reservation, or in the wrong tier for what the caller needs); nullopt if the policy finds none after a bounded
  /// search. The caller then calls removed(id, true). Staged entries are asked about like others.
  virtual std::optional<EntryId> victim(const std::function<bool(EntryId)>& may_go) = 0;

  /// Asked once when `id` leaves the full staging queue while flash is full: is it likely enough to be read again to be
  /// written, at the price of what victim() would name? If not, the caller drops it (removed(id, true)). While flash
  /// has room everything is written and nobody is asked.
  virtual bool worth_flash(EntryId id) = 0;
  /// Takes the next out of the staging queue; nullopt: it is empty. What was removed meanwhile is not named.
  virtual std::optional<EntryId> next_staged() = 0;
  /// `id`, taken before, is on flash now.
  virtual void staged_done(EntryId id) = 0;
  /// Of the entries of a segment that is reclaimed, those with the higher worth a byte are carried over. Any monotone
  /// scale, comparable between entries of this policy at one time.
  virtual double worth(EntryId id) const = 0;

  /// Memory of the policy, ghosts and tables included.
  virtual uint64_t state_bytes() const = 0;
};

struct PolicyOptions {
  uint64_t capacity_bytes = 0;  // DRAM staging and flash together
  bool has_flash = true;        // false: there is no staging queue, victim() alone makes room
  // How much more a token costs to compute a token of its position, of what the first one costs: attention grows with
  // the position, the rest does not. From the profile of the model; 0 where none is known.
  double position_cost = 0;
};

/// The share of capacity that the staging queue should have if DRAM suffices: what waits there proves itself.
inline constexpr double kStagingShare = 0.1;

/// "prefix" (ours, the default), "lru", "s3fifo", ...; null: unknown.
std::unique_ptr<EvictionPolicy> make_policy(std::string_view name, const PolicyOptions& options);
const std::vector<std::string>& policy_names();

}  // namespace tp::cache
