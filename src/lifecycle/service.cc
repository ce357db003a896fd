#include "lifecycle/service.h"

#include "rt/await.h"

namespace tp::lifecycle {

namespace {
/// After a tick that failed: what keeps one from working seldom goes at once.
constexpr rt::Nanos kPauseAfterTrouble = 10 * rt::kSecond;

LifecycleEngine::Options engine_options(plane::Upkeep* upkeep, rt::Clock* clock) {
  LifecycleEngine::Options options;
  options.upkeep = upkeep;
  options.clock = clock;
  return options;
}
}  // namespace

/// A timer that stop() can end early.
struct LifecycleService::Sleep : rt::Timer {
  Sleep(LifecycleService& owner, rt::Nanos length) : service(owner), duration(length) {
    run = [](rt::Work* self) { static_cast<Sleep*>(self)->resume(); };
  }
  bool await_ready() const noexcept { return service.stopping_; }
  void await_suspend(std::coroutine_handle<> handle) {
    waiter.handle = handle;
    service.sleep_ = this;
    service.home_->arm(*this, service.home_->clock().now() + duration);
  }
  void await_resume() const noexcept {}
  void resume() {
    service.sleep_ = nullptr;
    waiter.handle.resume();
  }
  void wake() {
    service.sleep_ = nullptr;
    service.home_->cancel(*this);
    service.home_->defer(&waiter);
  }
  LifecycleService& service;
  rt::Nanos duration;
  rt::ResumeWork waiter;
};

LifecycleService::LifecycleService(Options options)
    : options_(std::move(options)),
      clock_(options_.runtime->clock(), options_.wall_offset),
      engine_(engine_options(options_.upkeep, &clock_)) {}

Task<void> LifecycleService::start() {
  home_ = &rt::Loop::current();
  group_.spawn(run());
  co_return ok;
}

Task<void> LifecycleService::stop() {
  if (home_ == nullptr) co_return ok;
  rt::Loop& caller = rt::Loop::current();
  co_await rt::resume_on(*home_);
  stopping_ = true;
  if (sleep_ != nullptr) sleep_->wake();
  co_await group_.join();
  home_ = nullptr;
  co_await rt::resume_on(caller);
  co_return ok;
}

Task<void> LifecycleService::run() {
  while (!stopping_) {
    const auto more = co_await engine_.tick();
    if (!more && options_.on_trouble) options_.on_trouble(more.error());
    if (stopping_) break;
    if (more && *more) {
      co_await rt::yield();
      continue;
    }
    co_await Sleep(*this, more ? options_.pause : kPauseAfterTrouble);
  }
  co_return ok;
}

}  // namespace tp::lifecycle
