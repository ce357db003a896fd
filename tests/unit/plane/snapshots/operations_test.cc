// Taking, listing, deleting, cloning: what each does and refuses.
#include "plane/snapshots/freeing/free_clone.h"
#include "unit/plane/snapshots/snapshots_fixture.h"

namespace tp::test {
namespace {

using plane::Reason;

class Snapshots : public SnapshotsFixture {};

TEST_F(Snapshots, show_the_volume_as_it_was) {
  const Bytes large = make_data(1, 300'000);
  ASSERT_TRUE(put("a", "one"));
  ASSERT_TRUE(put("dir/large", large));
  ASSERT_TRUE(put("dir/gone", "gone"));
  ASSERT_TRUE(take("then"));
  const Model then = contents("vol");
  ASSERT_TRUE(put("a", "two"));
  ASSERT_TRUE(put("dir/large", "small"));
  ASSERT_TRUE(remove("dir/gone"));
  ASSERT_TRUE(put("new/file", "new"));
  EXPECT_EQ(contents("vol@then"), then);
  EXPECT_EQ(contents("vol"), (Model{{"a", "two"}, {"dir/large", "small"}, {"new/file", "new"}}));
  EXPECT_EQ(damage(), "");
  reopen();
  EXPECT_EQ(contents("vol@then"), then);
  EXPECT_EQ(listed(), std::vector<std::string>{"then"});
}

TEST_F(Snapshots, have_the_bytes_that_files_had_not_committed) {
  const FileId file = make("f");
  ASSERT_TRUE(put(file, 0, "written", plane::Stability::kUnstable));
  ASSERT_TRUE(take("then"));
  ASSERT_TRUE(put(file, 0, "WRITTEN and more", plane::Stability::kFileSync));
  EXPECT_EQ(contents("vol@then"), (Model{{"f", "written"}}));
  EXPECT_EQ(contents("vol"), (Model{{"f", "WRITTEN and more"}}));
  EXPECT_EQ(damage(), "");
}

TEST_F(Snapshots, say_what_the_volume_counted) {
  ASSERT_TRUE(put("a", Bytes(1000, 'x')));
  auto made = take("then");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->front().record.counters.objects, 1u);
  EXPECT_EQ(made->front().record.counters.bytes, 1000u);
  EXPECT_NE(made->front().record.created, 0);
  EXPECT_EQ(made->front().record.set, 0u);
}

TEST_F(Snapshots, of_several_volumes_are_of_one_instant_or_not_at_all) {
  ASSERT_TRUE(run(plane().create_volume(operator_caller(), "other", {})));
  auto made = run(snapshots().create(operator_caller(), {"vol", "other", "vol"}, "both"));
  ASSERT_TRUE(made);
  ASSERT_EQ(made->size(), 2u);
  EXPECT_EQ(made->front().record.set, made->back().record.set);
  EXPECT_NE(made->front().record.set, 0u);
  ASSERT_TRUE(drop("both", "other"));
  EXPECT_TRUE(failed_with(run(snapshots().create(operator_caller(), {"other", "vol"}, "both")), Code::kAlreadyExists,
                          Reason::kSnapshotExists));
  EXPECT_EQ(listed("other"), std::vector<std::string>());
  EXPECT_EQ(damage(), "");
}

TEST_F(Snapshots, refuse_wrong_names_volumes_and_callers) {
  for (const std::string name : {"", ".hidden", "a/b", "a@b", "with space", "\xff"}) {
    EXPECT_TRUE(failed_with(take(name), Code::kInvalidArgument)) << name;
  }
  EXPECT_TRUE(failed_with(take(std::string(129, 'x')), Code::kInvalidArgument));
  EXPECT_TRUE(take(std::string(128, 'x')));
  EXPECT_TRUE(failed_with(take("s", "nothing"), Code::kNotFound, Reason::kNoSuchVolume));
  EXPECT_TRUE(failed_with(run(snapshots().create(operator_caller(), {}, "s")), Code::kInvalidArgument));
  EXPECT_TRUE(failed_with(run(snapshots().create(user_caller("eve"), {"vol"}, "s")), Code::kPermissionDenied,
                          Reason::kAccessDenied));
  EXPECT_TRUE(failed_with(run(snapshots().list({}, "vol")), Code::kPermissionDenied, Reason::kAccessDenied));
  ASSERT_TRUE(take("then"));
  EXPECT_TRUE(failed_with(take("s", "vol@then"), Code::kInvalidArgument));
  EXPECT_TRUE(failed_with(drop("never"), Code::kNotFound, Reason::kNoSuchSnapshot));
  EXPECT_TRUE(failed_with(clone("never", "copy"), Code::kNotFound, Reason::kNoSuchSnapshot));
  EXPECT_TRUE(failed_with(restore("never", ""), Code::kNotFound, Reason::kNoSuchSnapshot));
  EXPECT_TRUE(failed_with(run(snapshots().diff(operator_caller(), "vol", "never", "", "", 10)), Code::kNotFound,
                          Reason::kNoSuchSnapshot));
}

TEST_F(Snapshots, belong_to_the_volumes_owner) {
  plane::Caller owner = user_caller("dora");
  meta::UserRecord user;
  user.name = user.id = "dora";
  ASSERT_TRUE(run(plane().users().add(user)));
  ASSERT_TRUE(run(plane().create_volume(owner, "doras", {})));
  EXPECT_TRUE(run(snapshots().create(owner, {"doras"}, "s")));
  EXPECT_FALSE(run(snapshots().create(owner, {"doras", "vol"}, "t")));
  EXPECT_EQ(listed("doras"), std::vector<std::string>{"s"});
}

TEST_F(Snapshots, are_gone_at_once_when_they_are_deleted) {
  ASSERT_TRUE(put("a", "one"));
  ASSERT_TRUE(take("then"));
  ASSERT_TRUE(put("a", "two"));
  ASSERT_TRUE(drop("then"));
  EXPECT_EQ(listed(), std::vector<std::string>());
  EXPECT_TRUE(failed_with(run(get_object(&plane(), plane::ObjectRef{"vol@then", "a"})), Code::kNotFound,
                          Reason::kNoSuchSnapshot));
  EXPECT_TRUE(failed_with(drop("then"), Code::kNotFound, Reason::kNoSuchSnapshot));
  EXPECT_TRUE(take("then")) << "the name is free again, though the history is not freed yet";
  EXPECT_EQ(contents("vol@then"), (Model{{"a", "two"}}));
  EXPECT_EQ(damage(), "");
  EXPECT_EQ(plane().stats().snapshots_being_freed, 1u);
  ASSERT_TRUE(free());
  EXPECT_EQ(plane().stats().snapshots_being_freed, 0u);
  EXPECT_EQ(plane().stats().snapshots, 1u);
  EXPECT_EQ(contents("vol@then"), (Model{{"a", "two"}}));
  EXPECT_EQ(damage(), "");
}

TEST_F(Snapshots, keep_their_volume_until_they_are_deleted) {
  ASSERT_TRUE(put("a", "one"));
  ASSERT_TRUE(take("then"));
  ASSERT_TRUE(remove("a"));
  EXPECT_TRUE(
      failed_with(run(plane().delete_volume(operator_caller(), "vol")), Code::kNotEmpty, Reason::kVolumeNotEmpty));
  ASSERT_TRUE(drop("then"));
  EXPECT_TRUE(run(plane().delete_volume(operator_caller(), "vol"))) << "what is not freed yet is freed first";
  EXPECT_EQ(records(kv::Space::kHistory), 0u);
  EXPECT_EQ(damage(), "");
}

TEST_F(Snapshots, that_could_not_be_written_are_none) {
  ASSERT_TRUE(put("a", "one"));
  memory_.engine().fail_at(memory::MemoryEngine::Call::kWrite, 1, Error(Code::kNoSpace, "full"));
  EXPECT_TRUE(failed_with(take("s"), Code::kNoSpace));
  memory_.engine().clear_faults();
  EXPECT_EQ(listed(), std::vector<std::string>());
  ASSERT_TRUE(put("a", "two"));
  EXPECT_EQ(records(kv::Space::kHistory), 0u) << "nobody needs what it was";
  ASSERT_TRUE(take("s"));
  memory_.engine().fail_at(memory::MemoryEngine::Call::kWrite, 1, Error(Code::kNoSpace, "full"));
  EXPECT_TRUE(failed_with(drop("s"), Code::kNoSpace));
  memory_.engine().clear_faults();
  EXPECT_EQ(listed(), std::vector<std::string>{"s"});
  EXPECT_EQ(damage(), "");
}

TEST_F(Snapshots, cannot_be_changed) {
  ASSERT_TRUE(put("a", "one"));
  ASSERT_TRUE(take("then"));
  EXPECT_FALSE(put_in("vol@then", "a", "two"));
  EXPECT_FALSE(remove_from("vol@then", "a"));
  EXPECT_FALSE(run(plane().delete_volume(operator_caller(), "vol@then")));
  EXPECT_EQ(contents("vol@then"), (Model{{"a", "one"}}));
  EXPECT_EQ(damage(), "");
}

class Clones : public SnapshotsFixture {};

TEST_F(Clones, begin_as_the_snapshot_and_go_their_own_way) {
  const Bytes large = make_data(2, 300'000);
  ASSERT_TRUE(put("a", "one"));
  ASSERT_TRUE(put("dir/large", large));
  ASSERT_TRUE(put("dir/sub/b", "b"));
  ASSERT_TRUE(take("then"));
  const Model then = contents("vol");
  ASSERT_TRUE(put("a", "two"));
  ASSERT_TRUE(clone("then", "copy"));
  EXPECT_EQ(contents("copy"), then);
  EXPECT_EQ(damage(), "");
  ASSERT_TRUE(put_in("copy", "a", "three"));
  ASSERT_TRUE(put_in("copy", "dir/own", make_data(3, 200'000)));
  ASSERT_TRUE(put_in("copy", "own/deep/file", "own"));
  ASSERT_TRUE(remove_from("copy", "dir/large"));
  ASSERT_TRUE(run(plane().rename(operator_caller(), "copy", "dir/sub/", "moved/", {}, {})));
  const Model own = {{"a", "three"}, {"dir/own", make_data(3, 200'000)}, {"own/deep/file", "own"}, {"moved/b", "b"}};
  EXPECT_EQ(contents("copy"), own);
  EXPECT_EQ(contents("vol@then"), then);
  EXPECT_EQ(*get("dir/large"), large);
  EXPECT_EQ(damage(), "");
  reopen();
  EXPECT_EQ(contents("copy"), own);
  EXPECT_EQ(damage(), "");
}

TEST_F(Clones, keep_their_snapshot_and_are_removed_with_all_they_have) {
  ASSERT_TRUE(put("a", make_data(1, 200'000)));
  ASSERT_TRUE(put("dir/b", "b"));
  ASSERT_TRUE(take("then"));
  const uint64_t before = live_blob_bytes();
  ASSERT_TRUE(clone("then", "copy"));
  ASSERT_TRUE(put_in("copy", "a", make_data(4, 300'000)));
  ASSERT_TRUE(put_in("copy", "own/x/y", make_data(5, 300'000)));
  ASSERT_TRUE(put_in("copy", "dir/own", "own"));
  ASSERT_TRUE(remove_from("copy", "dir/b"));
  EXPECT_TRUE(failed_with(drop("then"), Code::kConflict, Reason::kSnapshotInUse));
  EXPECT_TRUE(failed_with(run(snapshots().remove_clone(operator_caller(), "vol")), Code::kInvalidArgument));
  ASSERT_TRUE(run(snapshots().remove_clone(operator_caller(), "copy")));
  EXPECT_TRUE(failed_with(plane().volume("copy"), Code::kNotFound, Reason::kNoSuchVolume));
  EXPECT_EQ(damage(), "");
  ASSERT_TRUE(free());
  EXPECT_EQ(damage(), "");
  EXPECT_EQ(records(kv::Space::kOverlay), 0u);
  EXPECT_EQ(live_blob_bytes(), before);
  EXPECT_TRUE(drop("then"));
  ASSERT_TRUE(free());
  EXPECT_EQ(damage(), "");
}

TEST_F(Clones, have_snapshots_and_clones_of_their_own) {
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(put("b", "1"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(clone("s", "one"));
  ASSERT_TRUE(put_in("one", "a", "2"));
  ASSERT_TRUE(take("t", "one"));
  ASSERT_TRUE(put_in("one", "a", "3"));
  ASSERT_TRUE(put_in("one", "b", "3"));
  ASSERT_TRUE(clone("t", "two", "one"));
  ASSERT_TRUE(put_in("two", "b", "4"));
  EXPECT_EQ(contents("vol"), (Model{{"a", "1"}, {"b", "1"}}));
  EXPECT_EQ(contents("one"), (Model{{"a", "3"}, {"b", "3"}}));
  EXPECT_EQ(contents("one@t"), (Model{{"a", "2"}, {"b", "1"}}));
  EXPECT_EQ(contents("two"), (Model{{"a", "2"}, {"b", "4"}}));
  EXPECT_EQ(damage(), "");
  EXPECT_TRUE(
      failed_with(run(snapshots().remove_clone(operator_caller(), "one")), Code::kNotEmpty, Reason::kVolumeNotEmpty));
  reopen();
  EXPECT_EQ(contents("two"), (Model{{"a", "2"}, {"b", "4"}}));
  ASSERT_TRUE(run(snapshots().remove_clone(operator_caller(), "two")));
  ASSERT_TRUE(drop("t", "one"));
  ASSERT_TRUE(run(snapshots().remove_clone(operator_caller(), "one")));
  ASSERT_TRUE(drop("s"));
  ASSERT_TRUE(free());
  EXPECT_EQ(records(kv::Space::kHistory) + records(kv::Space::kOverlay), 0u);
  EXPECT_EQ(damage(), "");
}

TEST_F(Clones, that_are_empty_are_deleted_as_buckets) {
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(take("s"));
  ASSERT_TRUE(clone("s", "one"));
  EXPECT_TRUE(failed_with(clone("s", "one"), Code::kAlreadyExists, Reason::kVolumeExists));
  EXPECT_TRUE(failed_with(clone("s", "Bad Name"), Code::kInvalidArgument, Reason::kInvalidVolumeName));
  EXPECT_TRUE(
      failed_with(run(plane().delete_volume(operator_caller(), "one")), Code::kNotEmpty, Reason::kVolumeNotEmpty));
  ASSERT_TRUE(remove_from("one", "a"));
  ASSERT_TRUE(run(plane().delete_volume(operator_caller(), "one")));
  ASSERT_TRUE(free());
  EXPECT_TRUE(drop("s"));
  EXPECT_EQ(*get("a"), "1");
  EXPECT_EQ(damage(), "");
}

TEST_F(Clones, are_freed_in_many_transactions_and_through_restarts) {
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(take("s"));
  const uint64_t before = live_blob_bytes();
  ASSERT_TRUE(clone("s", "one"));
  for (int i = 0; i < 700; ++i) {
    const std::string key = "d" + std::to_string(i % 7) + "/e" + std::to_string(i % 3) + "/" + std::to_string(i);
    ASSERT_TRUE(put_in("one", key, i % 50 == 0 ? make_data(static_cast<uint64_t>(i), 100'000) : Bytes("x")));
  }
  ASSERT_TRUE(run(snapshots().remove_clone(operator_caller(), "one")));
  for (bool more = true; more;) {
    auto worked = run(plane::free_clone_batch(plane().core()));
    ASSERT_TRUE(worked) << worked.error().to_string();
    more = *worked;
    EXPECT_EQ(damage(), "");
    reopen();
  }
  EXPECT_EQ(records(kv::Space::kOverlay), 0u);
  EXPECT_EQ(live_blob_bytes(), before);
}

}  // namespace
}  // namespace tp::test
