#include "cache/policy/s3fifo.h"

namespace tp::cache {
namespace {
constexpr unsigned kSearchSteps = 4096;
constexpr uint8_t kMostUses = 3;
constexpr uint64_t kGhostBytes = 72;  // of both containers
}  // namespace

S3FifoPolicy::S3FifoPolicy(const PolicyOptions& options) : options_(options) {}

void S3FifoPolicy::add_ghost(uint64_t key_hash) {
  ghost_order_.push_back(key_hash);
  ++ghosts_[key_hash];
  while (ghost_order_.size() > main_entries_) {
    const auto oldest = ghosts_.find(ghost_order_.front());
    if (--oldest->second == 0) ghosts_.erase(oldest);
    ghost_order_.pop_front();
  }
}

void S3FifoPolicy::inserted(EntryId id, const EntryFacts& facts) {
  if (entries_.capacity() <= id) entries_.reserve(size_t{id} + id / 16 + 64);
  if (entries_.size() <= id) entries_.resize(size_t{id} + 1);
  if (entries_[id].place != Place::kNone) removed(id, false, 0);
  Entry& entry = entries_[id];
  const bool queued = entry.queued;  // by an earlier owner of the id; passed over once
  entry = {.bytes = facts.bytes, .place = Place::kSmall, .queued = queued};
  entry.seen_before = ghosts_.contains(facts.key_hash);
  bytes_ += facts.bytes;
  if (facts.on_flash || (entry.seen_before && !options_.has_flash)) return to_main(id);
  small_bytes_ += facts.bytes;
  small_.push(id);
}

void S3FifoPolicy::hit(EntryId id) {
  if (id < entries_.size() && entries_[id].uses < kMostUses) ++entries_[id].uses;
}

void S3FifoPolicy::replaced(EntryId id, uint32_t bytes) {
  if (id >= entries_.size() || entries_[id].place == Place::kNone) return;
  Entry& entry = entries_[id];
  hit(id);
  bytes_ += bytes - uint64_t{entry.bytes};
  if (entry.place == Place::kSmall) small_bytes_ += bytes - uint64_t{entry.bytes};
  entry.bytes = bytes;
  if (!options_.has_flash || entry.place == Place::kSmall) return;
  if (entry.place == Place::kMain) --main_entries_;
  entry.place = Place::kSmall;
  entry.seen_before = true;  // it was worth its place before
  small_bytes_ += bytes;
  small_.push(id);
}

void S3FifoPolicy::removed(EntryId id, bool evicted, uint64_t key_hash) {
  if (id >= entries_.size() || entries_[id].place == Place::kNone) return;
  Entry& entry = entries_[id];
  if (evicted && entry.place != Place::kMain && key_hash != 0) add_ghost(key_hash);
  if (entry.place == Place::kMain) --main_entries_;
  if (entry.queued && !main_.empty() && main_.front() == id) {
    main_.pop_front();
    entry.queued = false;
  }
  if (entry.place == Place::kSmall) small_bytes_ -= entry.bytes;
  bytes_ -= entry.bytes;
  small_.remove(id);
  entry.place = Place::kNone;
}

void S3FifoPolicy::to_main(EntryId id) {
  Entry& entry = entries_[id];
  entry.place = Place::kMain;
  entry.uses = 0;
  ++main_entries_;
  if (!entry.queued) main_.push_back(id);
  entry.queued = true;
}

std::optional<EntryId> S3FifoPolicy::from_small(const std::function<bool(EntryId)>& may_go) {
  for (unsigned steps = 0; steps < kSearchSteps; ++steps) {
    const auto id = small_.pop();
    if (!id) return std::nullopt;
    Entry& entry = entries_[*id];
    small_bytes_ -= entry.bytes;
    if (entry.uses > 1 || !may_go(*id)) {
      to_main(*id);
      continue;
    }
    entry.place = Place::kLeaving;
    return id;
  }
  return std::nullopt;
}

std::optional<EntryId> S3FifoPolicy::from_main(const std::function<bool(EntryId)>& may_go) {
  for (unsigned steps = 0; steps < kSearchSteps && !main_.empty(); ++steps) {
    const EntryId id = main_.front();
    main_.pop_front();
    Entry& entry = entries_[id];
    if (entry.place != Place::kMain) {
      entry.queued = false;
      continue;
    }
    if (entry.uses == 0 && may_go(id)) {
      main_.push_front(id);  // removed() takes it from there
      return id;
    }
    if (entry.uses > 0) --entry.uses;
    main_.push_back(id);
  }
  return std::nullopt;
}

std::optional<EntryId> S3FifoPolicy::victim(const std::function<bool(EntryId)>& may_go) {
  if (!options_.has_flash && static_cast<double>(small_bytes_) >= kStagingShare * static_cast<double>(bytes_)) {
    if (const auto id = from_small(may_go)) return id;
  }
  if (const auto id = from_main(may_go)) return id;
  return options_.has_flash ? std::nullopt : from_small(may_go);
}

bool S3FifoPolicy::worth_flash(EntryId id) {
  return id < entries_.size() && (entries_[id].uses > 1 || entries_[id].seen_before);
}

std::optional<EntryId> S3FifoPolicy::next_staged() {
  if (!options_.has_flash) return std::nullopt;
  const auto id = small_.pop();
  if (!id) return id;
  entries_[*id].place = Place::kLeaving;
  small_bytes_ -= entries_[*id].bytes;
  return id;
}

void S3FifoPolicy::staged_done(EntryId id) {
  if (id < entries_.size() && entries_[id].place == Place::kLeaving) to_main(id);
}

double S3FifoPolicy::worth(EntryId id) const {
  if (id >= entries_.size()) return 0;
  const Entry& entry = entries_[id];
  if (entry.place == Place::kNone) return 0;
  return 1.0 + entry.uses + (entry.place == Place::kMain ? 1 : 0);
}

uint64_t S3FifoPolicy::state_bytes() const {
  return entries_.capacity() * sizeof(Entry) + main_.size() * sizeof(EntryId) + ghost_order_.size() * kGhostBytes +
         small_.state_bytes();
}

}  // namespace tp::cache
