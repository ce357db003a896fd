// PrefixPolicy: the default. It keeps chains whole (only entries without children here are victims, and what follows a
// missing entry is worth nothing), and ranks the ends of chains by what ReturnModel expects of them a byte: how often
// the chain was continued, how much its last request added, its length, its last gap and its age. Nothing is tuned to a
// workload: the model learns it. docs/decisions/0003-eviction.md says what was tried.
//
// Invariant: children_ counts the live entries that name an entry as parent; a parent that goes before its children (it
// was deleted) leaves orphans, recognised by the generation of the id. 12 bytes an entry, and 3 to 4 of ghosts.
#pragma once

#include <array>

#include "cache/policy/ghost_table.h"
#include "cache/policy/return_model.h"
#include "cache/policy/staging_queue.h"

namespace tp::cache {

class PrefixPolicy final : public EvictionPolicy {
 public:
  explicit PrefixPolicy(const PolicyOptions& options);
  std::string_view name() const override { return "prefix"; }
  void inserted(EntryId id, const EntryFacts& facts) override;
  void hit(EntryId id) override;
  void replaced(EntryId id, uint32_t bytes) override;
  void linked(EntryId id, EntryId parent, uint32_t first_token) override;
  void removed(EntryId id, bool evicted, uint64_t key_hash) override;
  void missed(uint64_t) override {}
  std::optional<EntryId> victim(const std::function<bool(EntryId)>& may_go) override;
  bool worth_flash(EntryId id) override;
  std::optional<EntryId> next_staged() override { return staging_.pop(); }
  void staged_done(EntryId id) override;
  double worth(EntryId id) const override;
  uint64_t state_bytes() const override;

 private:
  struct Entry {
    EntryId parent = kNoEntry;
    uint16_t children = 0;        // saturates: then it is no victim any more
    uint16_t last_use = 0;        // ticks, the low bits
    uint32_t level : 5 = 0;       // of the model
    uint32_t gap : 4 = 0;         // bucket
    uint32_t uses : 4 = 0;        // saturates; fades
    uint32_t value : 8 = 0;       // of a byte: log2 in eighths
    uint32_t generation : 4 = 0;  // of the id: counts owners that left children behind
    uint32_t parent_generation : 4 = 0;
    uint32_t live : 1 = 0;
    uint32_t fresh : 1 = 0;   // its key was not used before
    uint32_t shared : 1 = 0;  // the request that added it branched off a chain that others use
  };
  static_assert(sizeof(Entry) == 12);
  /// A request that may go on: the next entry of its chain has `tail` as parent.
  struct Request {
    EntryId tail = kNoEntry;
    uint32_t entries = 0, fresh = 0;
    bool returning = false;  // its last entry had been here before and was evicted
  };

  bool known(EntryId id) const { return id < entries_.size() && entries_[id].live; }
  bool has_parent(const Entry& entry) const;
  bool is_orphan(const Entry& entry) const { return entry.parent != kNoEntry && !has_parent(entry); }
  void set_parent(EntryId id, EntryId parent);
  void drop_parent(EntryId id);
  uint32_t now() const { return static_cast<uint32_t>(used_bytes_ / tick_bytes_); }
  uint32_t age(const Entry& entry) const { return static_cast<uint16_t>(now() - entry.last_use); }
  void use(EntryId id);
  Request& request_of(EntryId parent);
  void finish(Request* request);
  void remember(Entry* entry, uint64_t key_hash, bool returning);
  static bool is_remembered(uint64_t key_hash, bool has_parent);
  ReturnModel::Features features(const Entry& entry) const;
  uint32_t value_of(uint32_t bytes, uint32_t tokens, uint32_t first_token) const;
  bool is_end(EntryId id) const { return known(id) && entries_[id].children == 0; }
  void gather_candidates(unsigned probes, unsigned wanted);
  void add_candidate(EntryId id);

  PolicyOptions options_;
  uint64_t tick_bytes_, used_bytes_ = 0, live_ = 0;
  double average_bytes_ = 0;  // of what came lately
  std::vector<Entry> entries_;
  StagingQueue staging_;
  GhostTable ghosts_;
  ReturnModel model_;
  std::array<Request, 16> requests_;
  unsigned next_request_ = 0;
  std::vector<EntryId> candidates_;  // ends of chains that looked poor lately
  uint64_t random_ = 0x9E3779B97F4A7C15u;
};

}  // namespace tp::cache
