// The care of blobs and records: the cache's bound and freshness, dead blobs, reclaim, compaction, scrub.
#include "plane/care/janitor.h"

#include <gtest/gtest.h>

#include "meta/keys.h"
#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

constexpr size_t kMiB = 1 << 20;

plane::CachedObjectPtr object_of(size_t size) {
  auto object = std::make_shared<plane::CachedObject>();
  object->small_record = Bytes(size, 'x');
  return object;
}

TEST(ObjectCacheTest, StaysWithinItsBytesAndKeepsWhatIsUsed) {
  plane::ObjectCache cache(8 * kMiB);
  plane::ObjectCache::Key hot{VolumeId(1), 0, "hot"};
  cache.insert(hot, cache.ticket(hot), object_of(1000));
  for (int i = 0; i < 20'000; ++i) {
    std::string name = "k" + std::to_string(i);
    plane::ObjectCache::Key key{VolumeId(1), 0, name};
    cache.insert(key, cache.ticket(key), object_of(1000));
    ASSERT_NE(cache.find(hot), nullptr) << i;
    ASSERT_LE(cache.bytes(), 8 * kMiB);
  }
  EXPECT_GT(cache.bytes(), 7 * kMiB);
}

TEST(ObjectCacheTest, RefusesWhatWasReadBeforeAChange) {
  plane::ObjectCache cache(8 * kMiB);
  plane::ObjectCache::Key key{VolumeId(1), 0, "k"};
  auto ticket = cache.ticket(key);
  cache.outdate(key);
  cache.insert(key, ticket, object_of(1));
  EXPECT_EQ(cache.find(key), nullptr);
  cache.insert(key, cache.ticket(key), object_of(1));
  EXPECT_NE(cache.find(key), nullptr);
  EXPECT_EQ(cache.find({VolumeId(1), 1, "k"}), nullptr);
  EXPECT_EQ(cache.find({VolumeId(2), 0, "k"}), nullptr);
  cache.outdate(key);
  EXPECT_EQ(cache.find(key), nullptr);
  EXPECT_EQ(cache.bytes(), 0u);
}

class Janitors : public PlaneFixture {
 protected:
  Janitors() : PlaneFixture({.segment_bytes = 16 * kMiB}) {}
};

Task<uint64_t> collect_under_guards(plane::Core* core, blob::BlobRecord blob) {
  auto early = std::make_unique<plane::ReadGuard>(core->dead_blobs);
  auto moved = std::make_unique<plane::ReadGuard>(std::move(*early));
  early.reset();
  core->dead_blobs.retire({blob});
  auto late = std::make_unique<plane::ReadGuard>(core->dead_blobs);
  TP_CO_TRY(uint64_t freed, co_await core->dead_blobs.collect());
  EXPECT_EQ(freed, 0u);
  EXPECT_EQ(core->dead_blobs.waiting(), 1u);
  moved.reset();
  TP_CO_TRY(freed, co_await core->dead_blobs.collect());
  EXPECT_EQ(freed, 1u);  // the late guard does not matter
  co_return freed;
}

TEST_F(Janitors, FreeBlobsOnlyAfterTheReadersThatCouldKnowThem) {
  auto make = [](plane::Core* core) -> Task<blob::BlobRecord> {
    TP_CO_TRY(auto writer, co_await core->blobs.create(10));
    TP_CO_TRY(auto buffer, co_await core->blobs.buffers().take());
    buffer.set_size(10);
    TP_CO_TRY_VOID(co_await writer->append(std::move(buffer)));
    co_return co_await writer->finish();
  };
  auto blob = run(make(&plane().core()));
  ASSERT_TRUE(blob);
  EXPECT_TRUE(run(collect_under_guards(&plane().core(), *blob)));
  EXPECT_EQ(memory_.blobs().stats().live_bytes, 0u);
}

TEST_F(Janitors, ReclaimWhatACrashLeftBehind) {
  Bytes data = make_data(1, 3 * kMiB);
  ASSERT_TRUE(put("kept", data));
  ASSERT_TRUE(put("gone", make_data(2, 5 * kMiB)));
  ASSERT_TRUE(remove("gone"));  // dead, but not freed yet
  reopen();
  ASSERT_TRUE(run(plane().janitor().reclaim_earlier_segments()));
  EXPECT_EQ(memory_.blobs().stats().live_bytes, 3 * kMiB);
  EXPECT_TRUE(*get("kept") == data);
}

TEST_F(Janitors, CountWhatDiedBeforeAReclaimAndIsFreedAfterIt) {
  const Bytes kept = make_data(1, 70'000);
  ASSERT_TRUE(put("removed", make_data(2, kept.size())));
  ASSERT_TRUE(put("kept", kept));
  reopen();
  ASSERT_TRUE(remove("removed"));
  ASSERT_GT(plane().core().dead_blobs.waiting(), 0u);
  ASSERT_TRUE(run(plane().janitor().reclaim_earlier_segments()));
  ASSERT_TRUE(run(plane().core().dead_blobs.collect()));
  auto got = get("kept");
  ASSERT_TRUE(got) << got.error().to_string();
  EXPECT_TRUE(*got == kept);
}

TEST_F(Janitors, CompactSegmentsThatAreMostlyDead) {
  std::map<std::string, Bytes> kept;
  for (int i = 0; i < 60; ++i) {
    std::string key = "k" + std::to_string(i);
    Bytes data = make_data(static_cast<uint64_t>(i) + 1, kMiB);
    ASSERT_TRUE(put(key, data));
    if (i % 5 == 0) kept[key] = data;
  }
  ASSERT_TRUE(run(plane().copy(operator_caller(), ref("k0"), ref("copy"), {})));
  kept["copy"] = kept["k0"];
  for (const auto& [key, data] : kept) ASSERT_TRUE(*get(key) == data);  // their records are cached with old places
  for (int i = 0; i < 60; ++i) {
    if (i % 5 != 0) ASSERT_TRUE(remove("k" + std::to_string(i)));
  }
  reopen();  // seals the segments
  ASSERT_TRUE(memory_.tidy_up());
  for (const auto& [key, data] : kept) ASSERT_TRUE(*get(key) == data);
  uint64_t before = memory_.blobs().stats().segments;
  int rounds = 0;
  while (true) {
    auto moved = run(plane().janitor().compact_one_segment());
    ASSERT_TRUE(moved) << moved.error().to_string();
    if (!*moved) break;
    ASSERT_LT(++rounds, 100);
    ASSERT_TRUE(memory_.tidy_up());
    for (const auto& [key, data] : kept) ASSERT_TRUE(*get(key) == data) << key;
  }
  EXPECT_GT(rounds, 0);
  EXPECT_GT(plane().stats().blobs_compacted, 0u);
  EXPECT_LT(memory_.blobs().stats().segments, before);
  EXPECT_EQ(memory_.blobs().stats().live_bytes, 12 * kMiB);
  reopen();
  for (const auto& [key, data] : kept) EXPECT_TRUE(*get(key) == data);
}

TEST_F(Janitors, ScrubEveryBlobAndCountWhatIsWrong) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(put("k" + std::to_string(i), make_data(9, 100'000)));
  auto scrub_all = [this] {
    while (true) {
      auto scrubbed = run(plane().janitor().scrub_one());
      if (!scrubbed || *scrubbed == 0) return;
    }
  };
  scrub_all();
  EXPECT_EQ(plane().stats().scrubbed_blobs, 5u);
  EXPECT_EQ(plane().stats().scrub_errors, 0u);
  auto names = run(memory_.files().list("blobs"));
  ASSERT_TRUE(names);
  for (const std::string& name : *names) memory_.files().flip_bit("blobs/" + name, 4096 + 50'000, 1);
  scrub_all();
  EXPECT_EQ(plane().stats().scrubbed_blobs, 10u);
  EXPECT_EQ(plane().stats().scrub_errors, 1u);
}

TEST_F(Janitors, ForgetCompletedUploadsWhenTheirTimeIsUp) {
  auto complete = [this](rt::Nanos when, uint64_t upload) {
    auto write = [=](meta::Txn& txn) -> Result<void> {
      meta::CompletedUpload completed;
      completed.key = "k";
      completed.completed = txn.wall_now() - when;
      txn.put(kv::Space::kUploads, meta::completed_upload_key(UploadId(upload)), meta::encode_completed(completed));
      return ok;
    };
    ASSERT_TRUE(run(plane().core().change(write)));
  };
  for (uint64_t i = 1; i <= 1500; ++i) complete((i % 3 == 0 ? 25 : 1) * 3600 * rt::kSecond, i);
  ASSERT_TRUE(run(plane().janitor().forget_completed_uploads()));
  EXPECT_EQ(records(kv::Space::kUploads), 1000u);
}

TEST(JanitorTask, StopsAtOnceAndLeavesNothingRunning) {
  MemoryPlane memory;
  ASSERT_TRUE(memory.open());
  auto start = [](plane::PlaneImpl* plane) -> Task<void> {
    plane->janitor().start();
    co_return ok;
  };
  ASSERT_TRUE(memory.run(start(&memory.plane())));
  ASSERT_TRUE(memory.run(memory.plane().create_volume(operator_caller(), "vol", {})));
  ASSERT_TRUE(memory.run(put_object(&memory.plane(), {"vol", "k"}, make_data(1, 100'000))));
  ASSERT_TRUE(memory.run(memory.plane().janitor().stop()));
}

}  // namespace
}  // namespace tp::test
