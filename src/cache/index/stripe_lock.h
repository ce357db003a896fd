// StripeLock: many readers or one writer, for a few hundred nanoseconds. Taking it to read costs one atomic addition.
// Writers of a volume are serialized by its structure mutex, so at most one waits here; new readers let it go first.
// A thread takes a lock once: a second time while a writer waits would never end.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

namespace tp::cache {

class StripeLock {
 public:
  void lock_shared() noexcept {
    while ((state_.fetch_add(1, std::memory_order_acquire) & kWriter) != 0) {
      state_.fetch_sub(1, std::memory_order_relaxed);
      wait_until([](uint32_t state) { return (state & kWriter) == 0; });
    }
  }
  void unlock_shared() noexcept { state_.fetch_sub(1, std::memory_order_release); }

  void lock() noexcept {
    if (state_.fetch_or(kWriter, std::memory_order_acquire) == 0) return;
    wait_until([](uint32_t state) { return state == kWriter; });
  }
  void unlock() noexcept { state_.fetch_and(~kWriter, std::memory_order_release); }

 private:
  static constexpr uint32_t kWriter = 1u << 31;
  static constexpr int kSpins = 64;

  template <class Done>
  void wait_until(Done done) noexcept {
    for (int spins = 0; !done(state_.load(std::memory_order_acquire)); ++spins) {
      if (spins >= kSpins) std::this_thread::yield();
    }
  }

  std::atomic<uint32_t> state_{0};
};

}  // namespace tp::cache
