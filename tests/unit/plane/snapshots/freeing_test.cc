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
class RandomFreeing : public SnapshotsFixture, public testing::WithParamInterface<bool> {
 protected:
  uint64_t pick(uint64_t below) { return rng_.next() % below; }
  std::string key() {
    return (pick(2) == 0 ? "" : "d" + std::to_string(pick(2)) + "/") + "k" + std::to_string(pick(5));
  }

  void step(const std::string& name) {
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
        write_in_place();
        break;
      case 5:
        ASSERT_TRUE(take(name));
        models_[name] = contents("vol");
        break;
      case 6:
        if (models_.empty()) break;
        drop_one(std::next(models_.begin(), static_cast<ptrdiff_t>(pick(models_.size())))->first);
        break;
      case 7:
      case 8:
        ASSERT_TRUE(run(plane::free_one_batch(plane().core())));
        break;
      case 9:
        remove_a_version();
        break;
      default: {
        const uint64_t size = pick(3) == 0 ? 100'000 + pick(50'000) : pick(500);
        ASSERT_TRUE(put(key(), make_data(rng_.next(), size)));
      }
    }
  }
  void write_in_place() {
    const auto file = find(key());
    if (!file || file->type != meta::InodeType::kFile) return;
    const Bytes bytes = make_data(rng_.next(), 1 + pick(50'000));
    ASSERT_TRUE(put(file->file, pick(100'000), bytes, plane::Stability::kFileSync));
  }
  void drop_one(std::string name) {
    ASSERT_TRUE(drop(name));
    models_.erase(name);
  }
  std::vector<plane::ListedVersion> versions() {
    auto page = run(plane().list_versions(operator_caller(), "vol", {}));
    EXPECT_TRUE(page);
    return page ? page->versions : std::vector<plane::ListedVersion>();
  }
  void remove_a_version() {
    const auto all = versions();
    if (all.empty()) return;
    const auto& victim = all[pick(all.size())];
    plane::ObjectRef object{"vol", victim.object.key, victim.version};
    ASSERT_TRUE(run(plane().remove(operator_caller(), object, {})));
  }
  void expect_models() {
    EXPECT_EQ(damage(), "");
    for (const auto& [snapshot, model] : models_) EXPECT_EQ(contents("vol@" + snapshot), model) << snapshot;
  }

  rt::Rng rng_{0};
  std::map<std::string, Model> models_;
};

TEST_P(RandomFreeing, never_takes_what_another_needs_nor_leaves_anything) {
  if (GetParam()) {
    plane::VolumeChange change;
    change.versioning = meta::Versioning::kEnabled;
    ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", change)));
  }
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    rng_ = rt::Rng(seed);
    for (int i = 0; i < 150; ++i) {
      ASSERT_NO_FATAL_FAILURE(step("s" + std::to_string(i)));
      if (i % 30 == 29) expect_models();
    }
    ASSERT_TRUE(free());
    expect_models();
    while (!models_.empty()) drop_one(models_.begin()->first);
    ASSERT_TRUE(free());
    EXPECT_EQ(records(kv::Space::kHistory), 0u);
    EXPECT_EQ(damage(), "");
    for (const auto& [left, bytes] : contents("vol")) ASSERT_TRUE(remove(left));
    for (const auto& each : versions()) {
      plane::ObjectRef object{"vol", each.object.key, each.version};
      ASSERT_TRUE(run(plane().remove(operator_caller(), object, {})));
    }
    EXPECT_EQ(live_blob_bytes(), 0u);
    EXPECT_EQ(damage(), "");
  }
}

INSTANTIATE_TEST_SUITE_P(All, RandomFreeing, testing::Bool(),
                         [](const auto& with) { return with.param ? "with_versions" : "without_versions"; });

}  // namespace
}  // namespace tp::test
