// Random histories of volumes, snapshots and clones, with restarts and crashes (README.md).
#include <gtest/gtest.h>

#include <cstdlib>

#include "property/history/history_world.h"
#include "property/runner.h"

namespace tp::test {
namespace {

constexpr size_t kHistories = 300, kHistoriesOnDisk = 5, kSteps = 60;

void run_histories(size_t histories, Backends backends) {
  const Settings settings = settings_from_environment(kSteps);
  if (const char* asked = std::getenv("TP_HISTORIES")) histories = std::strtoull(asked, nullptr, 10);
  std::printf("TP_SEED=%llu TP_HISTORIES=%zu TP_STEPS=%zu\n", static_cast<unsigned long long>(settings.seed), histories,
              settings.steps);
  for (size_t i = 0; i < histories; ++i) {
    HistoryWorld world(settings.seed + i, backends);
    const auto result = world.run(settings.steps);
    if (result) continue;
    std::string text;
    for (const std::string& step : world.trace()) text += "\n  " + step;
    FAIL() << "TP_SEED=" << settings.seed + i << " TP_HISTORIES=1 TP_STEPS=" << settings.steps << "\n"
           << result.error().to_string() << text;
  }
}

TEST(HistoryProperty, every_snapshot_and_clone_shows_what_it_is_a_copy_of_and_nothing_is_left_of_what_goes) {
  run_histories(kHistories, Backends::kMemory);
}

TEST(HistoryProperty, the_same_holds_on_a_real_engine_and_disk) {
  run_histories(kHistoriesOnDisk, Backends::kDisk);
}

}  // namespace
}  // namespace tp::test
