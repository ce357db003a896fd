// The janitor's steps on snapshots: those that schedules want are taken, what deleted ones held is freed.
#include "plane/care/janitor.h"

#include <map>

#include "plane/snapshots/freeing/free_clone.h"
#include "plane/snapshots/freeing/free_snapshot.h"
#include "plane/snapshots/schedule/schedule_runner.h"

namespace tp::plane {
namespace {
constexpr rt::Nanos kTick = 100 * rt::kMillisecond;
constexpr rt::Nanos kRetry = 10 * rt::kSecond;
/// Reads that began before their snapshot was deleted are over by then.
constexpr rt::Nanos kReadsEnd = 5 * rt::kSecond;

/// Since when snapshots and clones are known to be deleted.
class DeletedSince {
 public:
  bool still_read(uint64_t id, rt::Nanos now) { return now - since_.emplace(id, now).first->second < kReadsEnd; }
  void forget_old(rt::Nanos now) {
    std::erase_if(since_, [now](const auto& entry) { return now - entry.second > 100 * kReadsEnd; });
  }

 private:
  std::map<uint64_t, rt::Nanos> since_;
};
}  // namespace

Task<void> Janitor::free_snapshots() {
  const StillRead nobody;
  co_return co_await free_snapshots(nobody);
}

Task<void> Janitor::free_snapshots(const StillRead& still_read) {
  for (bool more = true; more && !stopping_;) {
    TP_CO_TRY(more, co_await free_one_batch(core_, still_read));
  }
  for (bool more = true; more && !stopping_;) {
    TP_CO_TRY(more, co_await free_clone_batch(core_, still_read));
  }
  co_return ok;
}

Task<void> Janitor::run_snapshots() {
  rt::Nanos schedules_at = home_->clock().now(), free_at = schedules_at;
  DeletedSince deleted;
  while (true) {
    const rt::Nanos now = home_->clock().now();
    // Errors are the stores' to report; what failed is tried again later.
    if (now >= schedules_at) {
      (void)co_await run_schedules(core_);
      schedules_at = now + kScheduleEvery;
    }
    if (now >= free_at) {
      const StillRead still_read = [&deleted, now](uint64_t id) { return deleted.still_read(id, now); };
      auto freed = co_await free_snapshots(still_read);
      if (!freed) free_at = now + kRetry;
      deleted.forget_old(now);
    }
    auto going_on = co_await pause(kTick);
    if (!going_on || !*going_on) co_return ok;
  }
}

}  // namespace tp::plane
