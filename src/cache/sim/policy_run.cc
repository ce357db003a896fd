#include "cache/sim/policy_run.h"

#include <algorithm>

namespace tp::cache::sim {
namespace {
constexpr uint32_t kBlockBytes = 1 << 20;  // policies count bytes; any size does

uint64_t hash_of(uint32_t block) {
  uint64_t mixed = block + 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return mixed ^ (mixed >> 31);
}
}  // namespace

PolicyRun::PolicyRun(const LoadedTrace& trace, std::string_view policy, uint64_t capacity_blocks)
    : trace_(trace), entry_of_(trace.unique_blocks, kNoEntry) {
  staging_blocks_ = static_cast<uint64_t>(static_cast<double>(capacity_blocks) * kStagingShare);
  flash_blocks_ = capacity_blocks - staging_blocks_;
  PolicyOptions options;
  options.capacity_bytes = capacity_blocks * kBlockBytes;
  policy_ = make_policy(policy, options);
  may_go_ = [this](EntryId id) {
    return entries_[id].live && !entries_[id].staged && entries_[id].found_by != serving_;
  };
}

void PolicyRun::remove(EntryId id) {
  Entry& entry = entries_[id];
  --(entry.staged ? staged_ : on_flash_);
  entry_of_[entry.block] = kNoEntry;
  entry.live = false;
  policy_->removed(id, true, hash_of(entry.block));
  unused_.push_back(id);
}

bool PolicyRun::make_room() {
  while (on_flash_ + 1 > flash_blocks_) {
    const auto victim = policy_->victim(may_go_);
    if (!victim) return false;
    remove(*victim);
  }
  return true;
}

void PolicyRun::shrink_staging(SimulationResult* result) {
  while (staged_ > staging_blocks_) {
    const auto id = policy_->next_staged();
    if (!id) return;
    if (on_flash_ + 1 > flash_blocks_ && (!policy_->worth_flash(*id) || !make_room())) {
      remove(*id);
      continue;
    }
    entries_[*id].staged = false;
    --staged_;
    ++on_flash_;
    ++result->flash_write_blocks;
    policy_->staged_done(*id);
  }
}

void PolicyRun::insert(uint32_t block, EntryId parent, uint64_t first_token) {
  EntryId id = static_cast<EntryId>(entries_.size());
  if (unused_.empty()) {
    entries_.emplace_back();
  } else {
    id = unused_.back();
    unused_.pop_back();
  }
  entries_[id] = {.block = block, .live = true, .staged = true};
  entry_of_[block] = id;
  ++staged_;
  EntryFacts facts;
  facts.key_hash = hash_of(block);
  facts.bytes = kBlockBytes;
  facts.tokens = trace_.block_tokens;
  facts.first_token = static_cast<uint32_t>(std::min<uint64_t>(first_token, ~0u));
  facts.parent = parent;
  policy_->inserted(id, facts);
}

void PolicyRun::serve(size_t request, SimulationResult* result) {
  ++serving_;
  const uint64_t begin = request == 0 ? 0 : trace_.ends[request - 1], end = trace_.ends[request];
  uint64_t at = begin;
  for (; at < end && entry_of_[trace_.blocks[at]] != kNoEntry; ++at) {
    const EntryId id = entry_of_[trace_.blocks[at]];
    entries_[id].found_by = serving_;
    policy_->hit(id);
    ++result->hit_blocks;
    result->hit_tokens += at + 1 == end ? trace_.last_tokens[request] : trace_.block_tokens;
  }
  if (at < end) policy_->missed(hash_of(trace_.blocks[at]));
  // What follows is computed and put; some of it may be here, behind a gap.
  for (; at < end; ++at) {
    const EntryId id = entry_of_[trace_.blocks[at]];
    const EntryId parent = at == begin ? kNoEntry : entry_of_[trace_.blocks[at - 1]];
    if (id != kNoEntry) {
      entries_[id].found_by = serving_;
      if (parent != kNoEntry) policy_->linked(id, parent, static_cast<uint32_t>((at - begin) * trace_.block_tokens));
      policy_->hit(id);
      continue;
    }
    ++result->missed_blocks;
    insert(trace_.blocks[at], parent, (at - begin) * trace_.block_tokens);
    shrink_staging(result);
  }
}

void PolicyRun::run(SimulationResult* result) {
  for (size_t request = 0; request < trace_.ends.size(); ++request) serve(request, result);
}

}  // namespace tp::cache::sim
