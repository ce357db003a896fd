// What an operator sets of volumes and users: export rules, quotas, uids; and that quotas hold.
#include <gtest/gtest.h>

#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

using plane::Reason;

class VolumeSettings : public PlaneFixture {
 protected:
  plane::Caller add_user(const std::string& name) {
    meta::UserRecord user;
    user.name = name;
    user.id = "id-" + name;
    EXPECT_TRUE(run(plane().users().add(user)));
    return user_caller(user.id);
  }
  Result<plane::VolumePtr> set(plane::VolumeChange change, const std::string& volume = "vol") {
    return run(plane().set_volume(operator_caller(), volume, std::move(change)));
  }
  void set_quota(uint64_t bytes, uint64_t objects) {
    plane::VolumeChange change;
    change.quota_bytes = bytes;
    change.quota_objects = objects;
    ASSERT_TRUE(set(std::move(change)));
  }
  template <class T>
  ::testing::AssertionResult over_quota(const Result<T>& result) {
    return failed_with(result, Code::kNoSpace, Reason::kQuota);
  }
};

TEST_F(VolumeSettings, FieldsThatAreNotSetStay) {
  plane::VolumeChange first;
  first.exports.read_only = true;
  first.exports.networks = std::vector<std::string>{"10.0.0.0/8"};
  first.exports.anonymous = {99, 98};
  first.quota_bytes = 5000;
  ASSERT_TRUE(set(first));
  plane::VolumeChange second;
  second.exports.squash = meta::Squash::kAll;
  second.exports.default_owner = {1000, 1001};
  second.exports.modes = {0600, 0700};
  second.quota_objects = 7;
  ASSERT_TRUE(set(second));
  reopen();
  const auto volume = plane().volume("vol").value();
  EXPECT_TRUE(volume->exports.read_only);
  EXPECT_EQ(volume->exports.squash, meta::Squash::kAll);
  EXPECT_EQ(volume->exports.networks, std::vector<std::string>{"10.0.0.0/8"});
  EXPECT_EQ(volume->exports.anonymous_uid, 99u);
  EXPECT_EQ(volume->exports.anonymous_gid, 98u);
  EXPECT_EQ(volume->exports.default_uid, 1000u);
  EXPECT_EQ(volume->exports.default_gid, 1001u);
  EXPECT_EQ(volume->exports.file_mode, 0600u);
  EXPECT_EQ(volume->exports.directory_mode, 0700u);
  EXPECT_EQ(volume->quota_bytes, 5000u);
  EXPECT_EQ(volume->quota_objects, 7u);
}

TEST_F(VolumeSettings, AreTheOwnersToChangeAndNobodyElses) {
  const plane::Caller ann = add_user("ann"), bob = add_user("bob");
  ASSERT_TRUE(run(plane().create_volume(ann, "anns", {})));
  plane::VolumeChange policy;
  policy.policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*",
                      "Resource":["arn:aws:s3:::anns","arn:aws:s3:::anns/*"]}]})";
  ASSERT_TRUE(run(plane().set_volume(ann, "anns", policy)));
  plane::VolumeChange exports;
  exports.exports.squash = meta::Squash::kNone;
  plane::VolumeChange quota;
  quota.quota_bytes = 0;
  for (const auto& change : {exports, quota}) {
    for (const plane::Caller& other : {bob, plane::Caller()}) {
      EXPECT_TRUE(failed_with(run(plane().set_volume(other, "anns", change)), Code::kPermissionDenied,
                              Reason::kAccessDenied));
    }
    EXPECT_TRUE(run(plane().set_volume(ann, "anns", change)));
    EXPECT_TRUE(run(plane().set_volume(operator_caller(), "anns", change)));
  }
}

TEST_F(VolumeSettings, BadExportRulesChangeNothing) {
  plane::VolumeChange change;
  change.exports.read_only = true;
  change.exports.networks = std::vector<std::string>{"10.0.0.0/8", "everywhere"};
  EXPECT_TRUE(failed_with(set(change), Code::kInvalidArgument));
  change.exports.networks.reset();
  change.exports.modes = {0644, 010755};
  EXPECT_TRUE(failed_with(set(change), Code::kInvalidArgument));
  EXPECT_EQ(plane().volume("vol").value()->exports, meta::ExportRules());
}

TEST_F(VolumeSettings, AQuotaOfBytesHoldsForEveryWayToGrow) {
  set_quota(10'000, 0);
  ASSERT_TRUE(put("a", Bytes(6'000, 'a')));
  EXPECT_TRUE(over_quota(put("b", Bytes(4'001, 'b'))));
  EXPECT_TRUE(over_quota(put("b", make_data(1, 1 << 20))));
  EXPECT_TRUE(over_quota(run(plane().copy(operator_caller(), ref("a"), ref("c"), {}))));
  plane::WriteOptions append;
  append.append_offset = 6'000;
  EXPECT_TRUE(over_quota(put("a", Bytes(4'001, 'c'), append)));
  EXPECT_EQ(counters().bytes, 6'000u);
  EXPECT_EQ(counters().objects, 1u);
  // What is refused leaves nothing behind.
  EXPECT_EQ(live_blob_bytes(), 0u);
  EXPECT_EQ(get("a").value(), Bytes(6'000, 'a'));

  ASSERT_TRUE(put("b", Bytes(4'000, 'b')));  // to the last byte
  EXPECT_TRUE(over_quota(put("c", "x")));
  ASSERT_TRUE(put("c", ""));                 // no bytes
  ASSERT_TRUE(put("a", Bytes(5'999, 'a')));  // smaller than what it replaces
  ASSERT_TRUE(rename("b", "d"));
  ASSERT_TRUE(remove("d"));
  ASSERT_TRUE(put("b", Bytes(4'001, 'b')));
}

TEST_F(VolumeSettings, PartsOfUploadsCountUntilTheyAreCompletedOrAborted) {
  set_quota(10'000'000, 0);
  const auto upload = run(plane().create_upload(operator_caller(), ref("u"), {})).value();
  const auto part = [&](uint16_t number, size_t size) {
    return run(put_part(&plane(), ref("u"), upload, number, make_data(number, size), part_options()));
  };
  const auto first = part(1, 6'000'000);
  ASSERT_TRUE(first);
  EXPECT_TRUE(over_quota(part(2, 4'000'001)));
  EXPECT_TRUE(over_quota(put("k", Bytes(4'000'001, 'k'))));
  const auto second = part(2, 4'000'000);
  ASSERT_TRUE(second);
  // Completion moves bytes from one count to the other: it always goes through.
  plane::CompleteOptions complete;
  complete.parts = {{1, first->etag, {}}, {2, second->etag, {}}};
  ASSERT_TRUE(run(plane().complete_upload(operator_caller(), ref("u"), upload, complete)));
  EXPECT_EQ(counters().bytes, 10'000'000u);
  EXPECT_EQ(counters().upload_bytes, 0u);

  ASSERT_TRUE(remove("u"));
  const auto other = run(plane().create_upload(operator_caller(), ref("u"), {})).value();
  ASSERT_TRUE(run(put_part(&plane(), ref("u"), other, 1, make_data(1, 9'000'000), part_options())));
  EXPECT_TRUE(over_quota(put("k", Bytes(1'000'001, 'k'))));
  ASSERT_TRUE(run(plane().abort_upload(operator_caller(), ref("u"), other)));
  EXPECT_TRUE(put("k", Bytes(1'000'001, 'k')));
}

TEST_F(VolumeSettings, AQuotaOfFilesHoldsAndReplacingIsFree) {
  set_quota(0, 2);
  ASSERT_TRUE(put("a", "1"));
  ASSERT_TRUE(put("dir/b", "2"));
  EXPECT_TRUE(over_quota(put("c", "3")));
  EXPECT_TRUE(over_quota(put("new/c", "3")));
  EXPECT_TRUE(put("a", "longer than before"));
  EXPECT_TRUE(rename("a", "c"));
  EXPECT_TRUE(remove("c"));
  EXPECT_TRUE(put("d", "3"));
  EXPECT_EQ(counters().objects, 2u);
}

TEST_F(VolumeSettings, AQuotaBelowWhatIsThereStopsGrowthAlone) {
  ASSERT_TRUE(put("a", Bytes(6'000, 'a')));
  ASSERT_TRUE(put("b", Bytes(6'000, 'b')));
  set_quota(100, 1);
  EXPECT_TRUE(over_quota(put("c", "1")));
  EXPECT_TRUE(put("a", Bytes(5'000, 'a')));  // still over, but less
  EXPECT_TRUE(put("a", Bytes(5'000, 'A')));
  EXPECT_TRUE(over_quota(put("a", Bytes(5'001, 'a'))));
  EXPECT_TRUE(run(plane().set_tags(operator_caller(), ref("a"), {{"k", "v"}})));
  EXPECT_TRUE(remove("b"));
  set_quota(0, 0);
  EXPECT_TRUE(put("c", Bytes(50'000, 'c')));
}

TEST_F(VolumeSettings, UidsAreUniqueFoundAndChanged) {
  meta::UserRecord ann;
  ann.name = "ann";
  ann.uid = 1000;
  ann.gid = 100;
  const auto added = run(plane().users().add(ann));
  ASSERT_TRUE(added);
  meta::UserRecord bob;
  bob.name = "bob";
  bob.uid = 1000;
  EXPECT_TRUE(failed_with(run(plane().users().add(bob)), Code::kAlreadyExists, Reason::kUserExists));
  bob.uid = 0;    // root's is a uid like any other
  bob.gid = 100;  // groups are shared
  ASSERT_TRUE(run(plane().users().add(bob)));
  EXPECT_EQ(plane().users().find_uid(1000)->name, "ann");
  EXPECT_EQ(plane().users().find_uid(0)->name, "bob");
  EXPECT_FALSE(plane().users().find_uid(1));

  plane::UserChange change;
  change.uid = 1000;
  EXPECT_TRUE(failed_with(run(plane().users().set("bob", change)), Code::kAlreadyExists, Reason::kUserExists));
  EXPECT_TRUE(run(plane().users().set("ann", change)));  // its own
  change.uid = 1001;
  const auto changed = run(plane().users().set(added->id, change));
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->uid, 1001u);
  EXPECT_EQ(changed->gid, 100u);
  EXPECT_FALSE(plane().users().find_uid(1000));
  reopen();
  EXPECT_EQ(plane().users().find_uid(1001)->name, "ann");
  EXPECT_FALSE(plane().users().find_uid(1000));
  // The keys are as they were.
  EXPECT_TRUE(plane().users().find_access_key(added->keys[0].access_key));

  for (const char* unknown : {"nobody", "root"}) {
    EXPECT_TRUE(failed_with(run(plane().users().set(unknown, change)), Code::kNotFound, Reason::kNoSuchUser));
  }
  change.uid = UINT32_MAX;
  EXPECT_TRUE(failed_with(run(plane().users().set("ann", change)), Code::kInvalidArgument));
  ASSERT_TRUE(run(plane().users().remove("ann")));
  EXPECT_FALSE(plane().users().find_uid(1001));
}

}  // namespace
}  // namespace tp::test
