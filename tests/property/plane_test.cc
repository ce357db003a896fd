#include <gtest/gtest.h>

#include "property/runner.h"

namespace tp::test {
namespace {

std::string text_of(const ScriptFailure& failure) {
  std::string text = failure.what + "\nthe steps:";
  for (const std::string& step : failure.trace) text += "\n  " + step;
  return text;
}

TEST(PlaneProperty, holds_what_a_plain_model_holds_through_restarts_and_crashes) {
  const Settings settings = settings_from_environment(600);
  std::printf("TP_SEED=%llu TP_STEPS=%zu\n", static_cast<unsigned long long>(settings.seed), settings.steps);
  for (uint64_t round = 0; round < 3; ++round) {
    const auto script = random_script(settings.seed + round, settings.steps, true);
    const auto failure = run_script(script);
    if (!failure) continue;
    FAIL() << "TP_SEED=" << settings.seed + round << " TP_STEPS=" << settings.steps << "\nfirst: " << failure->what
           << "\nat its shortest: " << text_of(shrink(script, *failure));
  }
}

TEST(PlaneProperty, holds_what_a_plain_model_holds_on_rocksdb_and_a_real_disk) {
  const Settings settings = settings_from_environment(400);
  std::printf("TP_SEED=%llu TP_STEPS=%zu\n", static_cast<unsigned long long>(settings.seed), settings.steps);
  const auto script = random_script(settings.seed, settings.steps, true);
  const auto failure = run_script(script, Backends::kDisk);
  if (!failure) return;
  FAIL() << "TP_SEED=" << settings.seed << " TP_STEPS=" << settings.steps << "\nfirst: " << failure->what
         << "\nat its shortest: " << text_of(shrink(script, *failure, Backends::kDisk));
}

TEST(PlaneProperty, holds_what_each_of_several_clients_did_at_once) {
  const Settings settings = settings_from_environment(200);
  std::printf("TP_SEED=%llu TP_STEPS=%zu\n", static_cast<unsigned long long>(settings.seed), settings.steps);
  std::vector<std::vector<Step>> scripts;
  for (uint64_t client = 0; client < 4; ++client) {
    scripts.push_back(random_script(settings.seed + client, settings.steps, false));
  }
  const auto failure = run_scripts_together(scripts);
  EXPECT_FALSE(failure) << "TP_SEED=" << settings.seed << " TP_STEPS=" << settings.steps << "\n" << failure->what;
}

}  // namespace
}  // namespace tp::test
