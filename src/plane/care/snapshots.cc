// The janitor's steps on snapshots: those that schedules want are taken, what deleted ones held is freed.
#include "plane/care/janitor.h"
#include "plane/snapshots/freeing/free_clone.h"
#include "plane/snapshots/freeing/free_snapshot.h"
#include "plane/snapshots/schedule/schedule_runner.h"

namespace tp::plane {
namespace {
constexpr rt::Nanos kTick = 100 * rt::kMillisecond;
constexpr rt::Nanos kRetry = 10 * rt::kSecond;
}  // namespace

Task<void> Janitor::free_snapshots() {
  for (bool more = true; more && !stopping_;) {
    TP_CO_TRY(more, co_await free_one_batch(core_));
  }
  for (bool more = true; more && !stopping_;) {
    TP_CO_TRY(more, co_await free_clone_batch(core_));
  }
  co_return ok;
}

Task<void> Janitor::run_snapshots() {
  rt::Nanos schedules_at = home_->clock().now(), free_at = schedules_at;
  while (true) {
    const rt::Nanos now = home_->clock().now();
    // Errors are the stores' to report; what failed is tried again later.
    if (now >= schedules_at) {
      (void)co_await run_schedules(core_);
      schedules_at = now + kScheduleEvery;
    }
    if (now >= free_at) {
      auto freed = co_await free_snapshots();
      if (!freed) free_at = now + kRetry;
    }
    auto going_on = co_await pause(kTick);
    if (!going_on || !*going_on) co_return ok;
  }
}

}  // namespace tp::plane
