// StagingQueue: the entries that wait in DRAM, first in, first out. What was removed meanwhile is passed over when it
// comes to the front, so an entry costs four bytes only while it waits. A policy owns one; not thread-safe.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "cache/policy/policy.h"

namespace tp::cache {

class StagingQueue {
 public:
  void push(EntryId id) {
    if (waits_.size() <= id) waits_.resize(size_t{id} + 1);
    if (waits_[id]) return;  // a replaced value keeps its place
    waits_[id] = true;
    queue_.push_back(id);
  }
  void remove(EntryId id) {
    if (waits(id)) waits_[id] = false;
  }
  bool waits(EntryId id) const { return id < waits_.size() && waits_[id]; }
  std::optional<EntryId> pop() {
    while (!queue_.empty()) {
      const EntryId id = queue_.front();
      queue_.pop_front();
      if (!waits(id)) continue;
      waits_[id] = false;
      return id;
    }
    return std::nullopt;
  }
  uint64_t state_bytes() const { return queue_.size() * sizeof(EntryId) + waits_.capacity() / 8; }

 private:
  std::deque<EntryId> queue_;
  std::vector<bool> waits_;
};

}  // namespace tp::cache
