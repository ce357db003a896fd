// Disks that fail, fill up and forget: what flush() promised is there, nothing torn ever, and what is lost is told.
#include "flash_fixture.h"

namespace tp::cache {
namespace {

class FlashFaultsTest : public FlashFixture {
 protected:
  FlashFaultsTest() {
    segment_bytes_ = 96 << 10;
    run_bytes_ = 16 << 10;
  }

  /// Appends records of mixed sizes, with a flush after every fourth one, until the disk is gone. Those that a
  /// successful flush covered are `promised_`.
  void work(size_t records) {
    static constexpr size_t kSizes[] = {10, 5000, 0, 17'000, 100, 40'000, 64, 250'000};
    std::vector<uint64_t> waiting;
    for (size_t i = 0; i < records; ++i) {
      Put put = entry(puts_.size() + 1, kSizes[i % std::size(kSizes)]);
      const bool placed = append(put).has_value();
      puts_.push_back(put);
      if (placed) waiting.push_back(put.sequence);
      if (i % 4 != 3) continue;
      if (flush()) {
        for (const uint64_t sequence : waiting) {
          if (!was_lost(sequence)) promised_.push_back(sequence);
        }
      }
      waiting.clear();
    }
  }
  bool was_lost(uint64_t sequence) const {
    return std::ranges::any_of(lost_, [&](const Found& lost) { return lost.put.sequence == sequence; });
  }
  /// Everything that recovery found is whole and as it was put; everything promised is found.
  void check() {
    for (const auto& [sequence, found] : found_) {
      ASSERT_LE(sequence, puts_.size());
      Put& put = puts_[sequence - 1];
      EXPECT_EQ(found.put.key, put.key);
      put.place = found.put.place;
      expect_value(put);
    }
    for (const uint64_t sequence : promised_) {
      EXPECT_TRUE(found_.contains(sequence)) << sequence;
    }
  }

  std::vector<Put> puts_;
  std::vector<uint64_t> promised_;
};

TEST_F(FlashFaultsTest, ACrashAtAnyCallLosesNothingThatWasFlushed) {
  uint64_t last = 1;
  for (uint64_t at = 1; at <= last; ++at) {
    for (const bool partial : {false, true}) {
      SCOPED_TRACE("call " + std::to_string(at) + (partial ? ", partial" : ""));
      files_ = std::make_unique<memory::MemoryFileSystem>();
      puts_.clear();
      promised_.clear();
      lost_.clear();
      ASSERT_TRUE(open());
      files_->set_plan({.fail_at = at, .and_all_after = true, .partial_write = partial});
      work(24);
      (void)close();
      last = std::max(last, files_->fault_happened() ? at + 1 : files_->calls());
      files_->crash(at * 2 + (partial ? 1 : 0));
      const auto opened = open();
      ASSERT_TRUE(opened) << opened.error().to_string();
      check();
      ASSERT_FALSE(HasFailure());
      ASSERT_TRUE(close());
    }
  }
  EXPECT_GT(last, 50u);
}

TEST_F(FlashFaultsTest, OneFailedCallCostsAtMostItsSegmentAndTheLogGoesOn) {
  for (uint64_t at = 1; at < 90; ++at) {
    SCOPED_TRACE("call " + std::to_string(at));
    files_ = std::make_unique<memory::MemoryFileSystem>();
    puts_.clear();
    promised_.clear();
    lost_.clear();
    ASSERT_TRUE(open());
    files_->set_plan({.fail_at = at});
    work(24);
    files_->set_plan({});
    Put after = entry(puts_.size() + 1, 3000);
    ASSERT_TRUE(append(after));
    ASSERT_TRUE(flush());
    puts_.push_back(after);
    promised_.push_back(after.sequence);
    for (const uint64_t sequence : promised_) {  // can be read now,
      EXPECT_FALSE(was_lost(sequence));
      expect_value(puts_[sequence - 1]);
    }
    EXPECT_GT(promised_.size(), 10u);
    (void)close();
    const auto opened = open();
    ASSERT_TRUE(opened) << opened.error().to_string();
    check();  // and after a restart.
    ASSERT_FALSE(HasFailure());
    ASSERT_TRUE(close());
  }
}

TEST_F(FlashFaultsTest, AFailedSyncIsToldForEveryRecordItCoveredAndForNoOther) {
  ASSERT_TRUE(open());
  Put stable = entry(1, 3000);
  ASSERT_TRUE(append(stable));
  ASSERT_TRUE(flush());
  Put first = entry(2, 3000);
  Put second = entry(3, 0);
  second.kind = RecordKind::kErase;
  ASSERT_TRUE(append(first));
  ASSERT_TRUE(append(second));
  files_->set_plan({.fail_at = 1, .only_syncs = true});
  const auto flushed = flush();
  ASSERT_FALSE(flushed);
  EXPECT_EQ(flushed.error().code, Code::kIo);
  ASSERT_EQ(lost_.size(), 2u);
  EXPECT_EQ(lost_[0].put.sequence, 2u);
  EXPECT_EQ(lost_[0].put.key, first.key);
  EXPECT_EQ(lost_[0].put.place, first.place);
  EXPECT_EQ(lost_[1].put.kind, RecordKind::kErase);
  EXPECT_EQ(log_->stats().lost_records, 2u);
  expect_value(stable);
  Put next = entry(4, 3000);
  ASSERT_TRUE(append(next));
  EXPECT_NE(next.place.segment, stable.place.segment);
  ASSERT_TRUE(flush());
  (void)close();
  files_->crash(3);
  ASSERT_TRUE(open());
  expect_found(stable);
  expect_found(next);
  expect_value(stable);
  expect_value(next);
}

TEST_F(FlashFaultsTest, AFullDiskRefusesAppendsUntilThereIsSpaceAgain) {
  ASSERT_TRUE(open());
  Put first = entry(1, 60'000);
  ASSERT_TRUE(append(first));
  ASSERT_TRUE(flush());
  files_->set_plan({.fail_at = 1, .and_all_after = true, .code = Code::kNoSpace, .only_writes = true});
  for (uint64_t i = 2; i < 5; ++i) {
    Put more = entry(i, 60'000);
    const auto refused = append(more);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::kNoSpace);
  }
  EXPECT_TRUE(lost_.empty());
  expect_value(first);
  files_->set_plan({});
  Put again = entry(6, 60'000);
  ASSERT_TRUE(append(again));
  ASSERT_TRUE(flush());
  expect_value(again);
  EXPECT_EQ(names().size(), 2u);
  reopen();
  expect_found(first);
  expect_found(again);
}

TEST_F(FlashFaultsTest, ASegmentGivenUpWithNothingInItGoes) {
  ASSERT_TRUE(open());
  Put put = entry(1, 100);
  ASSERT_TRUE(append(put));
  files_->set_plan({.fail_at = 1, .only_writes = true});
  EXPECT_FALSE(flush());
  EXPECT_EQ(lost_.size(), 1u);
  ASSERT_TRUE(close());
  EXPECT_TRUE(names().empty());
}

TEST_F(FlashFaultsTest, ADropThatFailsCanBeTriedAgain) {
  ASSERT_TRUE(open());
  Put put = entry(1, 100);
  ASSERT_TRUE(append(put));
  reopen();
  const uint64_t before = log_->stats().bytes;
  files_->set_plan({.fail_at = 1});
  EXPECT_FALSE(runtime_.block_on(log_->drop(put.place.segment)));
  expect_value(put);
  EXPECT_EQ(log_->stats().bytes, before);
  ASSERT_TRUE(runtime_.block_on(log_->drop(put.place.segment)));
  EXPECT_EQ(log_->stats().bytes, 0u);
}

TEST_F(FlashFaultsTest, AReadErrorIsToldAsSuch) {
  ASSERT_TRUE(open());
  Put put = entry(1, 100);
  ASSERT_TRUE(append(put));
  ASSERT_TRUE(flush());
  files_->set_plan({.fail_at = 1});
  EXPECT_EQ(read(put).error().code, Code::kIo);
  expect_value(put);
  EXPECT_EQ(log_->stats().corrupt_records, 0u);
}

}  // namespace
}  // namespace tp::cache
