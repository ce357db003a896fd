#include "property/runner.h"

#include <cstdlib>
#include <cstring>

#include "property/executor.h"
#include "rt/await.h"
#include "support/disk_plane.h"
#include "support/memory_plane.h"
#include "support/plane_client.h"

namespace tp::test {

namespace {

Task<void> make_volume(plane::Plane* plane) {
  plane::CreateVolumeOptions options;
  TP_CO_TRY_VOID(co_await plane->create_volume(operator_caller(), kVolume, std::move(options)));
  co_return ok;
}

Result<void> check_clean(PlaneStack& store) {
  plane::CheckOptions options;
  TP_TRY(const plane::CheckReport report, store.run(store.plane().check(std::move(options))));
  if (report.clean()) return ok;
  std::string text = "check finds:";
  for (const plane::CheckFinding& finding : report.findings) {
    text += "\n    " + finding.kind + " | " + finding.where + " | " + finding.detail;
  }
  return fail(Code::kInternal, text);
}

Result<void> check_counters(PlaneStack& store, const std::vector<const Model*>& models) {
  TP_TRY(const meta::VolumeCounters got, store.run(store.plane().counters(kVolume)));
  meta::VolumeCounters want;
  for (const Model* model : models) {
    const meta::VolumeCounters one = model->counters();
    want.objects += one.objects;
    want.bytes += one.bytes;
    want.uploads += one.uploads;
    want.upload_bytes += one.upload_bytes;
  }
  return expect(got.objects == want.objects && got.bytes == want.bytes && got.uploads == want.uploads &&
                    got.upload_bytes == want.upload_bytes,
                "the counters are not what is there");
}

/// A restart, a crash or a check.
Result<void> apply_to_store(PlaneStack& store, Executor& executor, Step step) {
  if (step.kind == StepKind::kRestart) {
    store.close();
  } else if (step.kind == StepKind::kCrash) {
    store.crash(step.seed);
  }
  if (!store.is_open()) {
    TP_TRY_VOID(store.open());
    executor.use(&store.plane());
  }
  TP_TRY_VOID(store.tidy_up());
  TP_TRY_VOID(check_counters(store, {&executor.model()}));
  TP_TRY_VOID(check_clean(store));
  return store.run(executor.verify_all());
}

Result<void> run_step(PlaneStack& store, Executor& executor, Step step, std::string* said) {
  if (step.kind < StepKind::kRestart) {
    auto result = store.run(executor.apply(step));
    *said = executor.last_step();
    return result;
  }
  *said = step.kind == StepKind::kRestart ? "restart" : step.kind == StepKind::kCrash ? "crash" : "check";
  return apply_to_store(store, executor, step);
}

/// Does one client's steps on its loop; what failed is left in `failure`.
Task<void> run_client(Executor* executor, std::vector<Step> script, std::optional<ScriptFailure>* failure) {
  for (size_t i = 0; i < script.size(); ++i) {
    const auto result = co_await executor->apply(script[i]);
    if (result) continue;
    failure->emplace(ScriptFailure{i, executor->last_step() + ": " + result.error().message, {}});
    break;
  }
  co_return ok;
}


/// Moves to a loop and does a client's steps there.
Task<void> run_client_on(rt::Runtime* runtime, unsigned loop, Executor* executor, std::vector<Step> script,
                         std::optional<ScriptFailure>* failure) {
  rt::Loop& home = rt::Loop::current();
  co_await rt::resume_on(runtime->loop(loop));
  const auto result = co_await run_client(executor, std::move(script), failure);
  co_await rt::resume_on(home);
  co_return result;
}

Task<void> run_clients(rt::Runtime* runtime, std::vector<Executor>* executors, std::vector<std::vector<Step>> scripts,
                       std::vector<std::optional<ScriptFailure>>* failures) {
  rt::TaskGroup group;
  for (size_t i = 0; i < executors->size(); ++i) {
    const auto loop = static_cast<unsigned>(i % runtime->loop_count());
    group.spawn(run_client_on(runtime, loop, &(*executors)[i], std::move(scripts[i]), &(*failures)[i]));
  }
  co_await group.join();
  co_return ok;
}

std::unique_ptr<PlaneStack> make_stack(Backends backends, PlaneStackOptions options) {
  if (backends == Backends::kDisk) return std::make_unique<DiskPlane>(options);
  return std::make_unique<MemoryPlane>(options);
}

}  // namespace

std::optional<ScriptFailure> run_script(const std::vector<Step>& script, Backends backends) {
  const std::unique_ptr<PlaneStack> stack = make_stack(backends, {.segment_bytes = 32 << 20});
  PlaneStack& store = *stack;
  Executor executor("");
  ScriptFailure failure;
  const auto failed = [&](const Error& error) {
    failure.what = error.message;
    return failure;
  };
  auto opened = store.open();
  if (opened) opened = store.run(make_volume(&store.plane()));
  if (!opened) return failed(opened.error());
  executor.use(&store.plane());
  for (; failure.step < script.size(); ++failure.step) {
    std::string said;
    const auto result = run_step(store, executor, script[failure.step], &said);
    failure.trace.push_back(said);
    if (!result) return failed(result.error());
  }
  failure.trace.push_back("restart and check");
  const auto result = apply_to_store(store, executor, {StepKind::kRestart, 0});
  return result ? std::nullopt : std::optional(failed(result.error()));
}

std::optional<ScriptFailure> run_scripts_together(const std::vector<std::vector<Step>>& scripts) {
  MemoryPlane store({.loops = 2, .segment_bytes = 32 << 20, .digest_service = true});
  ScriptFailure failure;
  auto opened = store.open();
  if (opened) opened = store.run(make_volume(&store.plane()));
  if (!opened) return ScriptFailure{0, opened.error().message, {}};
  std::vector<Executor> executors;
  std::vector<const Model*> models;
  executors.reserve(scripts.size());
  for (size_t i = 0; i < scripts.size(); ++i) {
    executors.emplace_back("client" + std::to_string(i) + "/");
    executors.back().use(&store.plane());
    models.push_back(&executors.back().model());
  }
  std::vector<std::optional<ScriptFailure>> failures(scripts.size());
  (void)store.run(run_clients(&store.runtime(), &executors, scripts, &failures));
  for (const auto& each : failures) {
    if (each) return each;
  }
  auto result = store.tidy_up();
  if (result) result = check_counters(store, models);
  if (result) result = check_clean(store);
  for (Executor& executor : executors) {
    if (result) result = store.run(executor.verify_all());
  }
  return result ? std::nullopt : std::optional(ScriptFailure{0, result.error().message, {}});
}

ScriptFailure shrink(std::vector<Step> script, ScriptFailure failure, Backends backends) {
  script.resize(std::min(script.size(), failure.step + 1));
  for (size_t chunk = std::max<size_t>(script.size() / 2, 1); chunk > 0; chunk /= 2) {
    for (size_t begin = 0; begin < script.size();) {
      std::vector<Step> shorter = script;
      const size_t end = std::min(begin + chunk, shorter.size());
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(begin),
                    shorter.begin() + static_cast<std::ptrdiff_t>(end));
      if (auto still = run_script(shorter, backends)) {
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

Settings settings_from_environment(size_t steps) {
  Settings settings{0, steps};
  if (const char* text = std::getenv("TP_STEPS")) settings.steps = std::strtoull(text, nullptr, 10);
  if (const char* text = std::getenv("TP_SEED")) {
    settings.seed = std::strtoull(text, nullptr, 10);
  } else {
    char random[sizeof settings.seed];
    rt::secure_random(random);
    std::memcpy(&settings.seed, random, sizeof random);
  }
  return settings;
}

}  // namespace tp::test
