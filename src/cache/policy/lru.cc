#include "cache/policy/lru.h"

namespace tp::cache {
namespace {
constexpr unsigned kSearchSteps = 4096;
}  // namespace

void LruPolicy::append(EntryId id) {
  if (++uses_ == 0) ++uses_;
  links_[id] = {.older = newest_, .newer = kNoEntry, .used = uses_};
  (newest_ == kNoEntry ? oldest_ : links_[newest_].newer) = id;
  newest_ = id;
}

void LruPolicy::unlink(EntryId id) {
  Links& links = links_[id];
  (links.older == kNoEntry ? oldest_ : links_[links.older].newer) = links.newer;
  (links.newer == kNoEntry ? newest_ : links_[links.newer].older) = links.older;
  links = {};
}

void LruPolicy::inserted(EntryId id, const EntryFacts& facts) {
  if (links_.capacity() <= id) links_.reserve(size_t{id} + id / 16 + 64);
  if (links_.size() <= id) links_.resize(size_t{id} + 1);
  if (links_[id].used != 0) unlink(id);
  append(id);
  if (options_.has_flash && !facts.on_flash) staging_.push(id);
}

void LruPolicy::hit(EntryId id) {
  if (!move_on_hit_ || id >= links_.size() || links_[id].used == 0) return;
  unlink(id);
  append(id);
}

void LruPolicy::replaced(EntryId id, uint32_t) {
  if (id >= links_.size() || links_[id].used == 0) return;
  unlink(id);
  append(id);
  if (options_.has_flash) staging_.push(id);
}

void LruPolicy::removed(EntryId id, bool, uint64_t) {
  if (id >= links_.size() || links_[id].used == 0) return;
  unlink(id);
  staging_.remove(id);
}

std::optional<EntryId> LruPolicy::victim(const std::function<bool(EntryId)>& may_go) {
  unsigned steps = 0;
  for (EntryId id = oldest_; id != kNoEntry && steps < kSearchSteps; id = links_[id].newer, ++steps) {
    if (may_go(id)) return id;
  }
  return std::nullopt;
}

double LruPolicy::worth(EntryId id) const {
  if (id >= links_.size() || links_[id].used == 0) return 0;
  return 1.0 / (1.0 + static_cast<uint32_t>(uses_ - links_[id].used));
}

uint64_t LruPolicy::state_bytes() const {
  return links_.capacity() * sizeof(Links) + staging_.state_bytes();
}

}  // namespace tp::cache
