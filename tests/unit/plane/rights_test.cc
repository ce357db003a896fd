// Who may do what: ACLs, ownership, policies, and what a stranger hears of keys that are not there.
#include "plane/rights/rights.h"

#include <gtest/gtest.h>

#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

using meta::Grant;
using meta::GranteeKind;
using meta::Permission;
using plane::Action;
using plane::Reason;

class Rights : public PlaneFixture {
 protected:
  void SetUp() override {
    PlaneFixture::SetUp();
    for (const char* name : {"ann", "bob"}) {
      meta::UserRecord user;
      user.name = user.id = name;
      ASSERT_TRUE(run(plane().users().add(user)));
    }
  }
  void make_volume(meta::AccessList access, meta::Ownership ownership = meta::Ownership::kObjectWriter) {
    plane::CreateVolumeOptions options;
    options.access = std::move(access);
    options.ownership = ownership;
    ASSERT_TRUE(run(plane().create_volume(ann, "anns", std::move(options))));
  }
  void set_policy(const std::string& policy) {
    plane::VolumeChange change;
    change.policy = policy;
    auto set = run(plane().set_volume(ann, "anns", change));
    ASSERT_TRUE(set) << set.error().to_string();
  }
  static Task<plane::PutResult> put_as(plane::Plane* plane, plane::Caller caller, std::string key,
                                       meta::AccessList access) {
    plane::WriteOptions options;
    options.attributes.access = std::move(access);
    TP_CO_TRY(auto writer, co_await plane->open_writer(std::move(caller), {"anns", key}, std::move(options)));
    co_return co_await write_all(writer.get(), "bytes", {});
  }
  Result<plane::PutResult> put(const plane::Caller& caller, const std::string& key, meta::AccessList access = {}) {
    return run(put_as(&plane(), caller, key, std::move(access)));
  }
  Result<plane::ObjectInfoPtr> read(const plane::Caller& caller, const std::string& key,
                                    Action action = Action::kGetObject) {
    return run(plane().stat(caller, {"anns", key}, action));
  }
  bool may_list(const plane::Caller& caller) {
    return plane().volume_for(caller, "anns", Action::kListBucket).has_value();
  }

  plane::Caller ann = user_caller("ann"), bob = user_caller("bob"), nobody;
};

::testing::AssertionResult denied(const auto& result) {
  return failed_with(result, Code::kPermissionDenied, Reason::kAccessDenied);
}

TEST_F(Rights, KeepUsersApartByDefault) {
  make_volume({});
  ASSERT_TRUE(put(ann, "k"));
  EXPECT_TRUE(read(ann, "k"));
  EXPECT_TRUE(read(operator_caller(), "k"));
  for (const auto& stranger : {bob, nobody}) {
    EXPECT_TRUE(denied(read(stranger, "k")));
    EXPECT_TRUE(denied(read(stranger, "none")));  // whether a key is there is nobody's business either
    EXPECT_TRUE(denied(put(stranger, "k")));
    EXPECT_TRUE(denied(run(plane().remove(stranger, {"anns", "k"}, {}))));
    EXPECT_TRUE(denied(run(plane().rename(stranger, "anns", "k", "l", {}, {}))));
    EXPECT_TRUE(denied(run(plane().set_tags(stranger, {"anns", "k"}, {{"a", "b"}}))));
    EXPECT_TRUE(denied(run(plane().set_access(stranger, {"anns", "k"}, {}))));
    EXPECT_TRUE(denied(run(plane().copy(stranger, {"anns", "k"}, {"anns", "l"}, {}))));
    EXPECT_FALSE(may_list(stranger));
    std::vector<plane::DeleteEntry> entries(1);
    entries[0].key = "k";
    auto removed = run(plane().remove_many(stranger, "anns", entries));
    ASSERT_TRUE(removed);
    EXPECT_TRUE(denied(removed->front()));
  }
  EXPECT_TRUE(failed_with(read(ann, "none"), Code::kNotFound, Reason::kNoSuchKey));
  EXPECT_TRUE(read(ann, "k"));
}

TEST_F(Rights, ComeFromTheAclOfTheVolumeForListingAndWriting) {
  make_volume({Grant{GranteeKind::kUser, "ann", Permission::kFullControl},
               Grant{GranteeKind::kAllUsers, "", Permission::kRead},
               Grant{GranteeKind::kAuthenticatedUsers, "", Permission::kWrite}});
  EXPECT_TRUE(may_list(nobody));
  EXPECT_TRUE(denied(put(nobody, "k")));
  ASSERT_TRUE(put(bob, "k"));
  EXPECT_TRUE(read(bob, "k"));          // his own object
  EXPECT_TRUE(denied(read(ann, "k")));  // in her bucket, but not hers
  EXPECT_TRUE(failed_with(read(nobody, "none"), Code::kNotFound, Reason::kNoSuchKey));
  EXPECT_TRUE(run(plane().remove(ann, {"anns", "k"}, {})));
  EXPECT_TRUE(denied(plane().volume_for(bob, "anns", Action::kGetBucketAcl)));
  EXPECT_TRUE(denied(run(plane().delete_volume(bob, "anns"))));
}

TEST_F(Rights, ComeFromTheAclOfTheObjectForReading) {
  make_volume({});
  ASSERT_TRUE(put(ann, "public", {Grant{GranteeKind::kAllUsers, "", Permission::kRead}}));
  ASSERT_TRUE(put(ann, "members", {Grant{GranteeKind::kAuthenticatedUsers, "", Permission::kRead}}));
  ASSERT_TRUE(put(ann, "bobs", {Grant{GranteeKind::kUser, "bob", Permission::kFullControl}}));
  EXPECT_TRUE(read(nobody, "public"));
  EXPECT_TRUE(denied(read(nobody, "public", Action::kGetObjectAcl)));
  EXPECT_TRUE(denied(read(nobody, "members")));
  EXPECT_TRUE(read(bob, "members"));
  EXPECT_TRUE(denied(read(nobody, "bobs")));
  EXPECT_TRUE(read(bob, "bobs", Action::kGetObjectAcl));
  EXPECT_TRUE(run(plane().set_access(bob, {"anns", "bobs"}, {})));
  EXPECT_TRUE(denied(read(bob, "bobs")));
  EXPECT_TRUE(denied(run(plane().remove(bob, {"anns", "public"}, {}))));
}

TEST_F(Rights, OfTheCacheAreThoseOfTheStore) {
  make_volume({});
  ASSERT_TRUE(put(ann, "k"));
  ASSERT_TRUE(run(get_object(&plane(), {"anns", "k"})));  // now it is cached
  auto task = [](plane::Plane* plane, plane::Caller caller) -> Task<bool> {
    auto reader = plane->try_open_reader(caller, "anns", "k");
    if (!reader) co_return std::unexpected(std::move(reader.error()));
    co_return *reader != nullptr;
  };
  EXPECT_TRUE(*run(task(&plane(), ann)));
  EXPECT_TRUE(denied(run(task(&plane(), bob))));
  ASSERT_TRUE(run(plane().set_access(ann, {"anns", "k"}, {Grant{GranteeKind::kUser, "bob", Permission::kRead}})));
  EXPECT_FALSE(*run(task(&plane(), bob)));  // the ACL's change outdated it
  EXPECT_TRUE(read(bob, "k"));
}

TEST_F(Rights, AreTheOwnersAloneWhereAclsAreDisabled) {
  make_volume({}, meta::Ownership::kBucketOwnerEnforced);
  EXPECT_TRUE(failed_with(put(ann, "k", {Grant{GranteeKind::kAllUsers, "", Permission::kRead}}), Code::kInvalidArgument,
                          Reason::kAclNotSupported));
  EXPECT_TRUE(put(ann, "k", {Grant{GranteeKind::kUser, "ann", Permission::kFullControl}}));
  set_policy(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"bob"},)"
             R"("Action":"s3:PutObject","Resource":"arn:aws:s3:::anns/*"}})");
  ASSERT_TRUE(put(bob, "from-bob"));
  EXPECT_TRUE(denied(read(bob, "from-bob")));
  EXPECT_EQ((*read(ann, "from-bob"))->record.owner, "ann");
}

TEST_F(Rights, OfPreferredOwnersFollowTheCannedGrant) {
  make_volume({Grant{GranteeKind::kUser, "bob", Permission::kWrite}}, meta::Ownership::kBucketOwnerPreferred);
  ASSERT_TRUE(put(bob, "mine"));
  ASSERT_TRUE(put(bob, "given", {Grant{GranteeKind::kUser, "ann", Permission::kFullControl}}));
  EXPECT_EQ((*read(operator_caller(), "mine"))->record.owner, "bob");
  EXPECT_EQ((*read(operator_caller(), "given"))->record.owner, "ann");
}

TEST_F(Rights, OfAPolicyAddToAclsAndADenyBeatsAll) {
  make_volume({});
  for (const char* key : {"open/a", "shut/a", "other"}) ASSERT_TRUE(put(ann, key));
  set_policy(R"({"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":"*","Action":["s3:Get*"],"Resource":"arn:aws:s3:::anns/open/*"},
    {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/bob"]},"Action":"s3:ListBucket",
     "Resource":"arn:aws:s3:::anns","Condition":{"StringLike":{"s3:prefix":["open/*"]}}},
    {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::anns/shut/*"}]})");
  EXPECT_TRUE(read(nobody, "open/a"));
  EXPECT_TRUE(denied(read(nobody, "other")));
  EXPECT_TRUE(denied(read(ann, "shut/a")));
  EXPECT_TRUE(read(operator_caller(), "shut/a"));
  auto volume = plane().core().volumes.find("anns");
  EXPECT_TRUE(plane::may_on_volume(bob, **volume, Action::kListBucket, "open/x"));
  EXPECT_FALSE(plane::may_on_volume(bob, **volume, Action::kListBucket, ""));
  EXPECT_FALSE(plane::may_on_volume(nobody, **volume, Action::kListBucket, "open/x"));
  set_policy(R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"*",)"
             R"("Resource":["arn:aws:s3:::anns","arn:aws:s3:::anns/*"]}})");
  EXPECT_TRUE(denied(read(ann, "open/a")));
  set_policy("");  // an owner can always take it back
  EXPECT_TRUE(read(ann, "open/a"));
}

}  // namespace
}  // namespace tp::test
