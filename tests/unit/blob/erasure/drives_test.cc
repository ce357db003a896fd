// Drives that are lost, replaced, added and drained, while blobs are read and written.
#include "drive_fixture.h"

namespace tp::blob {
namespace {

class DrivesTest : public DriveFixture {
 protected:
  std::vector<BlobRecord> fill(uint64_t blobs, size_t size = 1 << 20) {
    std::vector<BlobRecord> records;
    for (uint64_t i = 0; i < blobs; ++i) records.push_back(must_put(++last_id_, size));
    return records;
  }
  void expect_all(const std::vector<BlobRecord>& records, const char* when) {
    for (const BlobRecord& record : records) expect_reads(record, when);
  }
  /// Reads at random and puts, for as long as the tier mends; at least a round of each.
  Task<void> load_until_mended(std::vector<BlobRecord>* records) {
    rt::Rng rng(9);
    do {
      const BlobRecord& record = (*records)[rng.below(records->size())];
      auto read = co_await read_range(tier_.get(), record, 0, record.length_bytes);
      if (!read || *read != data_of_[record.id.value]) ++failed_reads_;
      Bytes data = random_data(300'000, ++last_id_);
      TierItem item = item_of(last_id_, data);
      std::vector<TierItem> items{std::move(item)};
      auto stored = co_await tier_->put(std::move(items));
      if (!stored) co_return std::unexpected(std::move(stored.error()));
      data_of_[last_id_] = std::move(data);
      records->push_back(stored->front());
      ++rounds_;
    } while (tier_->status().mending);
    co_return ok;
  }
  unsigned active() {
    const auto drives = tier_->status().drives;
    return static_cast<unsigned>(std::ranges::count(drives, DriveState::kActive, &DriveStatus::state));
  }

  uint64_t last_id_ = 0;
  int failed_reads_ = 0, rounds_ = 0;
};

TEST_F(DrivesTest, ALostDriveIsReplacedAndWhatItHadIsMadeAgainUnderLoad) {
  ASSERT_TRUE(open(6));
  auto records = fill(40);
  const uint64_t had = status_of(2).shards;
  ASSERT_GT(had, 4u);
  swap_out(2);  // a new disk in its place
  ASSERT_TRUE(open(6));
  EXPECT_FALSE(status_of(2).present) << "an empty directory may be a disk that is not mounted";
  EXPECT_EQ(tier_->status().missing_shards, had);
  expect_all(records, "one drive is away");
  ASSERT_TRUE(run(tier_->replace(name_of(2))));
  ASSERT_TRUE(run(load_until_mended(&records)));
  ASSERT_TRUE(run(tier_->wait_mended()));
  EXPECT_EQ(failed_reads_, 0);
  EXPECT_GT(rounds_, 0);
  EXPECT_TRUE(status_of(2).present);
  EXPECT_GE(status_of(2).shards, had);
  EXPECT_EQ(tier_->status().missing_shards, 0u);
  // What was made again is right: it serves where two others are lost.
  take_away(0);
  take_away(1);
  ASSERT_TRUE(open(6));
  expect_all(records, "two other drives are away");
  EXPECT_EQ(tier_->status().lost_segments, 0u);
}

TEST_F(DrivesTest, WithASpareALostDriveIsMadeAgainOnTheOthers) {
  ASSERT_TRUE(open(8));
  auto records = fill(40);
  take_away(3);
  ASSERT_TRUE(open(8));
  const uint64_t missing = tier_->status().missing_shards;
  ASSERT_GT(missing, 0u);
  ASSERT_TRUE(mend());
  EXPECT_EQ(tier_->status().missing_shards, 0u);
  EXPECT_EQ(tier_->status().mend_done, missing);
  expect_all(records, "mended");
  // The old drive comes back with shards that are elsewhere by now: one of each pair goes.
  bring_back(3);
  ASSERT_TRUE(open(8));
  EXPECT_TRUE(status_of(3).present);
  expect_all(records, "and back");
  uint64_t shards = 0;
  for (unsigned i = 0; i < 8; ++i) shards += status_of(i).shards;
  EXPECT_EQ(shards, tier_->status().segments * 6);
}

TEST_F(DrivesTest, ADriveIsDrainedUnderLoadAndThenNotUsedAnyMore) {
  ASSERT_TRUE(open(7));
  auto records = fill(40);
  ASSERT_GT(status_of(1).shards, 0u);
  ASSERT_TRUE(run(tier_->drain(name_of(1))));
  ASSERT_TRUE(run(load_until_mended(&records)));
  ASSERT_TRUE(run(tier_->wait_mended()));
  EXPECT_EQ(failed_reads_, 0);
  EXPECT_EQ(status_of(1).state, DriveState::kRemoved);
  EXPECT_EQ(status_of(1).shards, 0u);
  expect_all(records, "drained");
  const auto left = runtime_.block_on(drive(1).list(kShardDirectory));
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->empty());
  // Its table says so too: it may stay where it is.
  ASSERT_TRUE(open(7));
  EXPECT_EQ(active(), 6u);
  expect_all(records, "after a restart");
  EXPECT_EQ(run(tier_->drain(name_of(2))).error().code, Code::kNoSpace) << "six are needed";
  EXPECT_EQ(run(tier_->drain("/nowhere")).error().code, Code::kNotFound);
  // And it may come back, as a new drive.
  ASSERT_TRUE(run(tier_->add(name_of(1))));
  EXPECT_EQ(active(), 7u);
  fill(10);
  EXPECT_GT(status_of(1).shards, 0u);
  ASSERT_TRUE(open(7));
  EXPECT_EQ(active(), 7u);
  expect_all(records, "with the drive back");
}

TEST_F(DrivesTest, ADrainGoesOnAfterARestart) {
  ASSERT_TRUE(open(7));
  const auto records = fill(60);
  ASSERT_TRUE(run(tier_->drain(name_of(4))));
  for (int restarts = 0; restarts < 3; ++restarts) ASSERT_TRUE(open(7));
  ASSERT_TRUE(run(tier_->wait_mended()));
  EXPECT_EQ(status_of(4).state, DriveState::kRemoved);
  expect_all(records, "drained over restarts");
  EXPECT_EQ(tier_->status().missing_shards, 0u);
}

TEST_F(DrivesTest, AnAddedDriveTakesItsShare) {
  ASSERT_TRUE(open(6));
  const auto records = fill(20);
  ASSERT_TRUE(run(tier_->add("/new")));
  EXPECT_EQ(run(tier_->add("/new")).error().code, Code::kAlreadyExists);
  EXPECT_EQ(run(tier_->add("")).error().code, Code::kInvalidArgument);
  ASSERT_TRUE(run(tier_->wait_mended()));
  const auto more = fill(20);
  const auto drives = tier_->status().drives;
  EXPECT_GT(std::ranges::find(drives, "/new", &DriveStatus::directory)->shards, 1u);
  // The table knows it, whether it is in the configuration or not.
  ASSERT_TRUE(open(6));
  EXPECT_EQ(tier_->status().drives.size(), 7u);
  EXPECT_EQ(tier_->status().missing_shards, 0u);
  expect_all(records, "old");
  expect_all(more, "new");
  // One that is listed and new joins at the start.
  ASSERT_TRUE(open(7));
  EXPECT_EQ(active(), 8u);
}

TEST_F(DrivesTest, ADriveThatRefusesWritesIsOutAndThePutGoesOnWithoutIt) {
  ASSERT_TRUE(open(7));
  const auto before = fill(3);
  drive(5).set_plan({.fail_at = 1, .and_all_after = true, .only_writes = true});
  drive(0).set_plan({.fail_at = 1, .and_all_after = true, .only_syncs = true});
  const auto during = fill(12);
  for (const unsigned failed : {0u, 5u}) {
    EXPECT_EQ(status_of(failed).state, DriveState::kFailed);
    EXPECT_GT(status_of(failed).write_errors, 0u);
    drive(failed).set_plan({});
  }
  expect_all(before, "before");
  expect_all(during, "during");
  // Five drives are left: one parity piece is missing of each new segment, and all is served.
  EXPECT_GT(tier_->status().degraded_segments, 0u);
  ASSERT_TRUE(open(7));
  EXPECT_EQ(status_of(0).state, DriveState::kFailed) << "until it is replaced";
  expect_all(before, "after a restart");
  expect_all(during, "after a restart");
  for (const unsigned failed : {0u, 5u}) {
    swap_out(failed);
    ASSERT_TRUE(run(tier_->replace(name_of(failed))));
  }
  ASSERT_TRUE(run(tier_->wait_mended()));
  EXPECT_EQ(tier_->status().missing_shards, 0u);
  EXPECT_EQ(tier_->status().mend_error, "");
  take_away(1);
  take_away(2);
  ASSERT_TRUE(open(7));
  expect_all(during, "and two others away");
}

TEST_F(DrivesTest, DirectoriesOfOthersAreRefused) {
  ASSERT_TRUE(open(6));
  fill(1);
  auto other = options(6);
  other.tier = 4;
  EXPECT_EQ(open(other).error().code, Code::kInvalidArgument);
  other = options(6);
  other.store_id = 78;
  EXPECT_EQ(open(other).error().code, Code::kInvalidArgument);
  auto older = options(6);
  older.start_number = 1;
  EXPECT_EQ(open(older).error().code, Code::kInvalidArgument) << "the metadata is older than the tier";
  auto twice = options(6);
  twice.directories.push_back(name_of(0));
  EXPECT_EQ(open(twice).error().code, Code::kInvalidArgument);

  // A drive of this tier's number in another store is not taken in by add() either.
  auto another = options(1);
  another.directories = {"/x0", "/x1", "/x2", "/x3", "/x4", "/x5"};
  another.store_id = 500;
  ASSERT_TRUE(open(another));
  ASSERT_TRUE(open(6));
  EXPECT_EQ(run(tier_->add("/x0")).error().code, Code::kAlreadyExists);
}

TEST_F(DrivesTest, AFirstStartNeedsAllDirectoriesAndEnoughOfThem) {
  take_away(2);
  EXPECT_EQ(open(6).error().code, Code::kUnavailable);
  bring_back(2);
  EXPECT_EQ(open(5).error().code, Code::kInvalidArgument);
  auto bad = options(6);
  bad.data_pieces = 0;
  EXPECT_EQ(open(bad).error().code, Code::kInvalidArgument);
  bad.data_pieces = 30;
  bad.parity_pieces = 3;
  EXPECT_EQ(open(bad).error().code, Code::kInvalidArgument);
  // One that is cut short is made up for; after that an empty directory is a drive that is missing.
  drive(4).set_plan({.fail_at = 1, .and_all_after = true, .only_writes = true});
  EXPECT_FALSE(open(6));
  drive(4).set_plan({});
  ASSERT_TRUE(open(6));
  EXPECT_EQ(active(), 6u);
  EXPECT_TRUE(status_of(4).present);
  swap_out(4);
  ASSERT_TRUE(open(6));
  EXPECT_FALSE(status_of(4).present);
}

TEST_F(DrivesTest, AllDrivesAwayIsSaidAndNotTakenForANewTier) {
  ASSERT_TRUE(open(6));
  fill(1);
  for (unsigned i = 0; i < 6; ++i) take_away(i);
  EXPECT_EQ(open(6).error().code, Code::kUnavailable);
  // Empty directories, as mount points without their disks are.
  for (unsigned i = 0; i < 6; ++i) bring_back(i);
  for (unsigned i = 0; i < 6; ++i) swap_out(i);
  auto known = options(6);
  known.may_be_new = false;
  EXPECT_EQ(open(known).error().code, Code::kUnavailable);
  EXPECT_TRUE(runtime_.block_on(drive(0).list(""))->empty()) << "nothing was written there";
  for (unsigned i = 0; i < 6; ++i) swap_out(i);
  known = options(6);
  known.may_be_new = false;
  EXPECT_TRUE(open(known));
}

TEST_F(DrivesTest, ADriveIsKnownWhereverItIsMounted) {
  ASSERT_TRUE(open(6));
  const auto records = fill(10);
  close();
  std::swap(drives_[name_of(0)], drives_[name_of(4)]);
  ASSERT_TRUE(open(6));
  expect_all(records, "swapped");
  EXPECT_EQ(tier_->status().missing_shards, 0u);
  drives_["/elsewhere"] = std::move(drives_[name_of(3)]);
  drives_[name_of(3)] = nullptr;
  auto moved = options(6);
  moved.directories[3] = "/elsewhere";
  ASSERT_TRUE(open(moved));
  expect_all(records, "moved");
  EXPECT_EQ(tier_->status().missing_shards, 0u);
  EXPECT_EQ(active(), 6u);
}

TEST_F(DrivesTest, ShardsWithDamagedHeadersStillServeAndBlankOnesGo) {
  ASSERT_TRUE(open(6));
  const BlobRecord record = fill(1, 900'000).front();
  for (unsigned slot = 0; slot < 3; ++slot) {
    const auto [name, path] = shard_of(record, slot);
    ASSERT_TRUE(drive(name).flip_bit(path, 20, 1));
  }
  const auto [blank, blank_path] = shard_of(record, 5);
  ASSERT_TRUE(drive(blank).overwrite(blank_path, 0, Bytes(kShardHeaderBytes, '\0')));
  ASSERT_TRUE(open(6));
  expect_all({record}, "three headers are damaged, one is blank");
  EXPECT_EQ(tier_->status().missing_shards, 1u) << "the blank one, which may be a copy cut short";
  ASSERT_TRUE(mend());
  EXPECT_EQ(tier_->status().missing_shards, 0u);
}

TEST_F(DrivesTest, WhatIsFreedWhileAShardIsMadeAgainIsFreeThereToo) {
  segment_bytes_ = 64 << 20;
  ASSERT_TRUE(open(7));
  const auto records = fill(24, 2 << 20);
  take_away(6);
  take_away(0);
  ASSERT_TRUE(open(7));
  ASSERT_TRUE(run(tier_->mend()));
  for (size_t i = 0; i + 1 < records.size(); ++i) {
    if (i % 2 == 0) ASSERT_TRUE(run(tier_->free(records[i])));
  }
  (void)run(tier_->wait_mended());
  for (size_t i = 1; i < records.size(); i += 2) expect_reads(records[i]);
  for (size_t i = 1; i < records.size(); i += 2) EXPECT_TRUE(run(tier_->verify(records[i])));
}

TEST_F(DrivesTest, AFailedCopyLeavesAllAsItWasAndIsSaid) {
  ASSERT_TRUE(open(7));
  const auto records = fill(20);
  take_away(3);
  ASSERT_TRUE(open(7));
  for (unsigned i = 0; i < 7; ++i) {
    if (i != 3) drive(i).set_plan({.fail_at = 3, .and_all_after = true, .only_writes = true});
  }
  EXPECT_FALSE(mend());
  EXPECT_NE(tier_->status().mend_error, "");
  EXPECT_GT(tier_->status().missing_shards, 0u);
  expect_all(records, "nothing could be mended");
  for (unsigned i = 0; i < 7; ++i) {
    if (i != 3) drive(i).set_plan({});
  }
  EXPECT_TRUE(mend());
  EXPECT_EQ(tier_->status().missing_shards, 0u);
  EXPECT_EQ(tier_->status().mend_error, "");
  expect_all(records, "mended");
}

}  // namespace
}  // namespace tp::blob
