// PolicyRun: one policy serving one trace, as the engine would have it: entries come to the staging queue, leave it for
// flash or are dropped, and what a request found cannot go while it runs. Internal.
#pragma once

#include <functional>
#include <memory>

#include "cache/policy/policy.h"
#include "cache/sim/simulate.h"

namespace tp::cache::sim {

class PolicyRun {
 public:
  PolicyRun(const LoadedTrace& trace, std::string_view policy, uint64_t capacity_blocks);
  void run(SimulationResult* result);

 private:
  struct Entry {
    uint32_t block = 0;
    uint32_t found_by = 0;  // the request that leases it, from 1
    bool live = false, staged = false;
  };
  void serve(size_t request, SimulationResult* result);
  void insert(uint32_t block, EntryId parent, uint64_t first_token);
  void remove(EntryId id);
  void shrink_staging(SimulationResult* result);
  bool make_room();

  const LoadedTrace& trace_;
  uint64_t staging_blocks_, flash_blocks_, staged_ = 0, on_flash_ = 0;
  std::unique_ptr<EvictionPolicy> policy_;
  std::vector<EntryId> entry_of_;  // by block
  std::vector<Entry> entries_;
  std::vector<EntryId> unused_;
  uint32_t serving_ = 0;
  std::function<bool(EntryId)> may_go_;
};

}  // namespace tp::cache::sim
