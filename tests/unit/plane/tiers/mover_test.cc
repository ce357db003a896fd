// Moving between tiers: where bytes lie, what readers see meanwhile, what a failure or a crash leaves.
#include "plane/tiers/mover.h"

#include <gtest/gtest.h>

#include "meta/keys.h"
#include "plane/care/janitor.h"
#include "plane/core/blob_records.h"
#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

constexpr size_t kMiB = 1 << 20;
constexpr uint8_t kWarm = 1, kArchive = 2;
constexpr rt::Nanos kDay = 24 * 3600 * rt::kSecond;

Bytes pattern(size_t size, char seed) {
  Bytes data(size, '\0');
  for (size_t i = 0; i < size; ++i) data[i] = static_cast<char>(seed + i / 97 + i % 13);
  return data;
}

struct TierDisks {
  MemoryTierDisk warm, archive;
  rt::ManualClock clock;
};

/// Before the fixture's own base, which is made with it.
class Movers : private TierDisks, public PlaneFixture {
 protected:
  Movers() : PlaneFixture(options(*this)) {}

  static MemoryPlane::Options options(TierDisks& disks) {
    MemoryPlane::Options made;
    made.segment_bytes = 16 * kMiB;
    made.tiers = {{kWarm, &disks.warm}, {kArchive, &disks.archive}};
    made.storage_classes = {{"STANDARD_IA", kWarm, false, 0}, {"GLACIER", kArchive, true, 0}};
    made.clock = &disks.clock;
    return made;
  }

  Result<plane::PutResult> put_class(const std::string& key, Bytes data, const std::string& storage_class) {
    plane::WriteOptions options;
    options.attributes.storage_class = storage_class;
    return put(key, std::move(data), std::move(options));
  }
  void move() {
    const auto moved = run(plane().janitor().move_files());
    EXPECT_TRUE(moved) << moved.error().to_string();
    EXPECT_TRUE(run(plane().core().dead_blobs.collect()));
  }
  /// How many of the store's blobs are on the tier.
  size_t blobs_on(uint8_t tier) {
    auto walk = memory_.engine().iterate(kv::Space::kBlobs, {});
    size_t count = 0;
    for (walk->seek(meta::blobs_begin()); walk->valid() && walk->key() < BytesView(meta::blobs_end()); walk->next()) {
      const auto blob = plane::decode_blob_record(BlobId(1), walk->value());
      EXPECT_TRUE(blob);
      if (blob && blob->tier == tier) ++count;
    }
    return count;
  }
  size_t queued() {
    auto walk = memory_.engine().iterate(kv::Space::kMeta, {});
    size_t count = 0;
    for (walk->seek(meta::moves_begin()); walk->valid() && walk->key() < BytesView(meta::moves_end()); walk->next()) {
      ++count;
    }
    return count;
  }
  void expect_clean() {
    const auto report = run(plane().check({}));
    ASSERT_TRUE(report);
    for (const auto& finding : report->findings) ADD_FAILURE() << finding.kind << " " << finding.where;
  }
  void advance(rt::Nanos by) { clock.advance(by); }

  MemoryTierDisk& warm_disk() { return warm; }
  MemoryTierDisk& archive_disk() { return archive; }
};

TEST_F(Movers, BringAnObjectToTheTierOfItsClassAndNoOther) {
  const Bytes one = pattern(3 * kMiB, 'a'), two = pattern(9 * kMiB, 'b');
  ASSERT_TRUE(put("hot", one));
  ASSERT_TRUE(put_class("warm", two, "STANDARD_IA"));
  EXPECT_EQ(get("warm"), two);
  EXPECT_EQ(queued(), 1U);
  move();
  EXPECT_EQ(blobs_on(kWarm), 2U);
  EXPECT_EQ(blobs_on(0), 1U);
  EXPECT_EQ(warm_disk().pieces(), 2U);
  EXPECT_EQ(queued(), 0U);
  EXPECT_EQ(get("hot"), one);
  EXPECT_EQ(get("warm"), two);
  EXPECT_EQ(get("warm", ByteRange{8 * kMiB - 100, 200}), two.substr(8 * kMiB - 100, 200));
  EXPECT_EQ(live_blob_bytes(), 3 * kMiB);
  expect_clean();
}

TEST_F(Movers, LeaveNothingOfWhatIsGone) {
  ASSERT_TRUE(put_class("gone", pattern(2 * kMiB, 'a'), "STANDARD_IA"));
  ASSERT_TRUE(put_class("over", pattern(2 * kMiB, 'b'), "STANDARD_IA"));
  move();
  EXPECT_EQ(warm_disk().pieces(), 2U);
  ASSERT_TRUE(remove("gone"));
  ASSERT_TRUE(put("over", pattern(kMiB, 'c')));
  ASSERT_TRUE(run(plane().core().dead_blobs.collect()));
  EXPECT_EQ(warm_disk().pieces(), 0U);
  // Queued, and gone before the mover came.
  ASSERT_TRUE(put_class("short", pattern(2 * kMiB, 'd'), "STANDARD_IA"));
  ASSERT_TRUE(remove("short"));
  move();
  EXPECT_EQ(queued(), 0U);
  EXPECT_EQ(warm_disk().pieces(), 0U);
  expect_clean();
}

TEST_F(Movers, TryAgainWhenTheTierIsAway) {
  const Bytes data = pattern(2 * kMiB, 'a');
  ASSERT_TRUE(put_class("k", data, "STANDARD_IA"));
  warm_disk().fail_puts = 1;
  EXPECT_TRUE(failed_with(run(plane().janitor().move_files()), Code::kUnavailable));
  EXPECT_EQ(get("k"), data);
  EXPECT_EQ(queued(), 1U);
  move();
  EXPECT_EQ(blobs_on(kWarm), 1U);
  warm_disk().fail_reads = 1;
  EXPECT_TRUE(failed_with(get("k"), Code::kUnavailable));
  EXPECT_EQ(get("k"), data);
}

TEST_F(Movers, AStartFreesWhatACrashLeftOnATier) {
  const Bytes data = pattern(2 * kMiB, 'a');
  ASSERT_TRUE(put_class("k", data, "STANDARD_IA"));
  // As if the copy had been made and the change had not.
  const auto copies = run(plane().core().blobs.tier(kWarm)->put(
      {blob::TierItem{{BlobId(77), 0, {}, {}, 0, 3, {}, {}, {}}, std::make_shared<const Bytes>("abc")}}));
  ASSERT_TRUE(copies);
  EXPECT_EQ(warm_disk().pieces(), 1U);
  memory_.crash(1);
  ASSERT_TRUE(memory_.open());
  ASSERT_TRUE(run(plane().janitor().mover().reclaim_tiers()));
  EXPECT_EQ(warm_disk().pieces(), 0U);
  // The queue is still there.
  move();
  EXPECT_EQ(blobs_on(kWarm), 1U);
  EXPECT_EQ(get("k"), data);
  memory_.crash(2);
  ASSERT_TRUE(memory_.open());
  ASSERT_TRUE(run(plane().janitor().mover().reclaim_tiers()));
  EXPECT_EQ(warm_disk().pieces(), 1U);
  EXPECT_EQ(get("k"), data);
  expect_clean();
}

TEST_F(Movers, PutWhatLivesInMostlyDeadSegmentsAgain) {
  const Bytes data = pattern(2 * kMiB, 'a');
  ASSERT_TRUE(put_class("k", data, "STANDARD_IA"));
  move();
  ASSERT_EQ(warm_disk().segments.size(), 1U);
  const uint64_t segment = warm_disk().segments.begin()->first;
  warm_disk().dead.insert(segment);
  ASSERT_TRUE(run(plane().janitor().mover().compact_tiers()));
  ASSERT_TRUE(run(plane().core().dead_blobs.collect()));
  EXPECT_FALSE(warm_disk().segments.contains(segment));
  EXPECT_EQ(warm_disk().pieces(), 1U);
  EXPECT_EQ(get("k"), data);
}

TEST_F(Movers, OfflineObjectsAreReadableAfterARestoreForSoManyDays) {
  const Bytes data = pattern(2 * kMiB, 'a');
  ASSERT_TRUE(put_class("k", data, "GLACIER"));
  move();
  EXPECT_EQ(blobs_on(kArchive), 1U);
  EXPECT_TRUE(failed_with(get("k"), Code::kPermissionDenied, plane::Reason::kOffline));
  EXPECT_NE(stat("k"), nullptr);
  ASSERT_TRUE(put("hot", data));
  EXPECT_TRUE(failed_with(run(plane().restore_object(operator_caller(), ref("hot"), 1)), Code::kPermissionDenied,
                          plane::Reason::kInvalidStorageClass));

  const auto asked = run(plane().restore_object(operator_caller(), ref("k"), 2));
  ASSERT_TRUE(asked);
  EXPECT_FALSE(*asked);
  EXPECT_TRUE(failed_with(run(plane().restore_object(operator_caller(), ref("k"), 2)), Code::kConflict,
                          plane::Reason::kRestoreInProgress));
  EXPECT_TRUE(failed_with(get("k"), Code::kPermissionDenied, plane::Reason::kOffline));
  move();
  EXPECT_EQ(get("k"), data);
  EXPECT_EQ(blobs_on(kArchive), 0U);
  ASSERT_NE(stat("k"), nullptr);
  EXPECT_EQ(stat("k")->record.restored_until % kDay, 0);

  advance(4 * kDay);
  EXPECT_TRUE(failed_with(get("k"), Code::kPermissionDenied, plane::Reason::kOffline));
  move();
  EXPECT_EQ(blobs_on(kArchive), 1U);
  EXPECT_EQ(queued(), 0U);
  expect_clean();
}

}  // namespace
}  // namespace tp::test
