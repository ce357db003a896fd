// LruPolicy: evicts what was used least recently, writes everything to flash. A reference, and with `move_on_hit` false
// plain FIFO. A doubly linked list in two arrays by id.
#pragma once

#include "cache/policy/staging_queue.h"

namespace tp::cache {

class LruPolicy final : public EvictionPolicy {
 public:
  LruPolicy(const PolicyOptions& options, bool move_on_hit) : options_(options), move_on_hit_(move_on_hit) {}
  std::string_view name() const override { return move_on_hit_ ? "lru" : "fifo"; }
  void inserted(EntryId id, const EntryFacts& facts) override;
  void hit(EntryId id) override;
  void replaced(EntryId id, uint32_t bytes) override;
  void linked(EntryId, EntryId, uint32_t) override {}
  void removed(EntryId id, bool evicted, uint64_t key_hash) override;
  void missed(uint64_t) override {}
  std::optional<EntryId> victim(const std::function<bool(EntryId)>& may_go) override;
  bool worth_flash(EntryId) override { return true; }
  std::optional<EntryId> next_staged() override { return staging_.pop(); }
  void staged_done(EntryId) override {}
  double worth(EntryId id) const override;
  uint64_t state_bytes() const override;

 private:
  struct Links {
    EntryId older = kNoEntry, newer = kNoEntry;
    uint32_t used = 0;  // when, in uses; 0: not here
  };
  void append(EntryId id);
  void unlink(EntryId id);

  PolicyOptions options_;
  bool move_on_hit_;
  std::vector<Links> links_;
  EntryId oldest_ = kNoEntry, newest_ = kNoEntry;
  uint32_t uses_ = 0;
  StagingQueue staging_;
};

}  // namespace tp::cache
