// Clock: the only source of time. Production has SystemClock; tests plug in ManualClock and move it by hand.
#pragma once

#include <atomic>
#include <cstdint>

namespace tp::rt {

/// Nanoseconds. Monotonic times count from an arbitrary start, wall times from the Unix epoch in UTC.
using Nanos = int64_t;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Nanos now() const = 0;
  virtual Nanos wall_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Nanos now() const override;
  Nanos wall_now() const override;
  static SystemClock& instance();
};

/// Stands still until advanced. Thread-safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Nanos wall_start = 1'700'000'000 * kSecond) : wall_start_(wall_start) {}
  Nanos now() const override { return elapsed_.load(); }
  Nanos wall_now() const override { return wall_start_ + elapsed_.load(); }
  void advance(Nanos by) { elapsed_ += by; }

 private:
  Nanos wall_start_;
  std::atomic<Nanos> elapsed_{1};
};

}  // namespace tp::rt
