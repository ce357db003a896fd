#include <gtest/gtest.h>

#include "fault/fail_each_call.h"
#include "fault/files/file_workload.h"
#include "fault/workload.h"
#include "support/sanitized.h"

namespace tp::test {
namespace {

using memory::FaultPlan;
using memory::MemoryEngine;

/// A prepared store, closed and opened again, so that opening is among what may fail.
class FileStore {
 public:
  FileStore() : store_({.segment_bytes = 16 << 20}), work_(store_) {
    EXPECT_FINE(store_.open());
    EXPECT_FINE(work_.prepare());
    store_.close();
  }
  MemoryPlane& store() { return store_; }
  FileWorkload& work() { return work_; }
  Result<void> verify_live() { return work_.verify_now(); }

  /// Power off, power on: what was stable is there, nothing else is read, and nothing is left over.
  void crash_and_verify(uint64_t seed) {
    const uint64_t verifier = store_.is_open() ? store_.plane().files().write_verifier() : 0;
    store_.crash(seed);
    EXPECT_FINE(store_.open());
    if (!store_.is_open()) return;
    plane::Files& files = store_.plane().files();
    EXPECT_NE(files.write_verifier(), verifier);
    EXPECT_FINE(store_.run(files.end_of_grace()));
    EXPECT_FINE(work_.verify_restarted());
    EXPECT_FINE(check_clean(store_));
    // And it works again.
    const size_t failed = work_.failed();
    work_.run(0, 5);
    EXPECT_EQ(work_.failed(), failed);
    EXPECT_FINE(work_.verify_now());
  }

 private:
  MemoryPlane store_;
  FileWorkload work_;
};

TEST(FileFault, any_one_file_call_may_fail_and_nothing_stable_is_lost) {
  fail_each_file_call<FileStore>({});
}

TEST(FileFault, any_one_file_write_may_be_cut_short) {
  fail_each_file_call<FileStore>({.only_writes = true, .partial_write = true});
}

TEST(FileFault, any_sync_may_fail) {
  fail_each_file_call<FileStore>({.only_syncs = true});
}

TEST(FileFault, power_may_go_at_any_file_call) {
  for (uint64_t nth = 1; nth < kMostFaults && !testing::Test::HasFailure(); nth += stride_if_sanitized(3)) {
    SCOPED_TRACE("call " + std::to_string(nth));
    FileStore fixture;
    MemoryPlane& store = fixture.store();
    store.files().set_plan({.fail_at = nth, .and_all_after = true});
    // Once the disk is gone for the blobs, it is for the engine.
    store.engine().before_write([&] {
      if (store.files().fault_happened()) {
        store.engine().fail_at(MemoryEngine::Call::kWrite, 1, Error(Code::kIo, "no power"));
      }
    });
    if (store.open()) fixture.work().run();
    const bool happened = store.files().fault_happened();
    store.engine().before_write({});
    fixture.crash_and_verify(nth);
    if (!happened) return;
  }
  FAIL() << "the workload never got through";
}

TEST(FileFault, power_may_go_between_any_two_steps) {
  for (size_t steps = 0; steps <= FileWorkload::steps(); ++steps) {
    SCOPED_TRACE("after " + std::to_string(steps) + " steps");
    FileStore fixture;
    EXPECT_FINE(fixture.store().open());
    fixture.work().run(0, steps);
    EXPECT_EQ(fixture.work().failed(), 0U);
    EXPECT_FINE(fixture.work().verify_now());
    fixture.crash_and_verify(steps);
    // Where the client left off, it goes on.
    fixture.work().run(steps);
    EXPECT_FINE(fixture.work().verify_now());
    fixture.crash_and_verify(steps + 100);
    if (testing::Test::HasFailure()) return;
  }
}

void fail_each_engine_call(MemoryEngine::Call call, MemoryEngine::Effect effect) {
  for (uint64_t nth = 1; nth < kMostFaults && !testing::Test::HasFailure(); nth += stride_if_sanitized(3)) {
    SCOPED_TRACE("call " + std::to_string(nth));
    FileStore fixture;
    MemoryPlane& store = fixture.store();
    EXPECT_FINE(store.open());
    const uint64_t verifier = store.plane().files().write_verifier();
    const uint64_t before = store.engine().calls(call);
    store.engine().fail_at(call, nth, Error(Code::kIo, "the disk says no"), effect);
    fixture.work().run();
    const bool happened = store.engine().calls(call) - before >= nth;
    store.engine().clear_faults();
    EXPECT_FINE(fixture.work().verify_now());
    // What could not be written is kept, so nobody need write it again.
    EXPECT_EQ(store.plane().files().write_verifier(), verifier);
    if (happened && call == MemoryEngine::Call::kWrite) EXPECT_TRUE(store.meta().read_only());
    if (happened && call == MemoryEngine::Call::kRead) EXPECT_FINE(check_clean(store));
    fixture.crash_and_verify(nth);
    if (!happened) return;
  }
  FAIL() << "the workload never got through";
}

TEST(FileFault, any_engine_write_may_fail_without_effect) {
  fail_each_engine_call(MemoryEngine::Call::kWrite, MemoryEngine::Effect::kNothing);
}

TEST(FileFault, any_engine_write_may_fail_and_yet_have_been_done) {
  fail_each_engine_call(MemoryEngine::Call::kWrite, MemoryEngine::Effect::kAppliedAnyway);
}

TEST(FileFault, any_engine_read_may_fail) {
  fail_each_engine_call(MemoryEngine::Call::kRead, MemoryEngine::Effect::kNothing);
}

TEST(FileFault, a_full_disk_refuses_in_words_and_what_was_written_stays_until_there_is_room) {
  FileStore fixture;
  MemoryPlane& store = fixture.store();
  EXPECT_FINE(store.open());
  store.files().set_plan({.fail_at = 1, .and_all_after = true, .code = Code::kNoSpace, .only_writes = true});
  fixture.work().run();
  EXPECT_GT(fixture.work().failed(), 5U);
  EXPECT_FINE(fixture.work().verify_now());
  store.files().set_plan({});
  const size_t failed = fixture.work().failed();
  fixture.work().run();
  EXPECT_EQ(fixture.work().failed(), failed);
  EXPECT_FINE(fixture.work().verify_now());
  fixture.crash_and_verify(1);
}

TEST(FileFault, a_broken_disk_lets_files_be_read) {
  FileStore fixture;
  MemoryPlane& store = fixture.store();
  EXPECT_FINE(store.open());
  store.files().set_plan({.fail_at = 1, .and_all_after = true, .only_writes = true});
  store.engine().fail_at(MemoryEngine::Call::kWrite, 1, Error(Code::kIo, "no more"), MemoryEngine::Effect::kNothing,
                         true);
  fixture.work().run();
  EXPECT_GT(fixture.work().failed(), 10U);
  EXPECT_FINE(fixture.work().verify_now());
  fixture.crash_and_verify(1);
}

}  // namespace
}  // namespace tp::test
