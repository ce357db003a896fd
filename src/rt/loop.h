// Loop: one core's event loop: epoll for sockets, timers, work posted from any thread, and hooks through which the
// file ring takes part. Everything but post() and stop() belongs to the loop's own thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <vector>

#include "base/result.h"
#include "rt/env/clock.h"
#include "rt/work.h"

namespace tp::rt {

/// Gets the readiness events (EPOLLIN and so on) of a watched descriptor.
class FdWatcher {
 public:
  virtual ~FdWatcher() = default;
  virtual void on_ready(uint32_t epoll_events) = 0;
};

/// Called each turn before the loop waits: submit what is queued, reap what is done.
class LoopHook {
 public:
  virtual ~LoopHook() = default;
  virtual void before_wait() = 0;
};

/// A timer is work that runs once at its deadline; the owner may cancel it any time before.
struct Timer : Work {
  bool armed = false;
  std::multimap<Nanos, Timer*>::iterator position;
};

class Loop {
 public:
  Loop(unsigned index, Clock& clock);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// The loop whose thread this is; current() is never called elsewhere.
  static Loop& current();
  static Loop* current_or_null() noexcept;

  unsigned index() const noexcept { return index_; }
  Clock& clock() const noexcept { return clock_; }
  /// Monotonic time as of this turn, for timeouts; coarse and free.
  Nanos turn_time() const noexcept { return turn_time_; }

  /// Runs turns on the calling thread until stop().
  void run();
  /// Any thread.
  void stop();
  /// Any thread: `work` runs on the loop's thread, in the order of posting per poster.
  void post(Work* work);
  /// Loop thread: `work` runs in this or the next turn.
  void defer(Work* work);

  /// Edge-triggered. The watcher stays valid until unwatch().
  Result<void> watch(int fd, uint32_t epoll_events, FdWatcher* watcher);
  void unwatch(int fd, FdWatcher* watcher);
  void add_hook(LoopHook* hook) { hooks_.push_back(hook); }
  void remove_hook(LoopHook* hook) { std::erase(hooks_, hook); }

  void arm(Timer& timer, Nanos deadline);
  void cancel(Timer& timer);

 private:
  bool run_local();
  void take_posted();
  void fire_timers();
  int wait_timeout_ms(bool busy) const;
  void wait_and_dispatch(int timeout_ms);

  const unsigned index_;
  Clock& clock_;
  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  Nanos turn_time_ = 0;
  std::atomic<Work*> posted_{nullptr};
  std::atomic<bool> sleeping_{false};
  std::atomic<bool> stopping_{false};
  Work* local_head_ = nullptr;
  Work** local_tail_ = &local_head_;
  std::multimap<Nanos, Timer*> timers_;
  std::vector<LoopHook*> hooks_;
  std::vector<FdWatcher*> dispatching_;  // the batch in hand, so that unwatch() can strike out what is gone
};

}  // namespace tp::rt
