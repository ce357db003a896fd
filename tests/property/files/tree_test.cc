// Scripts of TreeSteps on a plane in memory: restarts and crashes in between, everything compared and checked.
#include <gtest/gtest.h>

#include "property/executor.h"
#include "property/files/tree_executor.h"
#include "property/runner.h"
#include "support/memory_plane.h"
#include "support/plane_client.h"

namespace tp::test {
namespace {

Task<void> make_volume(plane::Plane* plane) {
  plane::CreateVolumeOptions options;
  TP_CO_TRY_VOID(co_await plane->create_volume(operator_caller(), kVolume, std::move(options)));
  co_return ok;
}

/// Files are rewritten almost at once, so that it happens between all other steps.
Result<void> rewrite_files(MemoryPlane& store) {
  store.plane().core().open_files.rewrites.slack_bytes = 16 << 10;
  return store.run(store.plane().janitor().rewrite_files());
}

Result<void> check_store(MemoryPlane& store, TreeExecutor& executor) {
  TP_TRY_VOID(rewrite_files(store));
  TP_TRY_VOID(store.tidy_up());
  TP_TRY(const plane::CheckReport report, store.run(store.plane().check({})));
  std::string text = "check finds:";
  for (const plane::CheckFinding& finding : report.findings) {
    text += "\n    " + finding.kind + " | " + finding.where + " | " + finding.detail;
  }
  TP_TRY_VOID(expect(report.clean(), text));
  TP_TRY(const meta::VolumeCounters counters, store.run(store.plane().counters(kVolume)));
  TP_TRY_VOID(expect(counters.objects == executor.object_count(), "the volume counts other objects"));
  return store.run(executor.verify_all());
}

Result<void> run_step(MemoryPlane& store, TreeExecutor& executor, TreeStep step, std::string* said) {
  if (step.kind < TreeStepKind::kRestart) {
    auto result = store.run(executor.apply(step));
    if (result && step.seed % 4 == 0) result = rewrite_files(store);
    *said = executor.last_step();
    return result;
  }
  *said = step.kind == TreeStepKind::kRestart ? "restart" : step.kind == TreeStepKind::kCrash ? "crash" : "check";
  if (step.kind != TreeStepKind::kCheck) {
    executor.lose_opens();
    if (step.kind == TreeStepKind::kCrash) {
      store.crash(step.seed);
    } else {
      store.close();
    }
    TP_TRY_VOID(store.open());
    executor.use(&store.plane());
    TP_TRY_VOID(store.run(executor.after_start(step.seed)));
  }
  return check_store(store, executor);
}

std::optional<ScriptFailure> run_tree_script(const std::vector<TreeStep>& script) {
  MemoryPlane store({.segment_bytes = 32 << 20});
  TreeExecutor executor;
  ScriptFailure failure;
  auto result = store.open();
  if (result) result = store.run(make_volume(&store.plane()));
  executor.use(&store.plane());
  for (; result && failure.step < script.size(); ++failure.step) {
    failure.trace.emplace_back();
    result = run_step(store, executor, script[failure.step], &failure.trace.back());
    if (!result) break;
  }
  if (result) {
    failure.trace.emplace_back();
    result = run_step(store, executor, {TreeStepKind::kRestart, 0}, &failure.trace.back());
  }
  executor.forget_opens();
  if (result) return std::nullopt;
  failure.what = result.error().message;
  return failure;
}

/// With as few steps as we can find that still fail.
ScriptFailure shrink_tree_script(std::vector<TreeStep> script, ScriptFailure failure) {
  script.resize(std::min(script.size(), failure.step + 1));
  for (size_t chunk = std::max<size_t>(script.size() / 2, 1); chunk > 0; chunk /= 2) {
    for (size_t begin = 0; begin < script.size();) {
      std::vector<TreeStep> shorter = script;
      const size_t end = std::min(begin + chunk, shorter.size());
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(begin),
                    shorter.begin() + static_cast<std::ptrdiff_t>(end));
      if (auto still = run_tree_script(shorter)) {
        script = std::move(shorter);
        script.resize(std::min(script.size(), still->step + 1));
        failure = std::move(*still);
      } else {
        begin += chunk;
      }
    }
  }
  return failure;
}

TEST(TreeProperty, files_and_objects_are_the_same_tree_through_restarts_and_crashes) {
  const Settings settings = settings_from_environment(500);
  std::printf("TP_SEED=%llu TP_STEPS=%zu\n", static_cast<unsigned long long>(settings.seed), settings.steps);
  for (uint64_t round = 0; round < 4; ++round) {
    const auto script = random_tree_script(settings.seed + round, settings.steps);
    const auto failure = run_tree_script(script);
    if (!failure) continue;
    const ScriptFailure shortest = shrink_tree_script(script, *failure);
    std::string text;
    for (const std::string& step : shortest.trace) text += "\n  " + step;
    FAIL() << "TP_SEED=" << settings.seed + round << " TP_STEPS=" << settings.steps << "\nfirst: " << failure->what
           << "\nat its shortest: " << shortest.what << "\nthe steps:" << text;
  }
}

}  // namespace
}  // namespace tp::test
