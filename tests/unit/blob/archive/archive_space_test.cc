// Space: what is dead goes, what is alive stays, and nothing is left behind whatever fails and whenever it ends.
#include <map>
#include <set>

#include "archive_fixture.h"
#include "rt/env/rng.h"

namespace tp::blob {
namespace {

class ArchiveSpaceTest : public ArchiveFixture {
 protected:
  /// The names of the packs that records point at.
  std::set<std::string> packs_of(const std::vector<BlobRecord>& alive) {
    std::set<std::string> names;
    for (const BlobRecord& blob : alive) names.insert(name_of(blob.segment));
    return names;
  }
  std::set<std::string> names() {
    const std::lock_guard lock(bucket_->mutex);
    std::set<std::string> found;
    for (const auto& [name, object] : bucket_->objects) found.insert(name);
    return found;
  }
};

TEST_F(ArchiveSpaceTest, APackGoesWithItsLastBlobToldOnceOrTwice) {
  must_open();
  auto records = put({item_of(1, noise(100'000, 1)), item_of(2, noise(100'000, 2)), item_of(3, noise(100'000, 3))});
  ASSERT_TRUE(records);
  EXPECT_TRUE(free((*records)[0]));
  EXPECT_TRUE(free((*records)[0])) << "told twice, as after a crash";
  EXPECT_TRUE(free((*records)[0]));
  EXPECT_EQ(objects(), 1u);
  EXPECT_TRUE(read((*records)[1]));
  EXPECT_TRUE(free((*records)[1]));
  EXPECT_EQ(objects(), 1u);
  EXPECT_TRUE(free((*records)[2]));
  EXPECT_EQ(objects(), 0u);
  EXPECT_TRUE(free((*records)[2]));
  EXPECT_EQ(tier_->stats().segments, 0u);
  EXPECT_EQ(tier_->stats().live_bytes, 0u);
}

TEST_F(ArchiveSpaceTest, APackThatIsMostlyDeadWantsMoving) {
  must_open();
  std::vector<TierItem> items;
  for (uint64_t i = 0; i < 10; ++i) items.push_back(item_of(i + 1, noise(100'000, i)));
  auto records = put(items);
  ASSERT_TRUE(records);
  const SegmentId pack = (*records)[0].segment;
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_FALSE(tier_->wants_moving(pack));
    EXPECT_TRUE(free((*records)[i]));
  }
  EXPECT_TRUE(tier_->wants_moving(pack)) << "half of it, and its header";
  EXPECT_FALSE(tier_->wants_moving(SegmentId(12345)));
  // As the mover does it: read, put again, commit, free.
  std::vector<TierItem> again;
  for (size_t i = 5; i < 10; ++i) again.push_back(item_of(i + 1, read((*records)[i]).value()));
  auto moved = put(again);
  ASSERT_TRUE(moved);
  for (size_t i = 5; i < 10; ++i) EXPECT_TRUE(free((*records)[i]));
  EXPECT_EQ(names(), packs_of(*moved));
  for (size_t i = 0; i < 5; ++i) EXPECT_TRUE(read((*moved)[i]).value() == *items[i + 5].data);
}

TEST_F(ArchiveSpaceTest, TheNextStartFreesWhatNoRecordNames) {
  must_open();
  auto kept = put({item_of(1, noise(100'000, 1)), item_of(2, noise(100'000, 2))});
  auto orphans = put({item_of(3, noise(100'000, 3))});
  ASSERT_TRUE(kept && orphans);
  must_open();
  const std::vector<BlobRecord> alive = {(*kept)[1]};
  const auto segments = must_list();
  ASSERT_EQ(segments.size(), 2u);
  for (const SegmentInfo& segment : segments) EXPECT_TRUE(segment.from_earlier_start && segment.sealed);
  EXPECT_FALSE(tier_->wants_moving((*kept)[0].segment)) << "not before it is known what is alive";
  reclaim_all(alive);
  EXPECT_EQ(names(), packs_of(alive));
  EXPECT_TRUE(read((*kept)[1]));
  EXPECT_EQ(tier_->stats().live_bytes, (*kept)[1].stored_bytes());
  EXPECT_TRUE(free((*kept)[1]));
  EXPECT_EQ(objects(), 0u);
}

TEST_F(ArchiveSpaceTest, WhatDiesBetweenTheListingAndTheReclaimIsDead) {
  must_open();
  auto records = put({item_of(1, noise(100'000, 1)), item_of(2, noise(100'000, 2))});
  ASSERT_TRUE(records);
  must_open();
  EXPECT_TRUE(free((*records)[0])) << "before anything was listed";
  EXPECT_EQ(objects(), 1u) << "nobody knows yet whether that was all";
  EXPECT_EQ(must_list().size(), 1u);
  EXPECT_TRUE(reclaim((*records)[0].segment, *records));
  EXPECT_EQ(tier_->stats().live_bytes, (*records)[1].stored_bytes());
  EXPECT_TRUE(free((*records)[1]));
  EXPECT_EQ(objects(), 0u);
}

TEST_F(ArchiveSpaceTest, ReclaimRefusesWhatCannotBe) {
  must_open();
  const BlobRecord mine = must_put(1, noise(1000, 1));
  EXPECT_EQ(reclaim(mine.segment, {}).error().code, Code::kInvalidArgument) << "of this start";
  must_open();
  EXPECT_EQ(must_list().size(), 1u);
  const auto with = [this, &mine](std::vector<std::pair<uint64_t, uint64_t>> live) {
    auto done = runtime_.block_on(tier_->reclaim(mine.segment, std::move(live)));
    return done ? Code::kInternal : done.error().code;
  };
  EXPECT_EQ(with({{0, 100}}), Code::kCorruption);
  EXPECT_EQ(with({{100, 100}, {150, 10}}), Code::kCorruption);
  EXPECT_EQ(with({{64, 1ull << 40}}), Code::kCorruption);
  EXPECT_EQ(with({{UINT64_MAX - 5, 10}}), Code::kCorruption);
  EXPECT_EQ(runtime_.block_on(tier_->reclaim(SegmentId(4711), {{64, 10}})).error().code, Code::kNotFound);
  EXPECT_TRUE(runtime_.block_on(tier_->reclaim(SegmentId(4711), {})));
  EXPECT_TRUE(read(mine)) << "none of that removed anything";
}

TEST_F(ArchiveSpaceTest, WhatIsNotOursIsLeftAlone) {
  must_open();
  const BlobRecord mine = must_put(1, noise(1000, 1));
  const std::string prefix = pack_name_prefix("pre/fix", 0xab, 3);
  const std::vector<std::string> foreign = {prefix + "readme",
                                            prefix + "00000000010000AB",
                                            "pre/fix/other",
                                            pack_name(pack_name_prefix("pre/fix", 0xac, 3), SegmentId(1 << 24 | 1)),
                                            pack_name(pack_name_prefix("pre/fix", 0xab, 4), SegmentId(1 << 24 | 1)),
                                            pack_name(prefix, SegmentId(77ull << 24 | 1))};
  for (const auto& name : foreign) bucket_->objects[name] = std::make_shared<const Bytes>("x");
  must_open();
  reports_.clear();
  reclaim_all({});
  std::set<std::string> left(foreign.begin(), foreign.end());
  EXPECT_EQ(names(), left) << "and our own, which nothing named, is gone";
  EXPECT_EQ(reports_.size(), 3u) << "two that are no packs, one of a later start";
}

TEST_F(ArchiveSpaceTest, APutThatFailsInTheMiddleTakesBackWhatWentUp) {
  must_open();
  std::vector<TierItem> items;
  for (uint64_t i = 0; i < 20; ++i) items.push_back(item_of(i + 1, noise(1 << 20, i)));
  int puts = 0;
  bucket_->fault = [&puts](const auto& request) -> Result<void> {
    if (request.operation == "put" && ++puts == 3) return fail(Code::kNoSpace, "full");
    return ok;
  };
  EXPECT_EQ(put(items).error().code, Code::kNoSpace);
  EXPECT_EQ(objects(), 0u);
  EXPECT_TRUE(put(items));
}

TEST_F(ArchiveSpaceTest, AnUploadThatArrivesAfterItWasGivenUpOnGoesToo) {
  must_open();
  bucket_->failed_puts_arrive = true;
  fail_all("put", Code::kTimeout);
  EXPECT_FALSE(put({item_of(1, noise(1000, 1))}));
  EXPECT_EQ(objects(), 0u) << "it was there, and was removed";
  // Later still: after the removal.
  const std::string late = name_of(SegmentId(starts_ << kPackCounterBits | 1));
  bucket_->fault = nullptr;
  must_list();
  bucket_->objects[late] = std::make_shared<const Bytes>("late");
  EXPECT_TRUE(must_list().empty());
  EXPECT_EQ(objects(), 1u) << "the bucket is not listed every time";
  clock_.advance(2 * 3600 * rt::kSecond);
  EXPECT_TRUE(must_list().empty());
  EXPECT_EQ(objects(), 0u);
}

TEST_F(ArchiveSpaceTest, APackOnItsWayUpIsNoOrphan) {
  must_open();
  const BlobRecord first = must_put(1, noise(1000, 1));
  bucket_->fault = [this](const auto& request) -> Result<void> {
    if (request.operation != "put") return ok;
    // As if the listing of another loop saw the object before its put had returned.
    bucket_->objects[request.name] = std::make_shared<const Bytes>("x");
    return ok;
  };
  clock_.advance(2 * 3600 * rt::kSecond);
  const BlobRecord second = must_put(2, noise(1000, 2));
  bucket_->fault = nullptr;
  EXPECT_EQ(must_list().size(), 2u);
  EXPECT_TRUE(read(first));
  EXPECT_TRUE(read(second));
}

TEST_F(ArchiveSpaceTest, ARemovalThatFailsIsTriedAgain) {
  must_open();
  const BlobRecord record = must_put(1, noise(1000, 1));
  fail_all("remove", Code::kUnavailable);
  EXPECT_TRUE(free(record));
  EXPECT_EQ(objects(), 1u);
  EXPECT_EQ(reports_.size(), 1u);
  EXPECT_TRUE(must_list().empty()) << "nothing that anybody should look at";
  bucket_->fault = nullptr;
  must_list();
  EXPECT_EQ(objects(), 0u);
}

TEST_F(ArchiveSpaceTest, APackThatVanishedIsReported) {
  must_open();
  const BlobRecord record = must_put(1, noise(1000, 1));
  must_open();
  reclaim_all({record});
  bucket_->hidden = [](const std::string&) { return true; };
  clock_.advance(2 * 3600 * rt::kSecond);
  reports_.clear();
  EXPECT_TRUE(must_list().empty());
  ASSERT_EQ(reports_.size(), 1u);
  EXPECT_NE(reports_[0].find("is gone, with blobs that are live"), std::string::npos);
  EXPECT_EQ(objects(), 1u) << "a listing that lies removes nothing";
  EXPECT_TRUE(read(record));
}

// Every request fails in turn; after each, a start that fails no more finds what was acknowledged and leaves no orphan.
TEST_F(ArchiveSpaceTest, WhicheverRequestFailsNothingIsLostAndNothingIsLeft) {
  for (const bool arrives : {false, true}) {
    for (size_t failing = 1;; ++failing) {
      bucket_ = std::make_shared<memory::MemoryBucket>();
      must_open();
      bucket_->failed_puts_arrive = arrives;
      size_t number = 0;
      bool failed = false;
      bucket_->fault = [&](const auto&) -> Result<void> {
        if (++number != failing) return ok;
        failed = true;
        return fail(Code::kTimeout, "request " + std::to_string(failing));
      };
      std::map<uint64_t, BlobRecord> alive;
      for (uint64_t round = 0; round < 3; ++round) {
        std::vector<TierItem> items;
        for (uint64_t i = 0; i < 6; ++i) items.push_back(item_of(round * 10 + i + 1, noise(1 << 20, round * 10 + i)));
        auto records = put(items);
        if (records) {
          for (const BlobRecord& record : *records) alive[record.id.value] = record;
        }
        if (alive.contains(round * 10 + 2)) {
          EXPECT_TRUE(free(alive[round * 10 + 2]));
          alive.erase(round * 10 + 2);
        }
        if (round > 0 && alive.contains(1)) {
          for (uint64_t id = 1; id <= 6; ++id) {
            if (alive.contains(id)) EXPECT_TRUE(free(alive[id]));
            alive.erase(id);
          }
        }
      }
      bucket_->fault = nullptr;
      must_open();
      std::vector<BlobRecord> records;
      for (const auto& [id, record] : alive) records.push_back(record);
      reclaim_all(records);
      EXPECT_EQ(names(), packs_of(records)) << "request " << failing;
      for (const BlobRecord& record : records) {
        EXPECT_TRUE(read(record).value() == noise(1 << 20, record.id.value - 1)) << failing;
      }
      if (!failed) break;
    }
  }
}

// Random histories against a plain model: what is alive is readable, and the bucket holds nothing else.
TEST_F(ArchiveSpaceTest, RandomHistoriesLeaveExactlyWhatIsAlive) {
  const uint64_t seed = 20261123;
  rt::Rng rng(seed);
  must_open();
  std::map<uint64_t, BlobRecord> alive;
  uint64_t next_id = 0;
  for (int step = 0; step < 400; ++step) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << " step " << step);
    const uint64_t what = rng.below(10);
    // Some requests fail; a removal that does is made up for later.
    const uint64_t odds = rng.below(4) == 0 ? 5 : 0;
    bucket_->failed_puts_arrive = rng.below(2) == 0;
    bucket_->fault = [&rng, odds](const auto& request) -> Result<void> {
      if (odds != 0 && request.operation != "get" && rng.below(odds) == 0) return fail(Code::kTimeout, "at random");
      return ok;
    };
    if (what < 4) {
      std::vector<TierItem> items;
      for (uint64_t i = 0; i <= rng.below(6); ++i) {
        ++next_id;
        items.push_back(item_of(next_id, noise(1 + rng.below(400'000), next_id)));
      }
      auto records = put(items, static_cast<unsigned>(rng.below(2)));
      if (records) {
        for (const BlobRecord& record : *records) alive[record.id.value] = record;
      }
    } else if (what < 8 && !alive.empty()) {
      auto at = std::next(alive.begin(), static_cast<long>(rng.below(alive.size())));
      EXPECT_TRUE(free(at->second));
      alive.erase(at);
    } else if (what == 8 && !alive.empty()) {
      bucket_->fault = nullptr;
      auto at = std::next(alive.begin(), static_cast<long>(rng.below(alive.size())));
      EXPECT_TRUE(verify(at->second));
      EXPECT_TRUE(read(at->second).value() == noise(at->second.length_bytes, at->first));
    } else if (what == 9 && rng.below(3) == 0) {
      bucket_->fault = nullptr;
      must_open();
      std::vector<BlobRecord> records;
      for (const auto& [id, record] : alive) records.push_back(record);
      reclaim_all(records);
      EXPECT_EQ(names(), packs_of(records));
      EXPECT_EQ(tier_->stats().segments, packs_of(records).size());
    }
  }
  bucket_->fault = nullptr;
  must_open();
  std::vector<BlobRecord> records;
  for (const auto& [id, record] : alive) records.push_back(record);
  reclaim_all(records);
  EXPECT_EQ(names(), packs_of(records));
  for (const auto& [id, record] : alive) EXPECT_TRUE(read(record).value() == noise(record.length_bytes, id));
  for (const auto& [id, record] : alive) EXPECT_TRUE(free(record));
  EXPECT_EQ(objects(), 0u);
}

}  // namespace
}  // namespace tp::blob
