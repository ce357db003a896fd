#include "plane/snapshots/schedule/schedule_runner.h"

#include "plane/snapshots/schedule/schedule.h"
#include "plane/snapshots/snapshots_impl.h"

namespace tp::plane {
namespace {

Caller root_caller() {
  Caller root;
  root.user_id = kRootUserId;
  root.root = true;
  return root;
}

Task<void> take(Core* core, VolumeEntryPtr volume, ScheduleRule rule, rt::Nanos now) {
  SnapshotsImpl snapshots(*core);
  const std::vector<std::string> volumes = {volume->name};
  std::string name = scheduled_name(rule, period_start(rule, now));
  auto made = co_await snapshots.create(root_caller(), volumes, name, rule.id);
  if (made || made.error().code != Code::kAlreadyExists) {
    if (!made) co_return std::unexpected(std::move(made).error());
    co_return ok;
  }
  // Somebody has taken the name by hand.
  name += "-scheduled";
  TP_CO_TRY_VOID(co_await snapshots.create(root_caller(), volumes, name, rule.id));
  co_return ok;
}

Task<void> run_rule(Core* core, VolumeEntryPtr volume, ScheduleRule rule, rt::Nanos now) {
  if (is_due(rule, core->volumes.snapshots(volume->id), now)) TP_CO_TRY_VOID(co_await take(core, volume, rule, now));
  SnapshotsImpl snapshots(*core);
  for (const meta::SnapshotRecord& old : outlived(rule, core->volumes.snapshots(volume->id))) {
    auto removed = co_await snapshots.remove(root_caller(), volume->name, old.name);
    // Deleted or cloned meanwhile.
    const bool passing =
        !removed && (removed.error().code == Code::kNotFound || removed.error().code == Code::kConflict);
    if (!removed && !passing) co_return std::unexpected(std::move(removed).error());
  }
  co_return ok;
}

}  // namespace

Task<void> run_schedules(Core& core) {
  Result<void> result = ok;
  for (const VolumeEntryPtr& volume : core.volumes.scheduled()) {
    const auto schedule = parse_schedule(volume->snapshot_schedule);
    if (!schedule) continue;  // of a newer version: its to run
    for (const ScheduleRule& rule : schedule->rules) {
      auto done = co_await run_rule(&core, volume, rule, core.runtime.clock().wall_now());
      if (!done && result) result = std::move(done);
    }
  }
  co_return result;
}

}  // namespace tp::plane
