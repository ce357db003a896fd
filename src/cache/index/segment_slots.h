// SegmentSlots: the flash segments that entries lie in, by slots of 16 bits, so that an entry's place takes 40. Numbers
// are read under a stripe's lock; changes are made under the structure mutex.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace tp::cache {

class SegmentSlots {
 public:
  static constexpr uint32_t kSlots = 65536;  // 0 is none

  SegmentSlots() : chunks_(std::make_unique<std::atomic<Slot*>[]>(kSlots / kChunk)) {}
  ~SegmentSlots() {
    for (uint32_t i = 0; i < kSlots / kChunk; ++i) delete[] chunks_[i].load();
  }
  SegmentSlots(const SegmentSlots&) = delete;
  SegmentSlots& operator=(const SegmentSlots&) = delete;

  /// The slot of a segment, made if it has none; 0: all are taken.
  uint32_t slot_of(uint32_t segment) {
    const auto found = slots_.find(segment);
    if (found != slots_.end()) return found->second;
    uint32_t slot = 0;
    if (!unused_.empty()) {
      slot = unused_.back();
      unused_.pop_back();
    } else {
      if (end_ == kSlots) return 0;
      slot = end_++;
      auto& chunk = chunks_[slot / kChunk];
      if (chunk.load() == nullptr) chunk.store(new Slot[kChunk], std::memory_order_release);
    }
    at(slot).number.store(segment, std::memory_order_relaxed);
    at(slot).live_bytes = 0;
    slots_.emplace(segment, slot);
    return slot;
  }
  uint32_t number(uint32_t slot) const noexcept { return at(slot).number.load(std::memory_order_relaxed); }
  void add(uint32_t segment, uint64_t bytes) { at(slot_of(segment)).live_bytes += bytes; }
  void subtract(uint32_t segment, uint64_t bytes) {
    const auto found = slots_.find(segment);
    if (found != slots_.end()) at(found->second).live_bytes -= bytes;
  }
  uint64_t live_bytes(uint32_t segment) const {
    const auto found = slots_.find(segment);
    return found == slots_.end() ? 0 : at(found->second).live_bytes;
  }
  /// No entry lies in it any more.
  void forget(uint32_t segment) {
    const auto found = slots_.find(segment);
    if (found == slots_.end()) return;
    unused_.push_back(found->second);
    slots_.erase(found);
  }
  uint64_t memory_bytes() const noexcept {
    return kSlots / kChunk * sizeof(void*) + (end_ + kChunk - 1) / kChunk * uint64_t{kChunk} * sizeof(Slot) +
           slots_.size() * 40;
  }

 private:
  static constexpr uint32_t kChunk = 256;
  struct Slot {
    std::atomic<uint32_t> number{0};
    uint64_t live_bytes = 0;
  };
  Slot& at(uint32_t slot) const noexcept {
    return chunks_[slot / kChunk].load(std::memory_order_acquire)[slot % kChunk];
  }

  std::unique_ptr<std::atomic<Slot*>[]> chunks_;
  std::unordered_map<uint32_t, uint32_t> slots_;
  std::vector<uint32_t> unused_;
  uint32_t end_ = 1;
};

}  // namespace tp::cache
