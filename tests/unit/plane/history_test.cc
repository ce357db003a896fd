// What changes cost and leave where snapshots keep what was: how many records, whose bytes, which handles are stale.
#include "plane/reason.h"
#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

using kv::Space;
using plane::Reason;

constexpr size_t kLargeBytes = 20 << 20;  // three blobs

class HistoryTest : public PlaneFixture {
 protected:
  void snapshot(const std::string& name) {
    ASSERT_TRUE(run(plane().snapshots().create(operator_caller(), {"vol"}, name)));
  }
  void forget(const std::string& name) {
    ASSERT_TRUE(run(plane().snapshots().remove(operator_caller(), "vol", name)));
    ASSERT_TRUE(run(plane().janitor().free_snapshots()));
  }
  Result<Bytes> get_of(const std::string& volume, const std::string& key) {
    return run(get_object(&plane(), {volume, key}));
  }
  void keep_versions() {
    plane::VolumeChange change;
    change.versioning = meta::Versioning::kEnabled;
    ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", std::move(change))));
  }
  static plane::FileCaller super_user() {
    plane::FileCaller caller;
    caller.uid = caller.gid = 0;
    caller.super_user = true;
    return caller;
  }
};

TEST_F(HistoryTest, RemovingWhatASnapshotSeesCostsTheSameForAnySize) {
  ASSERT_TRUE(put("large", make_data(1, kLargeBytes)));
  ASSERT_TRUE(put("small", "small"));
  snapshot("s");
  const size_t extents = records(Space::kExtents);
  ASSERT_GE(extents, 3u);
  ASSERT_TRUE(remove("small"));
  const size_t for_small = records(Space::kHistory);
  ASSERT_TRUE(remove("large"));
  // The directory's record is kept already.
  EXPECT_LE(records(Space::kHistory) - for_small, for_small);
  EXPECT_EQ(records(Space::kExtents), extents) << "they stay where they are";
  EXPECT_EQ(records(Space::kData), 1u);
  EXPECT_EQ(get_of("vol@s", "large")->size(), kLargeBytes);
  EXPECT_EQ(*get_of("vol@s", "small"), "small");
  forget("s");
  EXPECT_EQ(records(Space::kHistory), 0u);
  EXPECT_EQ(records(Space::kExtents), 0u);
  EXPECT_EQ(records(Space::kData), 0u);
  EXPECT_EQ(live_blob_bytes(), 0u);
}

TEST_F(HistoryTest, AHandleOfWhatOnlyASnapshotHoldsIsStale) {
  ASSERT_TRUE(put("file", "bytes"));
  snapshot("s");
  const plane::FileId file = run(plane().files().lookup(super_user(), *plane().files().root("vol"), "file"))->file;
  ASSERT_TRUE(remove("file"));
  EXPECT_TRUE(failed_with(run(plane().files().attributes(file)), Code::kNotFound, Reason::kStale));
  plane::SetAttributes set;
  set.size_bytes = 0;
  EXPECT_TRUE(failed_with(
      run(plane().files().set_attributes(super_user(), file, set, std::nullopt, plane::AccessCheck::kOpened)),
      Code::kNotFound, Reason::kStale));
  EXPECT_EQ(*get_of("vol@s", "file"), "bytes");
}

TEST_F(HistoryTest, AnEarlierVersionThatNoSnapshotSawAsCurrentGoesAtOnce) {
  keep_versions();
  const auto first = put("key", make_data(1, kLargeBytes));
  ASSERT_TRUE(first);
  ASSERT_TRUE(put("key", "second"));
  snapshot("s");
  plane::ObjectRef version{"vol", "key", first->version};
  ASSERT_TRUE(run(plane().remove(operator_caller(), version, {})));
  EXPECT_EQ(live_blob_bytes(), 0u) << "the snapshot shows the second one";
  EXPECT_EQ(*get_of("vol@s", "key"), "second");
}

TEST_F(HistoryTest, AnEarlierVersionIsKeptForTheSnapshotThatSawIt) {
  keep_versions();
  const auto first = put("key", make_data(1, kLargeBytes));
  ASSERT_TRUE(first);
  snapshot("old");
  ASSERT_TRUE(put("key", "second"));
  snapshot("new");
  plane::ObjectRef version{"vol", "key", first->version};
  ASSERT_TRUE(run(plane().remove(operator_caller(), version, {})));
  EXPECT_EQ(*get_of("vol@old", "key"), make_data(1, kLargeBytes));
  EXPECT_EQ(*get_of("vol@new", "key"), "second");
  forget("new");
  EXPECT_EQ(*get_of("vol@old", "key"), make_data(1, kLargeBytes));
  forget("old");
  EXPECT_EQ(live_blob_bytes(), 0u);
}

TEST_F(HistoryTest, ASnapshotAndAChangeOfOneGroupDoNotMissEachOther) {
  ASSERT_TRUE(put("key", "before"));
  // Both are on their way at once: whichever comes first, the snapshot shows one or the other, whole.
  for (int i = 0; i < 20; ++i) {
    const std::string name = "s" + std::to_string(i), before = *get("key"), after = "after " + name;
    Result<void> taken, changed;
    auto both = [](plane::PlaneImpl* plane, std::string snapshot, std::string data, Result<void>* taken_out,
                   Result<void>* changed_out) -> Task<void> {
      rt::TaskGroup tasks;
      auto take = [](plane::PlaneImpl* of, std::string as, Result<void>* out) -> Task<void> {
        auto made = co_await of->snapshots().create(operator_caller(), {"vol"}, as);
        *out = made ? Result<void>() : std::unexpected(made.error());
        co_return ok;
      };
      auto change = [](plane::PlaneImpl* of, std::string with, Result<void>* out) -> Task<void> {
        auto made = co_await put_object(of, {"vol", "key"}, std::move(with));
        *out = made ? Result<void>() : std::unexpected(made.error());
        co_return ok;
      };
      tasks.spawn(take(plane, std::move(snapshot), taken_out));
      tasks.spawn(change(plane, std::move(data), changed_out));
      co_await tasks.join();
      co_return ok;
    };
    ASSERT_TRUE(run(both(&plane(), name, after, &taken, &changed)));
    ASSERT_TRUE(taken && changed);
    const auto shown = get_of("vol@" + name, "key");
    ASSERT_TRUE(shown);
    EXPECT_TRUE(*shown == before || *shown == after) << *shown;
    EXPECT_EQ(*get("key"), after);
    // What it shows stays.
    ASSERT_TRUE(put("key", "later"));
    EXPECT_EQ(*get_of("vol@" + name, "key"), *shown);
  }
}

TEST_F(HistoryTest, FilesOfACloneAndItsBaseAreApart) {
  ASSERT_TRUE(put("d/file", "bytes"));
  snapshot("s");
  ASSERT_TRUE(run(plane().snapshots().clone(operator_caller(), "vol", "s", "clone")));
  auto find = [&](const std::string& volume) {
    const auto root = plane().files().root(volume);
    const auto directory = run(plane().files().lookup(super_user(), *root, "d"));
    return run(plane().files().lookup(super_user(), directory->file, "file"))->file;
  };
  const plane::FileId one = find("vol"), two = find("clone");
  EXPECT_EQ(one.inode, two.inode);
  auto write = [&](plane::FileId file, const char* text) {
    plane::Payload payload;
    payload.bytes = text;
    return run(plane().files().write(super_user(), file, 0, std::move(payload), plane::Stability::kUnstable,
                                     plane::AccessCheck::kOpened));
  };
  ASSERT_TRUE(write(one, "base!"));
  ASSERT_TRUE(write(two, "clone"));
  ASSERT_TRUE(run(plane().files().commit(one)));
  ASSERT_TRUE(run(plane().files().commit(two)));
  EXPECT_EQ(*get_of("vol", "d/file"), "base!");
  EXPECT_EQ(*get_of("clone", "d/file"), "clone");
  EXPECT_EQ(*get_of("vol@s", "d/file"), "bytes");
  {
    // An open file of one does not keep that of the other.
    const auto opened = run(plane().files().open_file(super_user(), one, plane::kMayRead));
    ASSERT_TRUE(opened);
    ASSERT_TRUE(run(plane().remove(operator_caller(), {"clone", "d/file"}, {})));
    EXPECT_TRUE(failed_with(run(plane().files().attributes(two)), Code::kNotFound, Reason::kStale));
    EXPECT_TRUE(run(plane().files().attributes(one)));
  }
  EXPECT_TRUE(failed_with(get_of("clone", "d/file"), Code::kNotFound, Reason::kNoSuchKey));
  EXPECT_EQ(*get_of("vol", "d/file"), "base!");
}

TEST_F(HistoryTest, BytesOfASnapshotAreCopiedIntoFilesAndObjects) {
  ASSERT_TRUE(put("small", "small bytes"));
  ASSERT_TRUE(put("large", make_data(1, kLargeBytes)));
  ASSERT_TRUE(put("target", make_data(2, 100'000)));
  snapshot("s");
  ASSERT_TRUE(remove("small"));
  ASSERT_TRUE(remove("large"));
  ASSERT_TRUE(run(plane().copy(operator_caller(), {"vol@s", "large"}, ref("again"), {})));
  EXPECT_EQ(*get("again"), make_data(1, kLargeBytes));
  const plane::FileId from = run(plane().files().lookup(super_user(), *plane().files().root("vol@s"), "small"))->file;
  const plane::FileId to = run(plane().files().lookup(super_user(), *plane().files().root("vol"), "target"))->file;
  const auto copied =
      run(plane().files().copy_range(super_user(), from, 0, to, 50'000, 11, plane::AccessCheck::kOpened));
  ASSERT_TRUE(copied) << copied.error().to_string();
  EXPECT_EQ(get("target")->substr(50'000, 11), "small bytes");
  EXPECT_TRUE(
      failed_with(run(put_object(&plane(), {"vol@s", "x"}, "x")), Code::kPermissionDenied, Reason::kReadOnlyVolume));
}

}  // namespace
}  // namespace tp::test
