// Random histories of volumes, snapshots and clones, with restarts and crashes (README.md).
#include <gtest/gtest.h>

#include <cstdlib>

#include "property/history/history_world.h"
#include "property/runner.h"

namespace tp::test {
namespace {

constexpr size_t kHistories = 300, kSteps = 60;

TEST(HistoryProperty, every_snapshot_and_clone_shows_what_it_is_a_copy_of_and_nothing_is_left_of_what_goes) {
  const Settings settings = settings_from_environment(kSteps);
  const char* asked = std::getenv("TP_HISTORIES");
  const size_t histories = asked != nullptr ? std::strtoull(asked, nullptr, 10) : kHistories;
  std::printf("TP_SEED=%llu TP_HISTORIES=%zu TP_STEPS=%zu\n", static_cast<unsigned long long>(settings.seed), histories,
              settings.steps);
  for (size_t i = 0; i < histories; ++i) {
    HistoryWorld world(settings.seed + i);
    const auto result = world.run(settings.steps);
    if (result) continue;
    std::string text;
    for (const std::string& step : world.trace()) text += "\n  " + step;
    FAIL() << "TP_SEED=" << settings.seed + i << " TP_HISTORIES=1 TP_STEPS=" << settings.steps << "\n"
           << result.error().to_string() << text;
  }
}

}  // namespace
}  // namespace tp::test
