// LifecycleService: runs an engine's ticks on one loop, one after another, with a pause where there is nothing to do.
#pragma once

#include <functional>

#include "lifecycle/engine.h"
#include "rt/runtime.h"

namespace tp::lifecycle {

/// Another clock's time, shifted: for tests against a running server.
class ShiftedClock final : public rt::Clock {
 public:
  ShiftedClock(const rt::Clock& clock, rt::Nanos wall_offset) : clock_(clock), wall_offset_(wall_offset) {}
  rt::Nanos now() const override { return clock_.now(); }
  rt::Nanos wall_now() const override { return clock_.wall_now() + wall_offset_; }

 private:
  const rt::Clock& clock_;
  const rt::Nanos wall_offset_;
};

class LifecycleService {
 public:
  struct Options {
    plane::Upkeep* upkeep = nullptr;
    rt::Runtime* runtime = nullptr;
    rt::Nanos pause = rt::kSecond;        // between ticks that left nothing to do
    rt::Nanos wall_offset = 0;            // of the engine's clock
    std::function<void(const Error&)> on_trouble;  // a tick failed; on the loop's thread
  };
  explicit LifecycleService(Options options);

  /// On any loop; the work stays there.
  Task<void> start();
  /// Ends after the tick that is under way. From any loop.
  Task<void> stop();
  LifecycleStatus status() const { return engine_.status(); }

 private:
  struct Sleep;
  Task<void> run();

  const Options options_;
  ShiftedClock clock_;
  LifecycleEngine engine_;
  rt::Loop* home_ = nullptr;
  rt::TaskGroup group_;
  bool stopping_ = false;
  Sleep* sleep_ = nullptr;  // under way
};

}  // namespace tp::lifecycle
