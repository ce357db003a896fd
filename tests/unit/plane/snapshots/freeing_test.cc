// What deleted snapshots held is freed, exactly, whatever others need.
#include "plane/snapshots/freeing/free_snapshot.h"
#include "unit/plane/snapshots/snapshots_fixture.h"

namespace tp::test {
namespace {

class Freeing : public SnapshotsFixture {};

TEST_F(Freeing, gives_back_what_only_the_snapshot_held) {
  ASSERT_TRUE(put("gone", make_data(1, 200'000)));
  ASSERT_TRUE(put("changed", make_data(2, 200'000)));
  ASSERT_TRUE(put("kept", make_data(3, 200'000)));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(remove("gone"));
  ASSERT_TRUE(put("changed", make_data(4, 200'000)));
  const uint64_t all = live_blob_bytes();
  ASSERT_TRUE(drop("s"));
  ASSERT_TRUE(free());
  EXPECT_LE(live_blob_bytes() + 400'000, all + 8192);
  EXPECT_EQ(records(kv::Space::kHistory), 0u);
  EXPECT_EQ(damage(), "");
}

TEST_F(Freeing, leaves_to_older_snapshots_what_they_saw) {
  ASSERT_TRUE(put("a", make_data(1, 200'000)));
  ASSERT_TRUE(put("b", make_data(2, 200'000)));
  ASSERT_TRUE(take("old"));
  ASSERT_TRUE(put("between", make_data(3, 200'000)));
  ASSERT_TRUE(take("new"));
  const Model old = contents("vol@old");
  ASSERT_TRUE(remove("a"));
  ASSERT_TRUE(put("b", "b"));
  ASSERT_TRUE(remove("between"));
  const uint64_t all = live_blob_bytes();
  ASSERT_TRUE(drop("new"));
  ASSERT_TRUE(put("b", "written while it is freed"));
  ASSERT_TRUE(free());
  EXPECT_EQ(contents("vol@old"), old);
  EXPECT_LE(live_blob_bytes() + 200'000, all + 8192) << "only `new` saw `between`";
  EXPECT_GE(live_blob_bytes(), 400'000u);
  EXPECT_EQ(damage(), "");
  ASSERT_TRUE(drop("old"));
  ASSERT_TRUE(free());
  EXPECT_EQ(live_blob_bytes(), 0u);
  EXPECT_EQ(records(kv::Space::kHistory), 0u);
}

TEST_F(Freeing, goes_on_after_a_restart) {
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(put("dir/" + std::to_string(i), "x"));
  ASSERT_TRUE(take("s"));
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(remove("dir/" + std::to_string(i)));
  ASSERT_TRUE(drop("s"));
  size_t batches = 0;
  for (bool more = true; more; ++batches) {
    reopen();
    auto worked = run(plane::free_one_batch(plane().core()));
    ASSERT_TRUE(worked) << worked.error().to_string();
    more = *worked;
    EXPECT_EQ(damage(), "");
  }
  EXPECT_GT(batches, 5u);
  EXPECT_EQ(records(kv::Space::kHistory), 0u);
}

/// Random changes through S3 and in place, snapshots that come and go in any order, freed a batch at a time between
/// other changes: each shows what it saw, and at the end nothing is left.
TEST_F(Freeing, never_takes_what_another_needs_nor_leaves_anything) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    rt::Rng rng(seed);
    const auto pick = [&](uint64_t below) { return rng.next() % below; };
    const auto key = [&] {
      return (pick(2) == 0 ? "" : std::string("d") + static_cast<char>('0' + pick(2)) + "/") + "k" +
             std::to_string(pick(5));
    };
    std::map<std::string, Model> models;
    for (int step = 0; step < 150; ++step) {
      const std::string name = "s" + std::to_string(step);
      switch (pick(12)) {
        case 0:
        case 1:
          (void)remove(key());
          break;
        case 2:
          (void)rename(key(), key());
          break;
        case 3:
          (void)rename("d0/", "d1/");
          break;
        case 4:
          if (auto file = find(key()); file && file->type == meta::InodeType::kFile) {
            ASSERT_TRUE(
                put(file->file, pick(100'000), make_data(rng.next(), 1 + pick(50'000)), plane::Stability::kFileSync));
          }
          break;
        case 5:
          ASSERT_TRUE(take(name));
          models[name] = contents("vol");
          break;
        case 6:
          if (models.empty()) break;
          {
            const auto victim = std::next(models.begin(), static_cast<ptrdiff_t>(pick(models.size())));
            ASSERT_TRUE(drop(victim->first));
            models.erase(victim);
          }
          break;
        case 7:
        case 8:
          ASSERT_TRUE(run(plane::free_one_batch(plane().core())));
          break;
        default:
          ASSERT_TRUE(put(key(), make_data(rng.next(), pick(3) == 0 ? 100'000 + pick(50'000) : pick(500))));
      }
      if (step % 30 == 29) {
        EXPECT_EQ(damage(), "") << "step " << step;
        for (const auto& [snapshot, model] : models) EXPECT_EQ(contents("vol@" + snapshot), model) << snapshot;
      }
    }
    ASSERT_TRUE(free());
    for (const auto& [snapshot, model] : models) EXPECT_EQ(contents("vol@" + snapshot), model) << snapshot;
    EXPECT_EQ(damage(), "");
    for (const auto& [snapshot, model] : models) ASSERT_TRUE(drop(snapshot));
    ASSERT_TRUE(free());
    EXPECT_EQ(records(kv::Space::kHistory), 0u);
    EXPECT_EQ(damage(), "");
    for (const auto& [left, bytes] : contents("vol")) ASSERT_TRUE(remove(left));
    EXPECT_EQ(live_blob_bytes(), 0u);
  }
}

}  // namespace
}  // namespace tp::test
