// Who may use which cache volume over RESP, on a real store in a directory of its own: users by name and by key, rights
// by policy, the operator's password, nobody.
#include "server/cache/cache_binder.h"

#include "store_fixture.h"

namespace tp::server {
namespace {

using test::kRootKey;
using test::kRootSecret;

class CacheBinderTest : public test::StoreFixture {
 protected:
  plane::Caller add_user(const std::string& name) {
    meta::UserRecord user;
    user.name = name;
    user.id = name + "-id";
    user.keys = {{"AK" + name, name + "-secret"}};
    EXPECT_TRUE(run(store_->plane().users().add(user)));
    plane::Caller caller;
    caller.user_id = user.id;
    caller.name = name;
    return caller;
  }
  void allow(const std::string& volume, const std::string& user, const std::string& actions) {
    plane::VolumeChange change;
    change.policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":")" + user +
                    R"("},"Action":)" + actions + R"(,"Resource":"arn:aws:s3:::)" + volume + R"(/*"}]})";
    const auto changed = run(store_->plane().set_volume(test::root_caller(), volume, std::move(change)));
    ASSERT_TRUE(changed) << changed.error().to_string();
  }
  CacheBinder binder(std::string password = "", std::string anonymous = "") {
    CacheBinder::Options options;
    options.plane = &store_->plane();
    options.volumes = store_->cache_volumes();
    options.clock = &store_->runtime().clock();
    options.password = std::move(password);
    options.anonymous_volume = std::move(anonymous);
    options.root_access_key = kRootKey;
    return CacheBinder(std::move(options));
  }
  Result<redis::Login> login(CacheBinder& binder, const std::string& user, const std::string& password) {
    return run(binder.authenticate(user, password, "127.0.0.1"));
  }
};

TEST_F(CacheBinderTest, UsersAreKnownByKeyAndByNameAndMayNameAVolume) {
  make_volume("kv-one");
  make_volume("kv-two");
  auto binder = this->binder();
  for (const char* user : {kRootKey, "root", "AKROOTEXAMPLE@kv-two", "root@kv-two"}) {
    const auto found = login(binder, user, kRootSecret);
    ASSERT_TRUE(found) << user;
    EXPECT_EQ(found->user, "root");
    EXPECT_EQ(found->tenant, "root");
    const bool names = std::string_view(user).find('@') != std::string_view::npos;
    EXPECT_EQ(found->default_volume, names ? "kv-two" : "") << "of two volumes none is meant";
  }
  for (const char* user : {"", "none", "root@", "default", "@kv-one"}) {
    EXPECT_EQ(login(binder, user, "wrong").error().code, Code::kUnauthenticated) << user;
    EXPECT_EQ(login(binder, user, "").error().code, Code::kUnauthenticated) << user;
  }
}

TEST_F(CacheBinderTest, TheOnlyVolumeIsMeantWhereNoneIsNamed) {
  make_volume("kv-one");
  auto binder = this->binder();
  const auto found = login(binder, "root", kRootSecret);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->default_volume, "kv-one");
  const auto bound = run(binder.bind(*found, "kv-one"));
  ASSERT_TRUE(bound) << bound.error().to_string();
  EXPECT_TRUE(bound->may_write);
  EXPECT_EQ(bound->tenant, "root");
}

TEST_F(CacheBinderTest, OthersNeedThePolicyAndLoseWhatItTakes) {
  make_volume("kv-one");
  const auto alice = add_user("alice");
  auto binder = this->binder();
  const auto found = login(binder, "alice", "alice-secret");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->default_volume, "") << "none that it may use";
  EXPECT_EQ(run(binder.bind(*found, "kv-one")).error().code, Code::kPermissionDenied);
  EXPECT_EQ(run(binder.bind(*found, "kv-none")).error().code, Code::kNotFound);
  allow("kv-one", alice.user_id, R"("s3:GetObject")");
  auto bound = run(binder.bind(*found, "kv-one"));
  ASSERT_TRUE(bound) << bound.error().to_string();
  EXPECT_FALSE(bound->may_write);
  allow("kv-one", alice.user_id, R"(["s3:GetObject","s3:PutObject","s3:DeleteObject"])");
  bound = run(binder.bind(*found, "kv-one"));
  ASSERT_TRUE(bound);
  EXPECT_TRUE(bound->may_write);
  EXPECT_EQ(bound->tenant, "alice");
  ASSERT_TRUE(run(store_->plane().users().remove("alice")));
  EXPECT_FALSE(run(binder.bind(*found, "kv-one")));
}

TEST_F(CacheBinderTest, AnOwnerMayAndATreeIsNoCache) {
  make_volume("kv-alice", add_user("alice"));
  ASSERT_TRUE(run(store_->plane().create_volume(test::root_caller(), "a-tree", {})));
  auto binder = this->binder();
  const auto found = login(binder, "alice", "alice-secret");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->default_volume, "kv-alice");
  EXPECT_TRUE(run(binder.bind(*found, "kv-alice"))->may_write);
  EXPECT_EQ(run(binder.bind(*found, "a-tree")).error().code, Code::kNotFound);
}

TEST_F(CacheBinderTest, NobodyGetsInUnlessAVolumeIsOpen) {
  make_volume("kv-open");
  make_volume("kv-closed");
  EXPECT_FALSE(binder().anonymous());
  auto open = binder("", "kv-open");
  const auto nobody = open.anonymous();
  ASSERT_TRUE(nobody);
  EXPECT_EQ(nobody->tenant, "");
  EXPECT_EQ(nobody->default_volume, "kv-open");
  EXPECT_TRUE(run(open.bind(*nobody, "kv-open"))->may_write);
  EXPECT_EQ(run(open.bind(*nobody, "kv-closed")).error().code, Code::kPermissionDenied);
}

TEST_F(CacheBinderTest, TheOperatorsPasswordOpensEveryVolume) {
  make_volume("kv-one");
  auto without = binder();
  EXPECT_EQ(login(without, "default", "").error().code, Code::kUnauthenticated);
  auto with = binder("the-operators-own");
  EXPECT_EQ(login(with, "default", "another").error().code, Code::kUnauthenticated);
  EXPECT_EQ(login(with, "alice", "the-operators-own").error().code, Code::kUnauthenticated);
  const auto found = login(with, "default", "the-operators-own");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->default_volume, "kv-one");
  EXPECT_TRUE(run(with.bind(*found, "kv-one"))->may_write);
}

TEST_F(CacheBinderTest, AUserNamedDefaultIsNotTheOperator) {
  make_volume("kv-one");
  add_user("default");
  auto binder = this->binder("the-operators-own");
  const auto found = login(binder, "default", "default-secret");
  ASSERT_TRUE(found);
  EXPECT_EQ(run(binder.bind(*found, "kv-one")).error().code, Code::kPermissionDenied);
}

TEST_F(CacheBinderTest, VolumesThatComeAndGoRing) {
  auto binder = this->binder();
  const uint64_t before = binder.generation();
  make_volume("kv-one");
  EXPECT_GT(binder.generation(), before);
  ASSERT_TRUE(run(store_->plane().delete_volume(test::root_caller(), "kv-one")));
  EXPECT_FALSE(store_->cache_volumes()->engine("kv-one"));
}

}  // namespace
}  // namespace tp::server
