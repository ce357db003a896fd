// Schedules: what is understood, when something is due, what goes; and the runner over a clock that is moved by hand.
#include "plane/snapshots/schedule/schedule.h"

#include "plane/snapshots/schedule/schedule_runner.h"
#include "unit/plane/snapshots/snapshots_fixture.h"
#include "wire/text/timestamp.h"

namespace tp::test {
namespace {

constexpr rt::Nanos kHour = 3600 * rt::kSecond;

rt::Nanos at(const char* text) {
  return *wire::parse_iso8601(text);
}
std::string text(rt::Nanos wall) {
  return wire::iso8601(wall);
}

TEST(Schedule, IsUnderstood) {
  auto schedule =
      plane::parse_schedule("every 1h keep 24, daily keep 7,weekly  keep 4 , monthly keep 12, every 90m keep 3");
  ASSERT_TRUE(schedule) << schedule.error().to_string();
  const std::vector<plane::ScheduleRule> wanted = {
      {"1h", 60, 24}, {"1d", 1440, 7}, {"1w", 10080, 4}, {"1mo", 0, 12}, {"90m", 90, 3}};
  EXPECT_EQ(schedule->rules, wanted);
  EXPECT_TRUE(plane::parse_schedule("")->rules.empty());
  EXPECT_TRUE(plane::parse_schedule("  ")->rules.empty());
  EXPECT_EQ(plane::parse_schedule("every 120m keep 1")->rules.front().id, "2h");
}

TEST(Schedule, IsRefusedInWords) {
  for (const char* wrong : {"every",
                            "every 1h",
                            "1h keep 2",
                            "every 1h keep",
                            "every 1h keep x",
                            "every 1h keep 0",
                            "every 1h keep 1001",
                            "every 0h keep 1",
                            "every -1h keep 1",
                            "every 1y keep 1",
                            "every h keep 1",
                            "every 367d keep 1",
                            "daily",
                            "yearly keep 1",
                            "daily keep 1,",
                            ",",
                            "daily keep 1 2",
                            "daily keep 1, every 24h keep 2",
                            "every 2mo keep 1",
                            "every 99999999999999999999d keep 1",
                            "every 18446744073709551615w keep 1"}) {
    EXPECT_TRUE(failed_with(plane::parse_schedule(wrong), Code::kInvalidArgument)) << wrong;
  }
  EXPECT_FALSE(plane::parse_schedule(std::string(1025, ' ')));
  std::string many;
  for (int i = 1; i <= 17; ++i) many += (i == 1 ? "every " : ", every ") + std::to_string(i) + "m keep 1";
  EXPECT_FALSE(plane::parse_schedule(many));
}

TEST(Schedule, PeriodsBeginAtMidnightMondaysAndFirstsOfMonths) {
  const auto start = [](const char* rule, const char* wall) {
    return text(plane::period_start(plane::parse_schedule(rule)->rules.front(), at(wall)));
  };
  EXPECT_EQ(start("hourly keep 1", "2026-11-23T17:59:59Z"), "2026-11-23T17:00:00.000Z");
  EXPECT_EQ(start("every 15m keep 1", "2026-11-23T17:44:00Z"), "2026-11-23T17:30:00.000Z");
  EXPECT_EQ(start("daily keep 1", "2026-11-23T17:59:59Z"), "2026-11-23T00:00:00.000Z");
  EXPECT_EQ(start("weekly keep 1", "2026-11-29T23:59:59Z"), "2026-11-23T00:00:00.000Z");
  EXPECT_EQ(start("weekly keep 1", "2026-11-30T00:00:00Z"), "2026-11-30T00:00:00.000Z");
  EXPECT_EQ(start("monthly keep 1", "2024-02-29T12:00:00Z"), "2024-02-01T00:00:00.000Z");
  EXPECT_EQ(start("weekly keep 1", "1970-01-01T00:00:00Z"), "1970-01-01T00:00:00.000Z");
}

TEST(Schedule, NamesSayTheRuleAndTheTime) {
  const auto name = [](const char* rule) {
    return plane::scheduled_name(plane::parse_schedule(rule)->rules.front(), at("2026-11-23T17:00:00Z"));
  };
  EXPECT_EQ(name("every 1h keep 1"), "hourly-2026-11-23T17-00");
  EXPECT_EQ(name("every 15m keep 1"), "every-15m-2026-11-23T17-00");
  EXPECT_EQ(name("weekly keep 1"), "weekly-2026-11-23T17-00");
}

/// A base of its own: the plane's threads look at it until the fixture has gone.
struct Clock {
  rt::ManualClock clock{at("2026-11-22T22:30:00Z")};
};

class Schedules : private Clock, public SnapshotsFixture {
 protected:
  Schedules() : SnapshotsFixture(MemoryPlane::Options{.clock = &clock}) {}

  void schedule(const std::string& rules) {
    plane::VolumeChange change;
    change.snapshot_schedule = rules;
    ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", std::move(change))));
  }
  void tick(rt::Nanos by = 0) {
    clock.advance(by);
    ASSERT_TRUE(run(plane::run_schedules(plane().core())));
  }
  using Names = std::vector<std::string>;
};

TEST_F(Schedules, take_one_a_period_and_keep_so_many) {
  schedule("every 1h keep 2, daily keep 1");
  tick();
  EXPECT_EQ(listed(), (Names{"hourly-2026-11-22T22-00", "daily-2026-11-22T00-00"}));
  tick(kHour / 4);
  EXPECT_EQ(listed().size(), 2u) << "the period is not over";
  tick(kHour / 4);
  EXPECT_EQ(listed(), (Names{"hourly-2026-11-22T22-00", "daily-2026-11-22T00-00", "hourly-2026-11-22T23-00"}));
  tick(kHour);
  EXPECT_EQ(listed(), (Names{"hourly-2026-11-22T23-00", "hourly-2026-11-23T00-00", "daily-2026-11-23T00-00"}));
  reopen();
  tick();
  EXPECT_EQ(listed().size(), 3u) << "a restart takes none";
  tick(100 * kHour);
  EXPECT_EQ(listed(), (Names{"hourly-2026-11-23T00-00", "hourly-2026-11-27T04-00", "daily-2026-11-27T00-00"}))
      << "what was missed is not made up for";
}

TEST_F(Schedules, leave_alone_what_people_took_and_what_clones_need) {
  ASSERT_TRUE(take("mine"));
  ASSERT_TRUE(take("hourly-2026-11-22T22-00"));
  schedule("hourly keep 1");
  tick();
  EXPECT_EQ(listed(), (Names{"mine", "hourly-2026-11-22T22-00", "hourly-2026-11-22T22-00-scheduled"}));
  ASSERT_TRUE(clone("hourly-2026-11-22T22-00-scheduled", "copy"));
  tick(kHour);
  tick(kHour);
  EXPECT_EQ(listed(),
            (Names{"mine", "hourly-2026-11-22T22-00", "hourly-2026-11-22T22-00-scheduled", "hourly-2026-11-23T00-00"}));
  schedule("");
  tick(kHour);
  EXPECT_EQ(listed().size(), 4u);
}

TEST_F(Schedules, that_are_wrong_or_somebody_elses_are_refused) {
  plane::VolumeChange change;
  change.snapshot_schedule = "every now and then";
  EXPECT_TRUE(failed_with(run(plane().set_volume(operator_caller(), "vol", change)), Code::kInvalidArgument));
  change.snapshot_schedule = "daily keep 1";
  EXPECT_TRUE(failed_with(run(plane().set_volume(user_caller("eve"), "vol", change)), Code::kPermissionDenied,
                          plane::Reason::kAccessDenied));
}

}  // namespace
}  // namespace tp::test
