// S3FifoPolicy: three FIFO queues (Yang et al., SOSP 2023): what is new waits in a small one, what was used there more
// than once goes to the main one, the rest leaves its fingerprint in a ghost queue and goes to the main one at once
// when it comes back. A reference. The small queue is the staging queue; without flash it is a tenth of the bytes here.
#pragma once

#include <unordered_map>

#include "cache/policy/staging_queue.h"

namespace tp::cache {

class S3FifoPolicy final : public EvictionPolicy {
 public:
  explicit S3FifoPolicy(const PolicyOptions& options);
  std::string_view name() const override { return "s3fifo"; }
  void inserted(EntryId id, const EntryFacts& facts) override;
  void hit(EntryId id) override;
  void replaced(EntryId id, uint32_t bytes) override;
  void linked(EntryId, EntryId, uint32_t) override {}
  void removed(EntryId id, bool evicted, uint64_t key_hash) override;
  void missed(uint64_t) override {}
  std::optional<EntryId> victim(const std::function<bool(EntryId)>& may_go) override;
  bool worth_flash(EntryId id) override;
  std::optional<EntryId> next_staged() override;
  void staged_done(EntryId id) override;
  double worth(EntryId id) const override;
  uint64_t state_bytes() const override;

 private:
  enum class Place : uint8_t { kNone, kSmall, kLeaving, kMain };
  struct Entry {
    uint32_t bytes = 0;
    Place place = Place::kNone;
    uint8_t uses = 0;
    bool seen_before = false;
    bool queued = false;  // its id lies in the main queue
  };
  void to_main(EntryId id);
  std::optional<EntryId> from_small(const std::function<bool(EntryId)>& may_go);
  std::optional<EntryId> from_main(const std::function<bool(EntryId)>& may_go);
  void add_ghost(uint64_t key_hash);

  PolicyOptions options_;
  std::vector<Entry> entries_;
  StagingQueue small_;
  std::deque<EntryId> main_;
  uint64_t small_bytes_ = 0, main_entries_ = 0, bytes_ = 0;
  // As many as the main queue has entries, exact, as the paper has them: a reference need not be small.
  std::deque<uint64_t> ghost_order_;
  std::unordered_map<uint64_t, uint32_t> ghosts_;  // how often it is in the order
};

}  // namespace tp::cache
