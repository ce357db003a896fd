#include "cache/policy/prefix.h"

#include <algorithm>
#include <cmath>

namespace tp::cache {
namespace {
constexpr uint64_t kLeastCapacity = 1 << 20;
constexpr unsigned kMostUses = 15;
constexpr uint32_t kFadeTicks = 8 * ReturnModel::kTicksOfCapacity;  // uses before such a gap count half
constexpr uint32_t kSameUseTicks = 2;                               // a lookup and the reads that follow are one use
constexpr unsigned kMostCandidates = 64;
constexpr unsigned kProbes = 64, kWanted = 8;
constexpr unsigned kDesperateProbes = 1024;
constexpr unsigned kCycleSteps = 64;
constexpr double kWritePrice = 0.8;  // what is little better than what it replaces is not worth a write
constexpr double kValueSteps = 4, kValueZero = 192;
constexpr uint64_t kChainGhosts = 4;  // one of so many entries of a chain leaves a ghost; the others follow it

std::array<float, 256> make_values() {
  std::array<float, 256> values;
  for (size_t at = 0; at < values.size(); ++at) {
    values[at] = static_cast<float>(std::exp2((static_cast<double>(at) - kValueZero) / kValueSteps));
  }
  return values;
}
const std::array<float, 256> kValues = make_values();
}  // namespace

PrefixPolicy::PrefixPolicy(const PolicyOptions& options)
    : options_(options), tick_bytes_(std::max(options.capacity_bytes, kLeastCapacity) / ReturnModel::kTicksOfCapacity) {
  candidates_.reserve(kMostCandidates + 1);
}

// ---- chains

bool PrefixPolicy::has_parent(const Entry& entry) const {
  return known(entry.parent) && entries_[entry.parent].generation == entry.parent_generation;
}

void PrefixPolicy::set_parent(EntryId id, EntryId parent) {
  if (!known(parent) || parent == id) return;
  Entry& above = entries_[parent];
  entries_[id].parent = parent;
  entries_[id].parent_generation = above.generation;
  if (above.children < UINT16_MAX) ++above.children;
}

void PrefixPolicy::drop_parent(EntryId id) {
  Entry& entry = entries_[id];
  if (has_parent(entry)) {
    Entry& above = entries_[entry.parent];
    if (above.children > 0 && above.children < UINT16_MAX) --above.children;
    if (above.children == 0) add_candidate(entry.parent);
  }
  entry.parent = kNoEntry;
}

void PrefixPolicy::linked(EntryId id, EntryId parent, uint32_t) {
  if (!known(id) || !known(parent) || has_parent(entries_[id])) return;
  // What has children may be above its new parent: no cycles, which would never have an end to evict.
  if (entries_[id].children > 0) {
    EntryId above = parent;
    for (unsigned step = 0; above != id && has_parent(entries_[above]); above = entries_[above].parent) {
      if (++step > kCycleSteps) return;
    }
    if (above == id) return;
  }
  set_parent(id, parent);
}

// ---- requests

PrefixPolicy::Request& PrefixPolicy::request_of(EntryId parent) {
  if (parent != kNoEntry) {
    for (Request& request : requests_) {
      if (request.tail == parent) return request;
    }
  }
  Request& oldest = requests_[next_request_];
  next_request_ = (next_request_ + 1) % requests_.size();
  finish(&oldest);
  return oldest;
}

// The request is over: what it was is a feature of its entries.
void PrefixPolicy::finish(Request* request) {
  ReturnModel::Features shape;
  shape.length = ReturnModel::size_bucket(request->entries);
  shape.fresh = ReturnModel::size_bucket(request->fresh);
  EntryId id = request->tail;
  const Entry* below = nullptr;
  for (uint32_t step = 0; step < request->entries && known(id); ++step) {
    Entry& entry = entries_[id];
    // What follows it had been here before, so it had, too.
    if (entry.fresh && below != nullptr && !below->fresh) {
      entry.fresh = 0;
      entry.uses = below->uses;
      entry.gap = below->gap;
    }
    ReturnModel::Features all = features(entry);
    all.length = shape.length;
    all.fresh = shape.fresh;
    if (step == 0) all.place = 0;
    entry.level = model_.level(all) & 31u;
    model_.amend(id, all);
    below = &entry;
    if (!has_parent(entry)) break;
    id = entry.parent;
  }
  *request = {};
}

ReturnModel::Features PrefixPolicy::features(const Entry& entry) const {
  ReturnModel::Features known;
  known.uses = ReturnModel::uses_bucket(entry.uses);
  known.gap = entry.gap;
  known.place = static_cast<uint8_t>((entry.fresh ? 1 : 2) + (entry.shared ? 2 : 0));
  return known;
}

// ---- uses

uint32_t PrefixPolicy::value_of(uint32_t bytes, uint32_t tokens, uint32_t first_token) const {
  const double size = std::max(bytes, 1u);
  // Where tokens are not known, a hit saves a request and something for each byte.
  const double saved = tokens == 0 ? 1 + size / 4096 : tokens * (1 + options_.position_cost * first_token);
  return static_cast<uint32_t>(std::clamp(std::log2(saved / size) * kValueSteps + kValueZero, 0.0, 255.0));
}

bool PrefixPolicy::is_remembered(uint64_t key_hash, bool has_parent) {
  return !has_parent || (key_hash ^ (key_hash >> 29)) % kChainGhosts == 0;
}

void PrefixPolicy::remember(Entry* entry, uint64_t key_hash, bool returning) {
  const bool in_chain = entry->parent != kNoEntry;
  const auto ghost = is_remembered(key_hash, in_chain) ? ghosts_.take(key_hash, now()) : std::nullopt;
  if (ghost) {
    entry->uses = std::min(kMostUses, 1u + (ghost->uses >> std::min(ghost->age_ticks / kFadeTicks, 4u))) & 15u;
    entry->gap = ReturnModel::gap_bucket(ghost->age_ticks) & 15u;
    entry->fresh = 0;
    return;
  }
  if (!in_chain) return;
  const Entry& parent = entries_[entry->parent];
  entry->gap = parent.gap;
  entry->shared = parent.shared;
  if (returning && !is_remembered(key_hash, true)) {
    entry->uses = parent.uses;
    entry->fresh = 0;
  } else if (!parent.fresh) {
    entry->shared = parent.uses > 2;  // a second use that goes on is a turn of the same conversation
  }
}

void PrefixPolicy::inserted(EntryId id, const EntryFacts& facts) {
  // Doubling would leave half of the memory unused.
  if (entries_.capacity() <= id) entries_.reserve(size_t{id} + id / 16 + 64);
  if (entries_.size() <= id) {
    // Doubling would cost as much again as the entries do.
    if (entries_.capacity() <= id) entries_.reserve(size_t{id} + 1024 + id / 32);
    entries_.resize(size_t{id} + 1);
  }
  if (entries_[id].live) removed(id, false, 0);
  used_bytes_ += facts.bytes;
  average_bytes_ += (facts.bytes - average_bytes_) / (average_bytes_ == 0 ? 1 : 64);
  ++live_;
  ghosts_.fit(live_);

  Entry fresh;
  fresh.generation = entries_[id].generation;
  fresh.live = fresh.fresh = 1;
  fresh.uses = 1;
  fresh.value = value_of(facts.bytes, facts.tokens, facts.first_token) & 255u;
  fresh.last_use = static_cast<uint16_t>(now());
  entries_[id] = fresh;
  Entry& entry = entries_[id];
  set_parent(id, facts.parent);
  Request& request = request_of(entry.parent);
  remember(&entry, facts.key_hash, request.returning);
  request = {.tail = id,
             .entries = request.entries + 1,
             .fresh = request.fresh + (entry.fresh ? 1 : 0),
             .returning = !entry.fresh};
  const ReturnModel::Features known = features(entry);
  entry.level = model_.level(known) & 31u;
  model_.used(id, facts.key_hash, now(), known);
  model_.advance(now());
  if (options_.has_flash && !facts.on_flash) staging_.push(id);
}

void PrefixPolicy::use(EntryId id) {
  Entry& entry = entries_[id];
  const uint32_t gap = age(entry);
  if (gap < kSameUseTicks) return;
  used_bytes_ += static_cast<uint64_t>(average_bytes_);
  entry.uses = std::min(kMostUses, 1u + (entry.uses >> std::min(gap / kFadeTicks, 4u))) & 15u;
  entry.gap = ReturnModel::gap_bucket(gap) & 15u;
  entry.last_use = static_cast<uint16_t>(now());
  entry.fresh = 0;
  Request& request = request_of(has_parent(entry) ? entry.parent : kNoEntry);
  request = {.tail = id, .entries = request.entries + 1, .fresh = request.fresh, .returning = false};
  const ReturnModel::Features known = features(entry);
  entry.level = model_.level(known) & 31u;
  model_.used_again(id, now(), known);
  model_.advance(now());
}

void PrefixPolicy::hit(EntryId id) {
  if (known(id)) use(id);
}

void PrefixPolicy::replaced(EntryId id, uint32_t bytes) {
  if (!known(id)) return;
  use(id);
  // Tokens are not told again; per byte they are as before but for the size.
  average_bytes_ += (bytes - average_bytes_) / 64;
  if (options_.has_flash) staging_.push(id);
}

void PrefixPolicy::removed(EntryId id, bool evicted, uint64_t key_hash) {
  if (!known(id)) return;
  Entry& entry = entries_[id];
  for (Request& request : requests_) {
    if (request.tail == id) finish(&request);
  }
  const bool in_chain = entry.parent != kNoEntry;
  if (evicted && key_hash != 0 && is_remembered(key_hash, in_chain)) {
    ghosts_.add(key_hash, entry.uses, now() - age(entry), now());
  }
  model_.left(id);
  drop_parent(id);
  staging_.remove(id);
  if (entry.children > 0) ++entry.generation;
  entry.children = 0;
  entry.live = 0;
  --live_;
}

void PrefixPolicy::staged_done(EntryId) {}

// ---- victims

double PrefixPolicy::worth(EntryId id) const {
  if (!known(id)) return 0;
  const Entry& entry = entries_[id];
  if (is_orphan(entry)) return 0;
  return static_cast<double>(model_.index(entry.level, entry.gap, age(entry))) * kValues[entry.value];
}

void PrefixPolicy::add_candidate(EntryId id) {
  if (std::find(candidates_.begin(), candidates_.end(), id) != candidates_.end()) return;
  if (candidates_.size() >= kMostCandidates) {
    *std::max_element(candidates_.begin(), candidates_.end(),
                      [this](EntryId a, EntryId b) { return worth(a) < worth(b); }) = id;
    return;
  }
  candidates_.push_back(id);
}

void PrefixPolicy::gather_candidates(unsigned probes, unsigned wanted) {
  std::erase_if(candidates_, [this](EntryId id) { return !is_end(id); });
  for (unsigned probe = 0; probe < probes && wanted > 0 && !entries_.empty(); ++probe) {
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    const auto id = static_cast<EntryId>((random_ >> 32) * entries_.size() >> 32);
    if (!is_end(id)) continue;
    add_candidate(id);
    --wanted;
  }
}

std::optional<EntryId> PrefixPolicy::victim(const std::function<bool(EntryId)>& may_go) {
  for (const unsigned probes : {kProbes, kDesperateProbes}) {
    gather_candidates(probes, probes == kProbes ? kWanted : kMostCandidates);
    while (!candidates_.empty()) {
      const auto poorest = std::min_element(candidates_.begin(), candidates_.end(),
                                            [this](EntryId a, EntryId b) { return worth(a) < worth(b); });
      const EntryId id = *poorest;
      *poorest = candidates_.back();
      candidates_.pop_back();
      if (may_go(id)) return id;
    }
  }
  return std::nullopt;
}

bool PrefixPolicy::worth_flash(EntryId id) {
  if (!known(id) || is_orphan(entries_[id])) return false;
  gather_candidates(kProbes, kWanted);
  const double own = worth(id) * kWritePrice;
  bool compared = false;
  for (const EntryId candidate : candidates_) {
    if (candidate == id || staging_.waits(candidate)) continue;
    if (worth(candidate) < own) return true;
    compared = true;
  }
  return !compared;
}

uint64_t PrefixPolicy::state_bytes() const {
  return sizeof(*this) - sizeof(model_) + entries_.capacity() * sizeof(Entry) + staging_.state_bytes() +
         ghosts_.state_bytes() + model_.state_bytes();
}

}  // namespace tp::cache
