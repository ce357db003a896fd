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
};

class EvictionPolicy {
 public:
  static constexpr unsigned kStateBytesPerEntry = 16;
  virtual ~EvictionPolicy() = default;
  virtual std::string_view name() const = 0;

  /// `id` is new and whole, and lies in the DRAM staging queue.
  virtual void inserted(EntryId id, const EntryFacts& facts) = 0;
  /// A lookup found it (or its value was replaced by one of `bytes`: resized). In a chain, calls come in chain order.
  virtual void hit(EntryId id) = 0;
  virtual void resized(EntryId id, uint32_t bytes) = 0;
  /// The chain became known after the entry (a lookup named it after `parent`).
  virtual void linked(EntryId id, EntryId parent, uint32_t first_token) = 0;
  /// It is gone: evicted, deleted, expired, corrupt. `id` may come again as another.
  virtual void removed(EntryId id, bool evicted) = 0;
  /// A lookup did not find the key. In a chain lookup only the first that is missing is told.
  virtual void missed(uint64_t key_hash) = 0;

  /// The entry to evict next among those for which `may_go` is true (false: pinned, leased, under its tenant's
  /// reservation); nullopt if the policy finds none after a bounded search. The caller then calls removed(id, true).
  virtual std::optional<EntryId> victim(const std::function<bool(EntryId)>& may_go) = 0;

  /// Asked once when `id` leaves the full staging queue while flash is full: is it likely enough to be read again to be
  /// written, at the price of what victim() would name? If not, the caller drops it (removed(id, true)). While flash
  /// has room everything is written and nobody is asked.
  virtual bool worth_flash(EntryId id) = 0;
  /// The next to leave the staging queue; nullopt: it is empty. staged_done tells that it left for flash.
  virtual std::optional<EntryId> next_staged() = 0;
  virtual void staged_done(EntryId id) = 0;
  /// Of two entries of a segment that is reclaimed: those with the higher worth are carried over. Any monotone scale.
  virtual double worth(EntryId id) const = 0;
};

struct PolicyOptions {
  uint64_t capacity_bytes = 0;   // DRAM staging and flash together
  uint64_t staging_bytes = 0;    // of it, the staging queue; 0: the policy's own choice
};

/// "prefix" (ours, the default), "lru", "s3fifo"; null: unknown.
std::unique_ptr<EvictionPolicy> make_policy(std::string_view name, const PolicyOptions& options);
const std::vector<std::string>& policy_names();

}  // namespace tp::cache
