#include <gtest/gtest.h>

#include "fault/fail_each_call.h"
#include "fault/workload.h"
#include "support/sanitized.h"

namespace tp::test {
namespace {

using memory::FaultPlan;
using memory::MemoryEngine;

/// A prepared store, closed and opened again, so that opening is among what may fail.
class Store {
 public:
  explicit Store(Workload::Weight weight = Workload::Weight::kFull)
      : store_({.segment_bytes = 16 << 20}), work_(store_, weight) {
    EXPECT_FINE(store_.open());
    EXPECT_FINE(work_.prepare());
    store_.close();
  }
  MemoryPlane& store() { return store_; }
  Workload& work() { return work_; }
  Result<void> verify_live() { return work_.verify_acknowledged(); }

  /// Power off, power on: everything acknowledged is there, the rest whole or absent, and nothing is left over.
  void crash_and_verify(uint64_t seed) {
    store_.crash(seed);
    EXPECT_FINE(store_.open());
    if (!store_.is_open()) return;
    EXPECT_FINE(work_.verify());
    EXPECT_FINE(check_clean(store_));
    EXPECT_FINE(work_.verify());
    // And it works again.
    const Bytes data = make_data(seed, 100'000);
    EXPECT_FINE(store_.run(put_object(&store_.plane(), {Workload::kVolume, "again"}, data)));
    const auto again = store_.run(get_object(&store_.plane(), {Workload::kVolume, "again"}));
    EXPECT_TRUE(again && *again == data);
  }

 private:
  MemoryPlane store_;
  Workload work_;
};

TEST(PlaneFault, any_one_file_call_may_fail_and_nothing_acknowledged_is_lost) { fail_each_file_call<Store>({}); }

TEST(PlaneFault, any_one_file_write_may_be_cut_short) {
  fail_each_file_call<Store>({.only_writes = true, .partial_write = true});
}

TEST(PlaneFault, power_may_go_at_any_file_call) {
  for (uint64_t nth = 1; nth < kMostFaults && !testing::Test::HasFailure(); nth += stride_if_sanitized(3)) {
    SCOPED_TRACE("call " + std::to_string(nth));
    Store fixture;
    MemoryPlane& store = fixture.store();
    store.files().set_plan({.fail_at = nth, .and_all_after = true});
    // Once the disk is gone for the blobs, it is for the engine.
    store.engine().before_write([&] {
      if (store.files().fault_happened()) {
        store.engine().fail_at(MemoryEngine::Call::kWrite, 1, Error(Code::kIo, "no power"));
      }
    });
    const bool opened = store.open().has_value();
    if (opened) fixture.work().run();
    const bool happened = store.files().fault_happened();
    store.engine().before_write({});
    fixture.crash_and_verify(nth);
    if (!happened) return;
  }
  FAIL() << "the workload never got through";
}

void fail_each_engine_call(MemoryEngine::Call call, MemoryEngine::Effect effect,
                           Workload::Weight weight = Workload::Weight::kFull,
                           uint64_t stride = stride_if_sanitized(3)) {
  for (uint64_t nth = 1; nth < kMostFaults && !testing::Test::HasFailure(); nth += stride) {
    SCOPED_TRACE("call " + std::to_string(nth));
    Store fixture(weight);
    MemoryPlane& store = fixture.store();
    EXPECT_FINE(store.open());
    const uint64_t before = store.engine().calls(call);
    store.engine().fail_at(call, nth, Error(Code::kIo, "the disk says no"), effect);
    fixture.work().run();
    const bool happened = store.engine().calls(call) - before >= nth;
    if (happened && call == MemoryEngine::Call::kWrite) {
      EXPECT_TRUE(store.meta().read_only());
      EXPECT_FINE(fixture.work().verify_acknowledged());
    }
    fixture.crash_and_verify(nth);
    if (!happened) return;
  }
  FAIL() << "the workload never got through";
}

TEST(PlaneFault, any_engine_write_may_fail_without_effect) {
  fail_each_engine_call(MemoryEngine::Call::kWrite, MemoryEngine::Effect::kNothing);
}

TEST(PlaneFault, any_engine_write_may_fail_and_yet_have_been_done) {
  fail_each_engine_call(MemoryEngine::Call::kWrite, MemoryEngine::Effect::kAppliedAnyway);
}

TEST(PlaneFault, any_engine_read_may_fail) {
  fail_each_engine_call(MemoryEngine::Call::kRead, MemoryEngine::Effect::kNothing, Workload::Weight::kLight);
}

// Large objects take the same reads and far more time: some of the calls.
TEST(PlaneFault, engine_reads_may_fail_beside_objects_of_several_blobs) {
  fail_each_engine_call(MemoryEngine::Call::kRead, MemoryEngine::Effect::kNothing, Workload::Weight::kFull,
                        4 * stride_if_sanitized(8));
}

TEST(PlaneFault, a_failed_sync_makes_the_store_refuse_large_writes_until_it_is_opened_again) {
  Store fixture;
  MemoryPlane& store = fixture.store();
  EXPECT_FINE(store.open());
  store.files().set_plan({.fail_at = 1, .only_syncs = true});
  const auto first = store.run(put_object(&store.plane(), {Workload::kVolume, "x"}, make_data(1, 200'000)));
  ASSERT_FALSE(first);
  EXPECT_TRUE(store.blobs().read_only());
  // The next sync would succeed, and nobody may believe it.
  const auto second = store.run(put_object(&store.plane(), {Workload::kVolume, "x"}, make_data(1, 200'000)));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kReadOnly);
  EXPECT_FINE(fixture.work().verify());
  fixture.crash_and_verify(1);
}

TEST(PlaneFault, reads_go_on_when_the_disk_is_full_or_broken) {
  for (const Code code : {Code::kNoSpace, Code::kIo}) {
    Store fixture;
    MemoryPlane& store = fixture.store();
    EXPECT_FINE(store.open());
    store.files().set_plan({.fail_at = 1, .and_all_after = true, .code = code, .only_writes = true});
    store.engine().fail_at(MemoryEngine::Call::kWrite, 1, Error(code, "no more"), MemoryEngine::Effect::kNothing, true);
    fixture.work().run();
    EXPECT_GT(fixture.work().failed(), 10U);
    EXPECT_FINE(fixture.work().verify_acknowledged());
    const auto page = store.run(store.plane().list(operator_caller(), Workload::kVolume, {}));
    EXPECT_TRUE(page && page->objects.size() >= 6);
    fixture.crash_and_verify(1);
  }
}

TEST(PlaneFault, space_comes_back_after_a_full_disk) {
  MemoryPlane store({.segment_bytes = 16 << 20, .capacity_bytes = 64 << 20});
  EXPECT_FINE(store.open());
  Workload work(store);
  EXPECT_FINE(work.prepare());
  std::vector<std::string> keys;
  Result<plane::PutResult> answer;
  for (int i = 0; i < 20; ++i) {
    const std::string key = "fill/" + std::to_string(i);
    answer = store.run(put_object(&store.plane(), {Workload::kVolume, key}, make_data(1, 8 << 20)));
    if (!answer) break;
    keys.push_back(key);
  }
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kNoSpace);
  EXPECT_FINE(work.verify());
  for (const std::string& key : keys) {
    EXPECT_FINE(store.run(store.plane().remove(operator_caller(), {Workload::kVolume, key}, {})));
  }
  EXPECT_FINE(store.tidy_up());
  EXPECT_FINE(store.run(put_object(&store.plane(), {Workload::kVolume, "again"}, make_data(1, 8 << 20))));
  EXPECT_FINE(check_clean(store));
}

}  // namespace
}  // namespace tp::test
