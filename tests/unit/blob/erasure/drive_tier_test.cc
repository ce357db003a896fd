#include "drive_fixture.h"

namespace tp::blob {
namespace {

class DriveTierTest : public DriveFixture {};

TEST_F(DriveTierTest, WhatIsPutIsReadInAnyRangeAndAfterARestart) {
  ASSERT_TRUE(open(6));
  std::vector<BlobRecord> records;
  uint64_t id = 0;
  for (const size_t size : {1ul, 4096ul, 5000ul, 65'536ul, 65'537ul, 262'144ul, 300'000ul, 1'000'001ul, 8ul << 20}) {
    for (int twice = 0; twice < 2; ++twice) records.push_back(must_put(++id, size));
  }
  EXPECT_TRUE(std::ranges::any_of(records, [](const auto& one) { return one.encoding == Encoding::kRaw; }));
  EXPECT_TRUE(std::ranges::any_of(records, [](const auto& one) { return one.encoding == Encoding::kFrames; }));
  for (int restarts = 0; restarts < 2; ++restarts) {
    rt::Rng rng(5);
    for (const BlobRecord& record : records) {
      expect_reads(record);
      EXPECT_TRUE(run(tier_->verify(record)));
      for (int i = 0; i < 8; ++i) {
        const uint64_t from = rng.below(record.length_bytes);
        const uint64_t size = 1 + rng.below(record.length_bytes - from);
        const auto part = get(record, from, size);
        ASSERT_TRUE(part) << part.error().to_string();
        EXPECT_TRUE(*part == data_of_[record.id.value].substr(from, size));
      }
    }
    ASSERT_TRUE(open(6));
  }
  EXPECT_EQ(tier_->stats().checksum_failures, 0u);
  EXPECT_EQ(tier_->stats().degraded_reads, 0u);
  EXPECT_EQ(reports_, std::vector<std::string>());
}

TEST_F(DriveTierTest, ABatchIsStoredInOrderAndPacked) {
  ASSERT_TRUE(open(6));
  std::vector<TierItem> items;
  for (uint64_t id = 1; id <= 40; ++id) {
    data_of_[id] = random_data(30'000 * id, id);
    items.push_back(item_of(id, data_of_[id]));
  }
  const auto records = put(items);
  ASSERT_TRUE(records) << records.error().to_string();
  ASSERT_EQ(records->size(), items.size());
  for (size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ((*records)[i].id, items[i].blob.id);
    EXPECT_EQ((*records)[i].checksums, items[i].blob.checksums);
    EXPECT_EQ((*records)[i].piece_checksums.size(), 6u);
    expect_reads((*records)[i]);
  }
  const TierStats stats = tier_->stats();
  EXPECT_GT(stats.segments, 1u) << "the batch is larger than a segment";
  EXPECT_LT(stats.bytes_written, 30'000u * 820) << "half of the blobs pack";
  EXPECT_EQ(stats.writes, 40u);
}

TEST_F(DriveTierTest, AnyTwoOfSixDrivesMayBeLostAndEveryByteIsServed) {
  ASSERT_TRUE(open(6));
  std::vector<BlobRecord> records;
  for (uint64_t id = 1; id <= 6; ++id) records.push_back(must_put(id, 200'000 * id + id));
  uint64_t degraded = 0;
  for (unsigned a = 0; a < 6; ++a) {
    for (unsigned b = a; b < 6; ++b) {
      take_away(a);
      take_away(b);
      ASSERT_TRUE(open(6));
      for (const BlobRecord& record : records) {
        expect_reads(record);
        EXPECT_TRUE(run(tier_->verify(record)));
        const auto part = get(record, record.length_bytes / 2, 1000);
        ASSERT_TRUE(part);
        EXPECT_TRUE(*part == data_of_[record.id.value].substr(record.length_bytes / 2, 1000));
      }
      degraded += tier_->stats().degraded_reads;
      EXPECT_EQ(tier_->status().lost_segments, 0u);
      EXPECT_GT(tier_->status().degraded_segments, 0u);
      bring_back(a);
      bring_back(b);
    }
  }
  EXPECT_GT(degraded, 0u);
}

TEST_F(DriveTierTest, WithoutEnoughDrivesReadsFailAndNothingElseIsSaid) {
  ASSERT_TRUE(open(6));
  const BlobRecord record = must_put(1, 3'000'000);
  for (unsigned i = 0; i < 3; ++i) take_away(i);
  ASSERT_TRUE(open(6));
  EXPECT_EQ(get(record).error().code, Code::kUnavailable);
  EXPECT_EQ(run(tier_->verify(record)).error().code, Code::kUnavailable);
  EXPECT_EQ(tier_->status().lost_segments, 1u);
  EXPECT_EQ(put({item_of(2, "x")}).error().code, Code::kUnavailable);
  for (unsigned i = 0; i < 3; ++i) bring_back(i);
  ASSERT_TRUE(open(6));
  expect_reads(record);
}

TEST_F(DriveTierTest, APieceThatWentBadIsMadeAgainWhereItLies) {
  ASSERT_TRUE(open(6));
  for (uint64_t id = 1; id <= 2; ++id) {
    const BlobRecord record = must_put(id, 700'000);
    ASSERT_TRUE(spoil(record, 0));
    ASSERT_TRUE(spoil(record, 1));
    expect_reads(record, "two pieces are bad");
    EXPECT_GT(tier_->stats().checksum_failures, 0u);
    const uint64_t failures = tier_->stats().checksum_failures;
    EXPECT_TRUE(run(tier_->verify(record)));
    expect_reads(record);
    EXPECT_EQ(tier_->stats().checksum_failures, failures) << "both were mended by the first read";
  }
  EXPECT_GT(tier_->status().mended_bytes, 0u);
}

TEST_F(DriveTierTest, VerifyFindsBadParityThatNoReadMeets) {
  ASSERT_TRUE(open(6));
  const BlobRecord record = must_put(1, 700'000);
  ASSERT_TRUE(spoil(record, 4));
  ASSERT_TRUE(spoil(record, 5));
  expect_reads(record);
  EXPECT_EQ(tier_->stats().checksum_failures, 0u);
  EXPECT_TRUE(run(tier_->verify(record)));
  EXPECT_EQ(tier_->stats().checksum_failures, 2u);
  EXPECT_TRUE(run(tier_->verify(record)));
  EXPECT_EQ(tier_->stats().checksum_failures, 2u);
}

TEST_F(DriveTierTest, MoreBadPiecesThanParityAreCorruptionNotOtherBytes) {
  ASSERT_TRUE(open(6));
  const BlobRecord record = must_put(1, 700'000);
  for (const unsigned slot : {0u, 2u, 5u}) ASSERT_TRUE(spoil(record, slot));
  EXPECT_EQ(run(tier_->verify(record)).error().code, Code::kCorruption);
  const auto first = get(record, 0, 100);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, Code::kCorruption);
}

TEST_F(DriveTierTest, PiecesSwappedBetweenBlobsDoNotPass) {
  ASSERT_TRUE(open(6));
  const BlobRecord one = must_put(1, 100'000), other = must_put(3, 100'000);
  ASSERT_EQ(one.segment, other.segment);
  const auto [name, path] = shard_of(one, 0);
  const Bytes piece = drive(name).peek(path, one.offset, 25'000);
  ASSERT_TRUE(drive(name).overwrite(path, other.offset, piece));
  expect_reads(other);
  EXPECT_GT(tier_->stats().checksum_failures, 0u);
}

TEST_F(DriveTierTest, RecordsThatDoNotFitAreRefused) {
  ASSERT_TRUE(open(6));
  const BlobRecord good = must_put(2, 700'000);
  ASSERT_EQ(good.encoding, Encoding::kFrames);
  std::vector<BlobRecord> bad(10, good);
  bad[0].offset += 1;
  bad[1].offset = 0;
  bad[2].length_bytes = 0;
  bad[3].checksums.pop_back();
  bad[4].frames.push_back(1);
  bad[5].frames[0] = 0;
  bad[6].piece_checksums.pop_back();
  bad[7].segment = SegmentId(99);
  bad[8].frames[1] = 1 << 30;
  bad[9].offset = 1ull << 60;
  for (size_t i = 0; i < bad.size(); ++i) {
    const auto read = get(bad[i], 0, 1);
    ASSERT_FALSE(read) << i;
    EXPECT_EQ(read.error().code, Code::kCorruption) << i;
    EXPECT_FALSE(run(tier_->free(bad[i]))) << i;
  }
  BlobRecord sealed = good;
  sealed.encoding = Encoding::kSealedFrames;
  EXPECT_EQ(get(sealed, 0, 1).error().code, Code::kNotImplemented);
  BlobRecord beyond = good;
  beyond.offset += 1 << 30;
  EXPECT_FALSE(get(beyond));
  EXPECT_EQ(get(good, good.length_bytes, 1).error().code, Code::kOutOfRange);
  expect_reads(good);
}

TEST_F(DriveTierTest, FreedSpaceIsGivenBackAndEmptySegmentsGo) {
  ASSERT_TRUE(open(6));
  std::vector<BlobRecord> records;
  for (uint64_t id = 1; id <= 39; id += 2) records.push_back(must_put(id, 1 << 20));
  const uint64_t full = tier_->stats().disk_bytes;
  EXPECT_GT(full, 20u << 20);
  const auto first = records.front().segment;
  EXPECT_FALSE(tier_->wants_moving(first));
  std::vector<BlobRecord> of_first;
  std::ranges::copy_if(records, std::back_inserter(of_first), [&](const auto& one) { return one.segment == first; });
  ASSERT_GE(of_first.size(), 4u);
  for (size_t i = 1; i < of_first.size(); ++i) EXPECT_TRUE(run(tier_->free(of_first[i])));
  expect_reads(of_first[0]);
  EXPECT_TRUE(of_first.size() <= 4 || tier_->wants_moving(first)) << "mostly dead";
  EXPECT_LT(tier_->stats().disk_bytes, full);
  EXPECT_NE(shard_of(of_first[0], 0).first, "");
  EXPECT_TRUE(run(tier_->free(of_first[0])));
  for (unsigned slot = 0; slot < 6; ++slot) EXPECT_EQ(shard_of(of_first[0], slot).first, "");
  EXPECT_FALSE(get(of_first[0]));
  expect_reads(records.back());
}

TEST_F(DriveTierTest, ReclaimFreesWhatNoRecordPointsAt) {
  segment_bytes_ = 64 << 20;
  ASSERT_TRUE(open(6));
  const BlobRecord kept = must_put(1, 900'000), lost = must_put(3, 8 << 20), also_kept = must_put(5, 900'000);
  ASSERT_EQ(kept.segment, also_kept.segment);
  const uint64_t before = tier_->stats().disk_bytes;
  ASSERT_TRUE(open(6));
  auto infos = runtime_.block_on(tier_->segments());
  ASSERT_TRUE(infos);
  ASSERT_EQ(infos->size(), 1u);
  EXPECT_TRUE(infos->front().from_earlier_start);
  EXPECT_TRUE(infos->front().sealed);
  std::vector<std::pair<uint64_t, uint64_t>> live{{kept.offset, kept.stored_bytes()},
                                                  {also_kept.offset, also_kept.stored_bytes()}};
  ASSERT_TRUE(run(tier_->reclaim(kept.segment, live)));
  expect_reads(kept);
  expect_reads(also_kept);
  EXPECT_LT(tier_->stats().disk_bytes, before - (8 << 20));
  EXPECT_FALSE(get(lost));
  ASSERT_TRUE(run(tier_->free(kept)));
  ASSERT_TRUE(run(tier_->free(also_kept)));
  EXPECT_EQ(runtime_.block_on(tier_->segments())->size(), 0u);

  const BlobRecord next = must_put(7, 100'000);
  ASSERT_TRUE(open(6));
  const std::vector<std::pair<uint64_t, uint64_t>> overlapping{{next.offset, 100'000}, {next.offset + 4096, 10}};
  EXPECT_EQ(run(tier_->reclaim(next.segment, overlapping)).error().code, Code::kCorruption);
  ASSERT_TRUE(run(tier_->reclaim(next.segment, {})));
  EXPECT_EQ(runtime_.block_on(tier_->segments())->size(), 0u);
  EXPECT_EQ(shard_of(next, 0).first, "");
}

TEST_F(DriveTierTest, WhatThePutCannotBelieveItRefuses) {
  ASSERT_TRUE(open(6));
  TierItem item = item_of(1, "some data");
  item.blob.length_bytes = 8;
  EXPECT_EQ(put({item}).error().code, Code::kInvalidArgument);
  item = item_of(1, "some data");
  item.blob.checksums.clear();
  EXPECT_EQ(put({item}).error().code, Code::kInvalidArgument);
  item = item_of(1, "some data");
  item.data = nullptr;
  EXPECT_EQ(put({item}).error().code, Code::kInvalidArgument);
  const auto none = put({});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST_F(DriveTierTest, FullDrivesAreNoSpaceAndOthersAreUsedFirst) {
  capacity_ = 12 << 20;
  ASSERT_TRUE(open(6));
  std::vector<BlobRecord> records;
  Result<void> last = ok;
  for (uint64_t id = 1; id < 200 && last; id += 2) {
    data_of_[id] = random_data(1 << 20, id);
    auto stored = put({item_of(id, data_of_[id])});
    if (stored) records.push_back(stored->front());
    if (!stored) last = std::unexpected(stored.error());
  }
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, Code::kNoSpace) << last.error().to_string();
  EXPECT_GT(records.size(), 30u) << "44 MiB of data fit";
  for (const BlobRecord& record : records) expect_reads(record);
  for (unsigned i = 0; i < 6; ++i) EXPECT_EQ(status_of(i).state, DriveState::kActive) << "full is not failed";
  for (size_t i = 0; i < 12; ++i) ASSERT_TRUE(run(tier_->free(records[i])));
  must_put(999, 1 << 20);
}

class LocalTierTest : public DriveFixture {
 protected:
  Result<void> open_local(unsigned drives) {
    close();
    TP_TRY(tier_, runtime_.block_on(open_local_tier(options(drives))));
    return ok;
  }
};

TEST_F(LocalTierTest, OneDirectoryKeepsBlobsWithoutParity) {
  ASSERT_TRUE(open_local(1));
  std::vector<BlobRecord> records;
  for (uint64_t id = 1; id <= 8; ++id) records.push_back(must_put(id, 250'000 * id));
  for (int restarts = 0; restarts < 2; ++restarts) {
    for (const BlobRecord& record : records) {
      EXPECT_TRUE(record.piece_checksums.empty());
      expect_reads(record);
      EXPECT_TRUE(run(tier_->verify(record)));
    }
    ASSERT_TRUE(open_local(1));
  }
  ASSERT_TRUE(spoil(records[2], 0, 100));
  EXPECT_EQ(get(records[2]).error().code, Code::kCorruption);
  EXPECT_EQ(run(tier_->verify(records[2])).error().code, Code::kCorruption);
  expect_reads(records[3]);
}

TEST_F(LocalTierTest, SeveralDirectoriesShareTheWorkAndOneCanBeDrained) {
  ASSERT_TRUE(open_local(2));
  std::vector<BlobRecord> records;
  for (uint64_t id = 1; id <= 30; ++id) records.push_back(must_put(id, 2 << 20));
  EXPECT_GT(status_of(0).shards, 2u);
  EXPECT_GT(status_of(1).shards, 2u);
  ASSERT_TRUE(run(tier_->drain(name_of(0))));
  ASSERT_TRUE(run(tier_->wait_mended()));
  EXPECT_EQ(status_of(0).state, DriveState::kRemoved);
  EXPECT_EQ(status_of(0).shards, 0u);
  for (const BlobRecord& record : records) expect_reads(record);
  take_away(0);
  ASSERT_TRUE(open_local(2));
  for (const BlobRecord& record : records) expect_reads(record);
  EXPECT_EQ(run(tier_->drain(name_of(1))).error().code, Code::kNoSpace) << "the last one";
}

TEST_F(LocalTierTest, AFailedWriteIsTheCallersAndTheDriveIsTriedAgain) {
  ASSERT_TRUE(open_local(1));
  const BlobRecord before = must_put(1, 100'000);
  drive(0).set_plan({.fail_at = 1, .and_all_after = true, .only_writes = true});
  EXPECT_EQ(put({item_of(3, random_data(100'000, 3))}).error().code, Code::kIo);
  drive(0).set_plan({});
  expect_reads(before);
  expect_reads(must_put(5, 100'000));
  EXPECT_EQ(status_of(0).state, DriveState::kActive);
}

}  // namespace
}  // namespace tp::blob
