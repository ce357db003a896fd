// The part of Load that owns time and threads: one driver per loop, phases by the clock.
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <future>

#include "cli/bench/load.h"
#include "rt/await.h"

namespace tp::bench {

namespace {
constexpr rt::Nanos kTick = 100 * rt::kMillisecond;

double seconds_since(rt::Clock& clock, rt::Nanos begin) {
  return static_cast<double>(clock.now() - begin) / static_cast<double>(rt::kSecond);
}
}  // namespace

// Runs one driver task on each loop and waits for all of them, keeping the phases meanwhile.
Result<void> Load::run_on_all_loops(bool filling, bool remove) {
  finished_.store(0);
  std::vector<std::future<Result<void>>> drivers;
  for (unsigned loop = 0; loop < options_.threads; ++loop) {
    drivers.push_back(std::async(std::launch::async, [this, loop, filling, remove] {
      return runtime_.block_on(filling ? fill_on_loop(loop, remove) : work_on_loop(loop), loop);
    }));
  }
  const rt::Nanos begin = runtime_.clock().now();
  rt::Nanos measured_from = begin;
  for (;;) {
    bool all_done = true;
    for (auto& driver : drivers) {
      all_done =
          driver.wait_for(std::chrono::nanoseconds(all_done ? kTick : 0)) == std::future_status::ready && all_done;
    }
    const double elapsed = seconds_since(runtime_.clock(), begin);
    show_progress(elapsed);
    if (all_done) break;
    if (filling) continue;
    if (phase_.load() == Phase::kWarmUp && elapsed >= options_.warm_up_seconds) {
      measured_from = runtime_.clock().now();
      phase_.store(Phase::kMeasure);
    } else if (phase_.load() == Phase::kMeasure && options_.operation_limit == 0 &&
               seconds_since(runtime_.clock(), measured_from) >= options_.duration_seconds) {
      totals_.seconds = seconds_since(runtime_.clock(), measured_from);
      phase_.store(Phase::kStop);
    }
  }
  if (totals_.seconds == 0) totals_.seconds = seconds_since(runtime_.clock(), measured_from);
  if (options_.progress) fmt::print(stderr, "\r\x1b[K");
  for (auto& driver : drivers) TP_TRY_VOID(driver.get());
  return ok;
}

namespace {

Task<Outcome> one_call(rt::Runtime* runtime, const Options* options, Call call) {
  S3Client client(*runtime, *options);
  co_return co_await client.call(call, true);
}

}  // namespace

Result<void> Load::prepare() {
  Call call;
  call.method = "PUT";
  call.path = "/" + options_.bucket;
  call.has_body = true;
  TP_TRY(const auto made, runtime_.block_on(one_call(&runtime_, &options_, call)));
  if (made.status != 200 && made.status != 409) {
    return fail(Code::kUnavailable, fmt::format("cannot make the bucket: status {}: {}", made.status, made.kept));
  }
  TP_TRY_VOID(run_on_all_loops(true, false));
  if (failed_.load()) return fail(Code::kUnavailable, "cannot make the objects: " + totals_.first_error);
  return ok;
}

Result<Totals> Load::run() {
  totals_ = {};
  phase_.store(options_.warm_up_seconds > 0 && options_.operation_limit == 0 ? Phase::kWarmUp : Phase::kMeasure);
  TP_TRY_VOID(run_on_all_loops(false, false));
  return totals_;
}

Result<void> Load::clean_up() { return run_on_all_loops(true, true); }

}  // namespace tp::bench
