// HitNotes: what lookups have to tell the policy, noted without the structure mutex: hits, misses and entries found
// expired. Each thread notes in a ring of its own (threads beyond the sixteenth share), so that the order of a chain is
// kept; whoever holds the structure mutex drains them. A ring that nobody drains forgets the oldest.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace tp::cache {

class HitNotes {
 public:
  enum class Kind : uint8_t { kHit = 0, kMiss = 1, kExpired = 2 };
  static constexpr uint64_t kValueMask = (uint64_t{1} << 62) - 1;

  /// True: much is waiting, drain if you can.
  bool note(Kind kind, uint64_t value) noexcept {
    Ring& ring = rings_[my_ring()];
    const uint64_t at = ring.head.fetch_add(1, std::memory_order_relaxed);
    ring.notes[at % kRing].store((value & kValueMask) | (uint64_t{static_cast<uint8_t>(kind)} << 62),
                                 std::memory_order_relaxed);
    return at - ring.tail.load(std::memory_order_relaxed) > kRing / 2;
  }

  /// Under the structure mutex. A note whose writer is still at it may be seen as what stood there before: a hit too
  /// many, which does no harm.
  template <class Fn>
  void drain(Fn fn) {
    for (Ring& ring : rings_) {
      const uint64_t head = ring.head.load(std::memory_order_relaxed);
      uint64_t tail = ring.tail.load(std::memory_order_relaxed);
      if (head == tail) continue;
      if (head - tail > kRing) tail = head - kRing;
      for (; tail != head; ++tail) {
        const uint64_t note = ring.notes[tail % kRing].load(std::memory_order_relaxed);
        fn(static_cast<Kind>(note >> 62), note & kValueMask);
      }
      ring.tail.store(head, std::memory_order_relaxed);
    }
  }

 private:
  static constexpr unsigned kRings = 16;
  static constexpr uint64_t kRing = 512;
  struct alignas(64) Ring {
    std::atomic<uint64_t> head{0};
    std::atomic<uint64_t> tail{0};
    std::array<std::atomic<uint64_t>, kRing> notes{};
  };

  static unsigned my_ring() noexcept {
    static std::atomic<unsigned> next{0};
    thread_local const unsigned ring = next.fetch_add(1, std::memory_order_relaxed) % kRings;
    return ring;
  }

  std::array<Ring, kRings> rings_;
};

}  // namespace tp::cache
