#include "plane/state/volume_name.h"

#include <gtest/gtest.h>

#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

using plane::Reason;

TEST(VolumeNames, FollowTheBucketRules) {
  for (const char* good : {"abc", "a.b.c", "my-bucket-1", "123", "1.2.3", "a1b2c3d4e5f6"}) {
    EXPECT_TRUE(plane::check_volume_name(good)) << good;
  }
  EXPECT_TRUE(plane::check_volume_name(std::string(63, 'a')));
  for (const char* bad : {"", "ab", "Abc", "a_b", "-abc", "abc-", ".abc", "abc.", "a..b", "a.-b", "a-.b", "1.2.3.4",
                          "xn--abc", "sthree-a", "abc-s3alias", "abc--ol-s3", "a/b", "../..", "a b",
                          "\xc3\xa4\xc3\xb6"}) {
    EXPECT_TRUE(failed_with(plane::check_volume_name(bad), Code::kInvalidArgument, Reason::kInvalidVolumeName)) << bad;
  }
  EXPECT_FALSE(plane::check_volume_name(std::string(64, 'a')));
}

class Volumes : public PlaneFixture {
 protected:
  Result<plane::VolumePtr> create(const plane::Caller& caller, const std::string& name) {
    return run(plane().create_volume(caller, name, {}));
  }
  plane::Caller add_user(const std::string& name) {
    meta::UserRecord user;
    user.name = name;
    user.id = "id-" + name;
    EXPECT_TRUE(run(plane().users().add(user)));
    plane::Caller caller = user_caller(user.id);
    caller.name = name;
    return caller;
  }
  std::vector<std::string> names(const plane::Caller& caller, std::string_view prefix = {}, std::string_view after = {},
                                 uint32_t max_entries = 1000) {
    auto page = plane().list_volumes(caller, prefix, after, max_entries);
    std::vector<std::string> listed;
    if (!page) return listed;
    for (const auto& volume : page->volumes) listed.push_back(volume.name);
    if (page->truncated) listed.push_back("...");
    return listed;
  }
};

TEST_F(Volumes, BelongToOneOwner) {
  plane::Caller ann = add_user("ann"), bob = add_user("bob");
  ASSERT_TRUE(create(ann, "anns"));
  EXPECT_TRUE(failed_with(create(ann, "anns"), Code::kAlreadyExists, Reason::kVolumeOwnedByCaller));
  EXPECT_TRUE(failed_with(create(bob, "anns"), Code::kAlreadyExists, Reason::kVolumeExists));
  EXPECT_TRUE(failed_with(create(plane::Caller(), "nobodys"), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_TRUE(failed_with(create(user_caller("stranger"), "nobodys"), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_TRUE(failed_with(run(plane().delete_volume(bob, "anns")), Code::kPermissionDenied, Reason::kAccessDenied));
  EXPECT_TRUE(run(plane().delete_volume(ann, "anns")));
  EXPECT_TRUE(failed_with(plane().volume("anns"), Code::kNotFound, Reason::kNoSuchVolume));
  EXPECT_TRUE(create(bob, "anns"));
}

TEST_F(Volumes, AreDeletedOnlyWhenEmpty) {
  ASSERT_TRUE(put("a/b", "x"));
  auto remove_volume = [this] { return run(plane().delete_volume(operator_caller(), "vol")); };
  EXPECT_TRUE(failed_with(remove_volume(), Code::kNotEmpty, Reason::kVolumeNotEmpty));
  ASSERT_TRUE(remove("a/b"));
  // An upload in progress goes with its volume.
  auto upload = run(plane().create_upload(operator_caller(), ref("u"), {}));
  ASSERT_TRUE(upload);
  ASSERT_TRUE(run(put_part(&plane(), ref("u"), *upload, 1, make_data(1, 100'000), part_options())));
  ASSERT_TRUE(remove_volume());
  EXPECT_EQ(live_blob_bytes(), 0u);
  EXPECT_EQ(records(kv::Space::kBlobs), 0u);
  EXPECT_EQ(records(kv::Space::kUploads), 0u);
  EXPECT_EQ(records(kv::Space::kInodes), 0u);
  EXPECT_TRUE(failed_with(put("k", "x"), Code::kNotFound, Reason::kNoSuchVolume));
  reopen();
  EXPECT_FALSE(plane().volume("vol"));
}

Task<plane::PutResult> write_into_recreated(plane::Plane* plane) {
  TP_CO_TRY(auto writer, co_await plane->open_writer(operator_caller(), {"vol", "k"}, {}));
  TP_CO_TRY_VOID(co_await plane->delete_volume(operator_caller(), "vol"));
  TP_CO_TRY_VOID(co_await plane->create_volume(operator_caller(), "vol", {}));
  co_return co_await write_all(writer.get(), "late", {});
}

TEST_F(Volumes, MadeAnewUnderANameAreOthers) {
  EXPECT_TRUE(failed_with(run(write_into_recreated(&plane())), Code::kNotFound, Reason::kNoSuchVolume));
  EXPECT_EQ(counters().objects, 0u);
}

TEST_F(Volumes, AreListedInPagesToThoseWhoOwnThem) {
  plane::Caller ann = add_user("ann");
  for (const char* name : {"b-2", "b-1", "c-1", "a-1"}) ASSERT_TRUE(create(ann, name));
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(ann), (Names{"a-1", "b-1", "b-2", "c-1"}));
  EXPECT_EQ(names(ann, "b-"), (Names{"b-1", "b-2"}));
  EXPECT_EQ(names(ann, "b-", "b-1"), (Names{"b-2"}));
  EXPECT_EQ(names(ann, "", "", 2), (Names{"a-1", "b-1", "..."}));
  EXPECT_EQ(names(ann, "", "b-1", 2), (Names{"b-2", "c-1"}));
  EXPECT_EQ(names(operator_caller()), (Names{"a-1", "b-1", "b-2", "c-1", "vol"}));
  EXPECT_FALSE(plane().list_volumes(plane::Caller(), "", "", 10));
  EXPECT_EQ(names(user_caller("other")), Names{});
}

TEST_F(Volumes, KeepTheirSettingsAcrossARestart) {
  plane::VolumeChange change;
  change.tags = meta::TagSet{{"team", "x"}};
  change.cors = "rules";
  change.ownership = meta::Ownership::kBucketOwnerEnforced;
  change.policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
                  R"("Action":"s3:GetObject","Resource":"arn:aws:s3:::vol/*"}]})";
  ASSERT_TRUE(run(plane().set_volume(operator_caller(), "vol", change)));
  reopen();
  auto volume = plane().volume("vol");
  ASSERT_TRUE(volume);
  EXPECT_EQ((*volume)->tags, *change.tags);
  EXPECT_EQ((*volume)->cors, "rules");
  EXPECT_EQ((*volume)->policy, *change.policy);
  EXPECT_EQ((*volume)->ownership, meta::Ownership::kBucketOwnerEnforced);
  change = {};
  change.policy = "{}";
  EXPECT_TRUE(failed_with(run(plane().set_volume(operator_caller(), "vol", change)), Code::kInvalidArgument,
                          Reason::kMalformedPolicy));
}

class Users : public Volumes {};

TEST_F(Users, AreFoundByKeyIdAndEmail) {
  meta::UserRecord user;
  user.name = "ann";
  user.email = "ann@example.org";
  auto added = run(plane().users().add(user));
  ASSERT_TRUE(added);
  EXPECT_EQ(added->id.size(), 64u);
  ASSERT_EQ(added->keys.size(), 1u);
  EXPECT_EQ(added->keys[0].access_key.size(), 20u);
  EXPECT_EQ(added->keys[0].secret_key.size(), 40u);
  for (int round = 0; round < 2; ++round) {
    auto credential = plane().users().find_access_key(added->keys[0].access_key);
    ASSERT_NE(credential, nullptr);
    EXPECT_EQ(credential->secret_key, added->keys[0].secret_key);
    EXPECT_EQ(credential->caller.user_id, added->id);
    EXPECT_FALSE(credential->caller.root);
    EXPECT_EQ(plane().users().find_user(added->id)->name, "ann");
    EXPECT_EQ(plane().users().find_email("ann@example.org")->id, added->id);
    EXPECT_EQ(plane().users().list().size(), 1u);
    reopen();
  }
  EXPECT_EQ(plane().users().find_access_key("nobody"), nullptr);
  EXPECT_FALSE(plane().users().find_email(""));
  EXPECT_TRUE(plane().users().find_access_key("root")->caller.root);
  EXPECT_TRUE(plane().users().find_user(plane::kRootUserId));
}

TEST_F(Users, ShareNothingThatMustBeUnique) {
  meta::UserRecord user;
  user.name = "ann";
  user.id = "1";
  user.email = "e";
  user.keys = {{"key", "secret"}};
  ASSERT_TRUE(run(plane().users().add(user)));
  auto refused = [&](auto edit) {
    meta::UserRecord other;
    other.name = "bob";
    other.id = "2";
    other.keys = {{"key2", "secret"}};
    edit(other);
    return failed_with(run(plane().users().add(other)), Code::kAlreadyExists, Reason::kUserExists);
  };
  EXPECT_TRUE(refused([](auto& other) { other.name = "ann"; }));
  EXPECT_TRUE(refused([](auto& other) { other.id = "1"; }));
  EXPECT_TRUE(refused([](auto& other) { other.email = "e"; }));
  EXPECT_TRUE(refused([](auto& other) { other.keys[0].access_key = "key"; }));
  EXPECT_TRUE(refused([](auto& other) { other.keys[0].access_key = "root"; }));
  EXPECT_TRUE(refused([](auto& other) { other.name = "root"; }));
  EXPECT_FALSE(refused([](auto&) {}));
}

TEST_F(Users, AreRemovedOnceTheyOwnNothing) {
  plane::Caller ann = add_user("ann");
  ASSERT_TRUE(create(ann, "anns"));
  EXPECT_TRUE(failed_with(run(plane().users().remove("ann")), Code::kNotEmpty));
  ASSERT_TRUE(run(plane().delete_volume(ann, "anns")));
  ASSERT_TRUE(run(plane().users().remove("ann")));
  EXPECT_TRUE(plane().users().list().empty());
  EXPECT_TRUE(failed_with(run(plane().users().remove("ann")), Code::kNotFound, Reason::kNoSuchUser));
  EXPECT_TRUE(failed_with(create(ann, "again"), Code::kPermissionDenied, Reason::kAccessDenied));
}

}  // namespace
}  // namespace tp::test
