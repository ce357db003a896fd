// The janitor's care of tiers: reclaiming what earlier starts left, moving queued files, emptying mostly dead segments.
#include "plane/care/janitor.h"
#include "plane/tiers/mover.h"

namespace tp::plane {
namespace {

constexpr rt::Nanos kTick = 100 * rt::kMillisecond;
/// Those that failed are tried again, those that were too many to remember, and those that have come due.
constexpr rt::Nanos kListEvery = 10 * rt::kSecond;
constexpr rt::Nanos kCompactEvery = 60 * rt::kSecond;
constexpr rt::Nanos kRetryReclaim = 60 * rt::kSecond;

}  // namespace

Task<void> Janitor::move_files() {
  TP_CO_TRY_VOID(co_await mover_->list_queue());
  while (!stopping_) {
    TP_CO_TRY(const bool any, co_await mover_->move_listed());
    if (!any) break;
  }
  co_return ok;
}

Task<void> Janitor::run_moves() {
  rt::Nanos list_at = home_->clock().now(), reclaim_at = list_at, compact_at = list_at + kCompactEvery;
  bool reclaimed = false;
  while (true) {
    const rt::Nanos now = home_->clock().now();
    // Errors are the tiers' to report; the janitor comes again.
    if (!reclaimed && now >= reclaim_at) {
      reclaimed = (co_await mover_->reclaim_tiers()).has_value();
      core_.tiers_reclaimed = reclaimed;
      reclaim_at = now + kRetryReclaim;
    }
    if (now >= list_at) {
      (void)co_await mover_->list_queue();
      list_at = now + kListEvery;
    }
    (void)co_await mover_->move_listed();
    if (reclaimed && now >= compact_at) {
      (void)co_await mover_->compact_tiers();
      compact_at = now + kCompactEvery;
    }
    auto going_on = co_await pause(kTick);
    if (!going_on || !*going_on) co_return ok;
  }
}

}  // namespace tp::plane
