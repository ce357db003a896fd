#include "lifecycle/engine.h"

#include <gtest/gtest.h>

#include "lifecycle/service.h"
#include "rt/runtime.h"
#include "support/lifecycle/fake_upkeep.h"

namespace tp::test {
namespace {

using lifecycle::kDay;
using lifecycle::LifecycleEngine;

constexpr rt::Nanos kStart = 20'000 * kDay;
constexpr VolumeId kVolume{1};

class LifecycleEngineTest : public testing::Test {
 protected:
  LifecycleEngineTest() { restart(); }

  void restart() {
    LifecycleEngine::Options options;
    options.upkeep = &store_;
    options.clock = &clock_;
    engine_ = std::make_unique<LifecycleEngine>(options);
  }
  static std::string expire_after(int64_t days, const std::string& prefix = "") {
    lifecycle::LifecycleRules rules;
    rules.rules.emplace_back().expiration = lifecycle::Expiration{days, std::nullopt, std::nullopt};
    rules.rules[0].filter.prefix = prefix;
    return lifecycle::encode_rules(rules);
  }
  void set_volume(VolumeId id, std::string rules) {
    meta::VolumeRecord record;
    record.id = id;
    record.name = "v" + std::to_string(id.value);
    record.lifecycle = std::move(rules);
    store_.set_volume(std::move(record));
  }
  void run() {
    for (int idle = 0, ticks = 0; idle < 2; ++ticks) {
      ASSERT_LT(ticks, 10'000);
      const size_t before = store_.edits + store_.journal_length();
      const auto more = runtime_.block_on(engine_->tick());
      ASSERT_TRUE(more) << more.error().to_string();
      idle = *more || before != store_.edits + store_.journal_length() ? 0 : idle + 1;
    }
  }
  size_t left(VolumeId volume = kVolume) { return store_.keys(volume).size(); }

  rt::Runtime runtime_{rt::Runtime::Options{.loops = 1}};
  rt::ManualClock clock_{kStart};
  FakeUpkeep store_{clock_};
  std::unique_ptr<LifecycleEngine> engine_;
};

TEST_F(LifecycleEngineTest, costs_what_changes_and_what_is_due_and_not_what_exists) {
  set_volume(kVolume, expire_after(10, "old/"));
  for (int i = 0; i < 5000; ++i) store_.put(kVolume, "other/" + std::to_string(i), 1);
  store_.put(kVolume, "old/1", 1);
  run();
  store_.looks = store_.edits = 0;
  for (int day = 0; day < 9; ++day) {
    clock_.advance(kDay);
    run();
  }
  EXPECT_EQ(store_.looks, 0u) << "nothing has changed and nothing is due";
  EXPECT_EQ(store_.edits, 0u);
  store_.put(kVolume, "old/2", 1);
  run();
  EXPECT_EQ(store_.looks, 1u) << "one change, one look";
  clock_.advance(2 * kDay);
  run();
  EXPECT_EQ(left(), 5001u);
  EXPECT_LE(store_.looks, 5u);
  EXPECT_EQ(engine_->status().counts.expired, 1u);
}

TEST_F(LifecycleEngineTest, walks_a_volume_once_when_its_rules_change) {
  set_volume(kVolume, "");
  for (int i = 0; i < 3000; ++i) store_.put(kVolume, std::to_string(i), 1);
  run();
  EXPECT_EQ(store_.looks, 0u) << "no rules, no work";
  EXPECT_TRUE(store_.records().empty());
  set_volume(kVolume, expire_after(1));
  run();
  EXPECT_EQ(store_.looks, 3000u);
  restart();
  run();
  EXPECT_EQ(store_.looks, 3000u) << "the rules are the same after a restart";
  clock_.advance(3 * kDay);
  run();
  EXPECT_EQ(left(), 0u);
}

TEST_F(LifecycleEngineTest, walks_again_where_the_journal_was_cut_off_behind_it) {
  set_volume(kVolume, expire_after(1));
  store_.put(kVolume, "seen", 1);
  run();
  store_.put(kVolume, "missed", 1);
  store_.cut_journal();
  run();
  clock_.advance(3 * kDay);
  run();
  EXPECT_EQ(left(), 0u);
  EXPECT_EQ(engine_->status().counts.walks, 2u);
}

TEST_F(LifecycleEngineTest, takes_up_after_a_crash_at_any_call) {
  for (size_t calls = 0; calls < 200; ++calls) {
    const VolumeId volume(calls + 1);
    set_volume(volume, expire_after(1));
    for (int i = 0; i < 3; ++i) store_.put(volume, std::to_string(i), 1);
    clock_.advance(3 * kDay);
    store_.answer_calls(calls);
    for (int tick = 0; tick < 50 && !store_.dead(); ++tick) (void)runtime_.block_on(engine_->tick());
    store_.revive();
    restart();
    run();
    ASSERT_EQ(left(volume), 0u) << "after " << calls << " calls";
    store_.drop_volume(volume);
  }
  run();
  for (const auto& [key, value] : store_.records()) {
    EXPECT_TRUE(key[0] == 'd' || key == lifecycle::cursor_key()) << "a record of a volume that is gone: " << key[0];
  }
}

TEST_F(LifecycleEngineTest, goes_on_with_other_keys_where_one_is_locked_and_comes_back_for_it) {
  set_volume(kVolume, expire_after(1));
  store_.put(kVolume, "free", 1);
  store_.put(kVolume, "locked", 1);
  store_.lock(kVolume, "locked", 0, kStart + 10 * kDay);
  clock_.advance(2 * kDay);
  run();
  EXPECT_EQ(left(), 1u);
  EXPECT_EQ(engine_->status().counts.put_off, 1u);
  clock_.advance(8 * kDay);
  run();
  EXPECT_EQ(left(), 0u);
}

TEST_F(LifecycleEngineTest, acts_on_no_rules_that_do_not_parse) {
  set_volume(kVolume, "garbage");
  store_.put(kVolume, "k", 1);
  clock_.advance(100 * kDay);
  run();
  EXPECT_EQ(left(), 1u);
  EXPECT_EQ(engine_->status().volumes, 0u);
  EXPECT_EQ(engine_->status().counts.failures, 1u);
}

TEST_F(LifecycleEngineTest, tells_why_a_tick_failed_until_one_succeeds) {
  set_volume(kVolume, expire_after(1));
  store_.answer_calls(0);
  EXPECT_FALSE(runtime_.block_on(engine_->tick()));
  EXPECT_NE(engine_->status().trouble.find("does not answer"), std::string::npos);
  store_.revive();
  run();
  EXPECT_EQ(engine_->status().trouble, "");
  store_.put(kVolume, "k", 1);
  run();
  ASSERT_TRUE(engine_->status().next_due);
  EXPECT_EQ(*engine_->status().next_due, kStart + 2 * kDay) << "the clock stands a moment after midnight";
}

TEST_F(LifecycleEngineTest, runs_as_a_service_that_stops_at_once_and_by_a_shifted_clock) {
  rt::Runtime runtime(rt::Runtime::Options{.loops = 2});
  FakeUpkeep store(runtime.clock());
  meta::VolumeRecord record;
  record.id = kVolume;
  record.lifecycle = expire_after(1);
  store.set_volume(std::move(record));
  store.put(kVolume, "k", 1);
  lifecycle::LifecycleService::Options options;
  options.upkeep = &store;
  options.runtime = &runtime;
  options.pause = 3600 * rt::kSecond;
  options.wall_offset = 3 * kDay;
  lifecycle::LifecycleService service(options);
  ASSERT_TRUE(runtime.block_on(service.start(), 1));
  ASSERT_TRUE(runtime.block_on(service.stop(), 0));
  EXPECT_EQ(store.keys(kVolume).size(), 0u) << "the first tick walks and works off what is due";
}

}  // namespace
}  // namespace tp::test
