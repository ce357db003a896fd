#include "rt/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"

namespace tp::rt {

namespace {
thread_local Loop* t_current = nullptr;
constexpr int kMaxEvents = 256;
constexpr int kMaxLocalPerTurn = 4096;
constexpr int kManualClockPollMs = 1;
}  // namespace

Loop::Loop(unsigned index, Clock& clock) : index_(index), clock_(clock) {
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  TP_CHECK(epoll_fd_ >= 0 && wake_fd_ >= 0);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = nullptr;
  TP_CHECK(epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event) == 0);
  turn_time_ = clock_.now();
}

Loop::~Loop() {
  close(wake_fd_);
  close(epoll_fd_);
}

Loop& Loop::current() {
  TP_CHECK(t_current != nullptr);
  return *t_current;
}

Loop* Loop::current_or_null() noexcept { return t_current; }

void Loop::run() {
  TP_CHECK(t_current == nullptr);
  t_current = this;
  while (!stopping_.load(std::memory_order_acquire)) {
    turn_time_ = clock_.now();
    take_posted();
    fire_timers();
    bool busy = run_local();
    for (size_t i = 0; i < hooks_.size(); ++i) hooks_[i]->before_wait();
    busy = busy || local_head_ != nullptr;
    wait_and_dispatch(wait_timeout_ms(busy));
  }
  t_current = nullptr;
}

void Loop::stop() {
  stopping_.store(true, std::memory_order_release);
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof one);
}

void Loop::post(Work* work) {
  Work* head = posted_.load(std::memory_order_relaxed);
  do {
    work->next = head;
  } while (!posted_.compare_exchange_weak(head, work, std::memory_order_seq_cst, std::memory_order_relaxed));
  // Only the poster that finds the loop asleep pays for the wake-up; sleeping_ is set before posted_ is re-checked.
  if (sleeping_.load(std::memory_order_seq_cst) && sleeping_.exchange(false)) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof one);
  }
}

void Loop::defer(Work* work) {
  work->next = nullptr;
  *local_tail_ = work;
  local_tail_ = &work->next;
}

void Loop::take_posted() {
  Work* stack = posted_.exchange(nullptr, std::memory_order_acquire);
  Work* in_order = nullptr;
  while (stack != nullptr) {
    Work* next = stack->next;
    stack->next = in_order;
    in_order = stack;
    stack = next;
  }
  while (in_order != nullptr) {
    Work* next = in_order->next;
    defer(in_order);
    in_order = next;
  }
}

bool Loop::run_local() {
  for (int i = 0; i < kMaxLocalPerTurn; ++i) {
    Work* work = local_head_;
    if (work == nullptr) return false;
    local_head_ = work->next;
    if (local_head_ == nullptr) local_tail_ = &local_head_;
    work->run(work);
  }
  return local_head_ != nullptr;
}

void Loop::arm(Timer& timer, Nanos deadline) {
  cancel(timer);
  timer.position = timers_.emplace(deadline, &timer);
  timer.armed = true;
}

void Loop::cancel(Timer& timer) {
  if (!timer.armed) return;
  timers_.erase(timer.position);
  timer.armed = false;
}

void Loop::fire_timers() {
  while (!timers_.empty() && timers_.begin()->first <= turn_time_) {
    Timer* timer = timers_.begin()->second;
    timers_.erase(timers_.begin());
    timer->armed = false;
    timer->run(timer);
  }
}

int Loop::wait_timeout_ms(bool busy) const {
  if (busy) return 0;
  if (timers_.empty()) return -1;
  // A clock moved by hand does not wake epoll: look at it often.
  if (&clock_ != &SystemClock::instance()) return kManualClockPollMs;
  const Nanos left = timers_.begin()->first - clock_.now();
  if (left <= 0) return 0;
  return static_cast<int>(std::min<Nanos>((left + kMillisecond - 1) / kMillisecond, 60'000));
}

void Loop::wait_and_dispatch(int timeout_ms) {
  if (timeout_ms != 0) {
    sleeping_.store(true, std::memory_order_seq_cst);
    if (posted_.load(std::memory_order_seq_cst) != nullptr || stopping_.load()) timeout_ms = 0;
  }
  std::array<epoll_event, kMaxEvents> events;
  const int count = epoll_wait(epoll_fd_, events.data(), kMaxEvents, timeout_ms);
  sleeping_.store(false, std::memory_order_relaxed);
  if (count <= 0) return;
  turn_time_ = clock_.now();
  dispatching_.clear();
  for (int i = 0; i < count; ++i) dispatching_.push_back(static_cast<FdWatcher*>(events[i].data.ptr));
  for (int i = 0; i < count; ++i) {
    if (dispatching_[i] != nullptr) {
      dispatching_[i]->on_ready(events[i].events);
    } else if (events[i].data.ptr == nullptr) {
      uint64_t ignored;
      [[maybe_unused]] const ssize_t got = read(wake_fd_, &ignored, sizeof ignored);
    }
  }
  dispatching_.clear();
}

Result<void> Loop::watch(int fd, uint32_t epoll_events, FdWatcher* watcher) {
  epoll_event event{};
  event.events = epoll_events | EPOLLET;
  event.data.ptr = watcher;
  if (epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0) {
    return fail(Code::kIo, std::string("epoll_ctl: ") + std::strerror(errno));
  }
  return ok;
}

void Loop::unwatch(int fd, FdWatcher* watcher) {
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  for (auto& entry : dispatching_) {
    if (entry == watcher) entry = nullptr;
  }
}

}  // namespace tp::rt
