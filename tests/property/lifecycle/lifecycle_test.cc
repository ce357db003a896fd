#include <gtest/gtest.h>

#include <cstdlib>

#include "lifecycle/engine.h"
#include "property/lifecycle/naive_lifecycle.h"
#include "property/lifecycle/random_rules.h"
#include "rt/runtime.h"

namespace tp::test {
namespace {

using lifecycle::kDay;

constexpr VolumeId kVolume{1};
constexpr rt::Nanos kStart = 20'000 * kDay;

// One history: the engine over one store and the naive model over another, through which the same clients go.
class Case {
 public:
  explicit Case(uint64_t seed) : random_(seed), clock_(kStart), store_(clock_), model_(clock_) {}

  // What differs; empty: nothing.
  Task<std::string> run() {
    record_.id = kVolume;
    record_.name = "v";
    record_.versioning = static_cast<meta::Versioning>(below(random_, 3));
    change_rules();
    start_engine();
    const bool a_year = chance(random_, 20);
    const uint64_t days = a_year ? 366 : 10 + below(random_, 50);
    const uint64_t changes_a_day = a_year ? 1 : 1 + below(random_, 4);
    for (uint64_t day = 0; day < days; ++day) {
      rt::Nanos left = kDay - clock_.wall_now() % kDay;
      for (uint64_t i = below(random_, changes_a_day + 1); i > 0; --i) {
        const rt::Nanos pass = static_cast<rt::Nanos>(below(random_, static_cast<uint64_t>(left)));
        clock_.advance(pass);
        left -= pass;
        change_something();
        if (chance(random_, 6)) TP_CO_TRY_VOID(co_await look());
      }
      clock_.advance(left);
      TP_CO_TRY_VOID(co_await look());
      std::string difference = compare();
      if (!difference.empty()) co_return "day " + std::to_string(day) + ": " + difference;
    }
    co_return std::string();
  }

  lifecycle::LifecycleCounts counts() const { return counts_; }

 private:
  void start_engine() {
    if (engine_) {
      const auto now = engine_->status().counts;
      counts_.expired += now.expired;
      counts_.versions_expired += now.versions_expired;
      counts_.transitions += now.transitions;
      counts_.uploads_aborted += now.uploads_aborted;
      counts_.put_off += now.put_off;
    }
    lifecycle::LifecycleEngine::Options options;
    options.upkeep = &store_;
    options.clock = &clock_;
    options.changes_a_tick = 1 + below(random_, 8);
    options.keys_walked_a_tick = 1 + below(random_, 4);
    options.due_a_tick = 1 + below(random_, 8);
    options.keys_at_once = 1 + below(random_, 4);
    engine_ = std::make_unique<lifecycle::LifecycleEngine>(options);
  }

  void change_rules() {
    rules_ = random_rules(random_, clock_.wall_now());
    record_.lifecycle = lifecycle::encode_rules(rules_);
    store_.set_volume(record_);
    model_.set_volume(record_);
  }

  template <class Change>
  void both(Change change) {
    change(store_);
    change(model_);
  }

  std::string random_key() {
    static const char* const names[] = {"a/x1", "a/x2", "a/y", "b/1", "c", "d"};
    return names[below(random_, 6)];
  }
  meta::TagSet random_tags() {
    meta::TagSet tags;
    if (chance(random_, 2)) tags.emplace_back("k", chance(random_, 2) ? "1" : "2");
    if (chance(random_, 2)) tags.emplace_back("l", "1");
    return tags;
  }

  void change_something() {
    const std::string key = random_key();
    const size_t index = below(random_, 4);
    const rt::Nanos until = (clock_.wall_now() / kDay + 1 + static_cast<int64_t>(below(random_, 30))) * kDay;
    switch (below(random_, 20)) {
      case 0:
        return both([&](FakeUpkeep& s) { s.remove(kVolume, key); });
      case 1:
        return both([&](FakeUpkeep& s) { s.remove_version(kVolume, key, index); });
      case 2: {
        const auto tags = random_tags();
        return both([&](FakeUpkeep& s) { s.set_tags(kVolume, key, index, tags); });
      }
      case 3:
      case 4:
        return both([&](FakeUpkeep& s) { s.read(kVolume, key); });
      case 5:
        return both([&](FakeUpkeep& s) { s.lock(kVolume, key, index, until); });
      case 6: {
        const std::string to = random_key();
        return both([&](FakeUpkeep& s) { s.rename(kVolume, key, to); });
      }
      case 7: {
        const bool forth = chance(random_, 2);
        return both([&](FakeUpkeep& s) { s.rename_prefix(kVolume, forth ? "a/" : "b/", forth ? "b/" : "a/"); });
      }
      case 8:
        return both([&](FakeUpkeep& s) { s.begin_upload(kVolume, key); });
      case 9:
        if (chance(random_, 4)) change_rules();
        return;
      case 10:
        if (chance(random_, 4)) store_.cut_journal();
        return;
      case 11:
        if (record_.versioning == meta::Versioning::kOff || !chance(random_, 4)) return;
        record_.versioning = record_.versioning == meta::Versioning::kEnabled ? meta::Versioning::kSuspended
                                                                              : meta::Versioning::kEnabled;
        return both([&](FakeUpkeep& s) { s.set_volume(record_); });
      default: {
        const uint64_t size = chance(random_, 2) ? below(random_, 1000) : below(random_, 300'000);
        const auto tags = random_tags();
        return both([&](FakeUpkeep& s) { s.put(kVolume, key, size, tags); });
      }
    }
  }

  // The engine works until there is nothing to do, killed now and then; the model scans.
  Task<void> look() {
    if (chance(random_, 8)) {
      store_.answer_calls(below(random_, 30));
      for (int ticks = 0; ticks < 20 && !store_.dead(); ++ticks) (void)co_await engine_->tick();
      store_.revive();
      start_engine();
    }
    for (int idle = 0, ticks = 0; idle < 2; ++ticks) {
      if (ticks > 10'000) co_return fail(Code::kInternal, "the engine finds no end");
      const size_t before = store_.edits + store_.journal_length();
      TP_CO_TRY(const bool more, co_await engine_->tick());
      idle = more || before != store_.edits + store_.journal_length() ? 0 : idle + 1;
    }
    scan_naively(model_, kVolume, rules_, clock_.wall_now());
    co_return ok;
  }

  static std::string words(FakeUpkeep& store) {
    std::string text;
    for (const auto& [key, versions] : store.keys(kVolume)) {
      text += key + ":";
      for (const auto& each : versions) {
        text += std::string(each.current ? " current" : " noncurrent") + (each.inode ? "" : " marker") +
                (each.version == 0 ? " null " : " ") + each.storage_class + " " + std::to_string(each.size_bytes) +
                " @" + std::to_string(each.modified / rt::kSecond) + "/" +
                std::to_string(each.superseded / rt::kSecond);
      }
      text += "\n";
    }
    for (const auto& upload : store.uploads_of(kVolume)) {
      text += "upload " + upload.key + " @" + std::to_string(upload.created / rt::kSecond) + "\n";
    }
    return text;
  }

  std::string compare() {
    const std::string is = words(store_), should = words(model_);
    return is == should ? "" : "the store has\n" + is + "and should have\n" + should;
  }

  Random random_;
  rt::ManualClock clock_;
  FakeUpkeep store_, model_;
  meta::VolumeRecord record_;
  lifecycle::LifecycleRules rules_;
  std::unique_ptr<lifecycle::LifecycleEngine> engine_;
  lifecycle::LifecycleCounts counts_;
};

uint64_t from_environment(const char* name, uint64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

TEST(LifecycleProperty, ten_thousand_random_rule_sets_do_what_a_scan_of_everything_would) {
  const uint64_t seed = from_environment("TP_SEED", std::random_device()());
  const uint64_t cases = from_environment("TP_CASES", 10'000);
  std::printf("TP_SEED=%llu TP_CASES=%llu\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(cases));
  rt::Runtime runtime(rt::Runtime::Options{.loops = 1});
  lifecycle::LifecycleCounts sum;
  for (uint64_t i = 0; i < cases; ++i) {
    Case one(seed + i);
    const auto difference = runtime.block_on(one.run());
    ASSERT_TRUE(difference) << "TP_SEED=" << seed + i << " TP_CASES=1: " << difference.error().to_string();
    ASSERT_EQ(*difference, "") << "TP_SEED=" << seed + i << " TP_CASES=1";
    sum.expired += one.counts().expired;
    sum.versions_expired += one.counts().versions_expired;
    sum.transitions += one.counts().transitions;
    sum.uploads_aborted += one.counts().uploads_aborted;
    sum.put_off += one.counts().put_off;
  }
  std::printf("before crashes alone: expired %llu, versions %llu, transitions %llu, uploads %llu, put off %llu\n",
              static_cast<unsigned long long>(sum.expired), static_cast<unsigned long long>(sum.versions_expired),
              static_cast<unsigned long long>(sum.transitions), static_cast<unsigned long long>(sum.uploads_aborted),
              static_cast<unsigned long long>(sum.put_off));
  // A test in which nothing happens proves nothing.
  if (cases >= 1000) {
    EXPECT_GT(sum.expired, cases / 10);
    EXPECT_GT(sum.versions_expired, cases / 10);
    EXPECT_GT(sum.transitions, cases / 10);
    EXPECT_GT(sum.uploads_aborted, cases / 100);
    EXPECT_GT(sum.put_off, 0u);
  }
}

}  // namespace
}  // namespace tp::test
