// Exports: who is let in and as whom, what a volume says of its space, and the notes that fronts keep.
#include <gtest/gtest.h>

#include "plane/rights/export_rules.h"
#include "plane/rights/posix_owner.h"
#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

using plane::ClaimedIdentity;
using plane::FileCaller;
using plane::Reason;

ClaimedIdentity client(uint32_t uid, uint32_t gid, std::string source_ip = "127.0.0.1") {
  ClaimedIdentity claimed;
  claimed.uid = uid;
  claimed.gid = gid;
  claimed.source_ip = std::move(source_ip);
  return claimed;
}

TEST(Squash, RootBecomesTheAnonymousUserAndTheRestStayWhoTheyAre) {
  meta::ExportRules rules;
  rules.anonymous_uid = 65533;
  rules.anonymous_gid = 65532;
  ClaimedIdentity root = client(0, 0);
  root.groups = {0, 4, 27};
  const FileCaller squashed = plane::squash(rules, root);
  EXPECT_EQ(squashed.uid, 65533u);
  EXPECT_EQ(squashed.gid, 65532u);
  EXPECT_TRUE(squashed.groups.empty());
  EXPECT_FALSE(squashed.super_user);

  ClaimedIdentity ann = client(1000, 100);
  ann.groups = {27, 0, 5};
  const FileCaller kept = plane::squash(rules, ann);
  EXPECT_EQ(kept.uid, 1000u);
  EXPECT_EQ(kept.gid, 100u);
  EXPECT_EQ(kept.groups, (std::vector<uint32_t>{27, 5}));  // root's group is nobody's
  EXPECT_EQ(plane::squash(rules, client(1000, 0)).gid, 65532u);
}

TEST(Squash, AllSquashesEverybodyAndNoneNobody) {
  meta::ExportRules rules;
  rules.squash = meta::Squash::kAll;
  rules.anonymous_uid = 0;  // files are root's, and yet nobody is root
  rules.anonymous_gid = 7;
  for (const uint32_t uid : {0u, 1000u}) {
    const FileCaller caller = plane::squash(rules, client(uid, 100));
    EXPECT_EQ(caller.uid, 0u);
    EXPECT_EQ(caller.gid, 7u);
    EXPECT_FALSE(caller.super_user);
  }
  rules.squash = meta::Squash::kNone;
  ClaimedIdentity root = client(0, 0);
  root.groups = {0, 1};
  const FileCaller caller = plane::squash(rules, root);
  EXPECT_EQ(caller.uid, 0u);
  EXPECT_EQ(caller.gid, 0u);
  EXPECT_EQ(caller.groups, root.groups);
  EXPECT_TRUE(caller.super_user);
  EXPECT_FALSE(plane::squash(rules, client(1, 0)).super_user);
}

TEST(Squash, WhoClaimsNothingOrTheUidOfNobodyIsAnonymous) {
  meta::ExportRules rules;
  rules.squash = meta::Squash::kNone;
  ClaimedIdentity nobody = client(0, 0);
  nobody.anonymous = true;
  nobody.groups = {1};
  for (const ClaimedIdentity& claimed : {nobody, client(UINT32_MAX, 5)}) {
    const FileCaller caller = plane::squash(rules, claimed);
    EXPECT_EQ(caller.uid, meta::kNobody);
    EXPECT_EQ(caller.gid, meta::kNobody);
    EXPECT_TRUE(caller.groups.empty());
    EXPECT_FALSE(caller.super_user);
  }
}

TEST(Squash, NoMoreThanSixteenGroupsAreTaken) {
  ClaimedIdentity ann = client(1000, 100);
  for (uint32_t group = 0; group < 40; ++group) ann.groups.push_back(group);
  const FileCaller caller = plane::squash({}, ann);
  ASSERT_EQ(caller.groups.size(), plane::kMaxGroups);
  EXPECT_EQ(caller.groups.front(), 1u);
  EXPECT_EQ(caller.groups.back(), 16u);
}

TEST(ExportRules, WhatCannotBeKeptIsRefused) {
  meta::ExportRules rules;
  EXPECT_TRUE(plane::check_export_rules(rules));
  rules.networks = {"10.0.0.0/8", "fe80::/10", "192.168.1.7", "::1"};
  EXPECT_TRUE(plane::check_export_rules(rules));
  for (const char* bad : {"", "10.0.0.0/33", "::1/129", "10.0.0/8", "host", "10.0.0.0/8x", "10.0.0.0/-1"}) {
    rules.networks = {bad};
    EXPECT_TRUE(failed_with(plane::check_export_rules(rules), Code::kInvalidArgument)) << bad;
  }
  rules.networks.assign(plane::kMaxExportNetworks + 1, "::1");
  EXPECT_TRUE(failed_with(plane::check_export_rules(rules), Code::kInvalidArgument));
  rules.networks.clear();
  rules.file_mode = 010000;
  EXPECT_TRUE(failed_with(plane::check_export_rules(rules), Code::kInvalidArgument));
}

class Exports : public PlaneFixture {
 protected:
  plane::Files& files() { return plane().files(); }
  plane::FileId root() { return files().root("vol").value(); }
  bool admitted(const std::string& source_ip) {
    const auto caller = files().admit(client(1000, 100, source_ip), root().volume);
    if (!caller) EXPECT_TRUE(failed_with(caller, Code::kPermissionDenied, Reason::kNotExported));
    return caller.has_value();
  }
  void set(plane::VolumeChange change) {
    const auto changed = run(plane().set_volume(operator_caller(), "vol", std::move(change)));
    ASSERT_TRUE(changed) << changed.error().to_string();
  }
  void set_networks(std::vector<std::string> networks) {
    plane::VolumeChange change;
    change.exports.networks = std::move(networks);
    set(std::move(change));
  }
};

TEST_F(Exports, WithoutNetworksOfItsOwnAVolumeIsOpenToThoseOfTheServer) {
  for (const char* inside : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"}) EXPECT_TRUE(admitted(inside));
  for (const char* outside : {"10.0.0.1", "::2", "::ffff:10.0.0.1", "", "localhost", "127.0.0.1:2049", "%lo"}) {
    EXPECT_FALSE(admitted(outside)) << outside;
  }
}

TEST_F(Exports, NetworksOfTheVolumeReplaceThoseOfTheServer) {
  set_networks({"10.1.0.0/16", "fe80::/10"});
  for (const char* inside : {"10.1.255.1", "::ffff:10.1.0.1", "fe80::1", "fe80::1%eth0"}) EXPECT_TRUE(admitted(inside));
  for (const char* outside : {"10.2.0.1", "127.0.0.1", "::1", "fec0::1"}) EXPECT_FALSE(admitted(outside)) << outside;
  reopen();
  EXPECT_TRUE(admitted("10.1.0.1"));
  EXPECT_FALSE(admitted("127.0.0.1"));
  set_networks({});
  EXPECT_TRUE(admitted("127.0.0.1"));
}

TEST_F(Exports, ARecordOfWhichNoNetworkParsesAdmitsNobody) {
  meta::VolumeRecord record = *plane().volume("vol").value();
  record.exports.networks = {"nonsense"};
  plane().core().volumes.put(plane::make_volume_entry(record).value());
  EXPECT_FALSE(admitted("127.0.0.1"));
}

TEST_F(Exports, AVolumeThatIsGoneIsStaleAlsoIfItsNameIsUsedAgain) {
  const plane::FileId old = root();
  ASSERT_TRUE(run(plane().delete_volume(operator_caller(), "vol")));
  EXPECT_TRUE(failed_with(files().root("vol"), Code::kNotFound, Reason::kNoSuchVolume));
  ASSERT_TRUE(run(plane().create_volume(operator_caller(), "vol", {})));
  EXPECT_NE(root().volume, old.volume);
  EXPECT_TRUE(failed_with(files().admit(client(1, 1), old.volume), Code::kNotFound, Reason::kStale));
  EXPECT_TRUE(failed_with(files().read_only(old.volume), Code::kNotFound, Reason::kStale));
  EXPECT_TRUE(failed_with(run(files().space(old)), Code::kNotFound, Reason::kStale));
}

TEST_F(Exports, ReadOnlyIsAsSet) {
  EXPECT_FALSE(files().read_only(root().volume).value());
  plane::VolumeChange change;
  change.exports.read_only = true;
  set(change);
  EXPECT_TRUE(files().read_only(root().volume).value());
}

TEST_F(Exports, SpaceIsTheDisksOrWhatTheQuotaLeaves) {
  const auto disk = run(files().space(root())).value();
  EXPECT_GT(disk.total_bytes, 0u);
  EXPECT_LE(disk.free_bytes, disk.total_bytes);
  EXPECT_GT(disk.free_files, uint64_t{1} << 32);

  ASSERT_TRUE(put("a", Bytes(1000, 'x')));
  ASSERT_TRUE(put("b", Bytes(500, 'x')));
  const auto upload = run(plane().create_upload(operator_caller(), ref("u"), {}));
  ASSERT_TRUE(upload);
  ASSERT_TRUE(run(put_part(&plane(), ref("u"), *upload, 1, make_data(1, 2000), part_options())));
  plane::VolumeChange change;
  change.quota_bytes = 10'000;
  change.quota_objects = 5;
  set(change);
  auto space = run(files().space(root())).value();
  EXPECT_EQ(space.total_bytes, 10'000u);
  EXPECT_EQ(space.free_bytes, 6'500u);
  EXPECT_EQ(space.available_bytes, 6'500u);
  EXPECT_EQ(space.total_files, 5u);
  EXPECT_EQ(space.free_files, 3u);
  // Lowered below what is there: nothing is left, and nothing wraps around.
  change.quota_bytes = 100;
  change.quota_objects = 1;
  set(change);
  space = run(files().space(root())).value();
  EXPECT_EQ(space.free_bytes, 0u);
  EXPECT_EQ(space.free_files, 0u);
  // A quota that the disk cannot hold promises no more than the disk has.
  change.quota_bytes = UINT64_MAX;
  set(change);
  EXPECT_LE(run(files().space(root())).value().free_bytes, disk.total_bytes);
}

TEST_F(Exports, NotesAreKeptReplacedListedAndTakenAway) {
  using Notes = std::vector<std::pair<std::string, Bytes>>;
  EXPECT_EQ(run(files().note("nfs/key")).value(), std::nullopt);
  ASSERT_TRUE(run(files().set_note("nfs/key", Bytes("k\0y", 3))));
  ASSERT_TRUE(run(files().set_note("nfs/client/2", Bytes("two"))));
  ASSERT_TRUE(run(files().set_note("nfs/client/1", Bytes("one"))));
  ASSERT_TRUE(run(files().set_note("nfs/client/1", Bytes("uno"))));
  ASSERT_TRUE(run(files().set_note("nfs/client\xff", Bytes())));
  reopen();
  EXPECT_EQ(run(files().note("nfs/key")).value(), Bytes("k\0y", 3));
  EXPECT_EQ(run(files().note("nfs/client\xff")).value(), Bytes());
  EXPECT_EQ(run(files().notes("nfs/client/")).value(), (Notes{{"nfs/client/1", "uno"}, {"nfs/client/2", "two"}}));
  EXPECT_EQ(run(files().notes("")).value().size(), 4u);
  EXPECT_EQ(run(files().notes("z")).value(), Notes{});
  ASSERT_TRUE(run(files().set_note("nfs/client/1", std::nullopt)));
  ASSERT_TRUE(run(files().set_note("never", std::nullopt)));
  EXPECT_EQ(run(files().notes("nfs/client/")).value(), (Notes{{"nfs/client/2", "two"}}));
}

class PosixOwners : public Exports {
 protected:
  std::string add_user(const std::string& name, std::optional<uint32_t> uid, std::optional<uint32_t> gid) {
    meta::UserRecord user;
    user.name = name;
    user.uid = uid;
    user.gid = gid;
    const auto added = run(plane().users().add(user));
    EXPECT_TRUE(added);
    return added ? added->id : std::string();
  }
  plane::PosixOwner owner_of(const meta::InodeRecord& record) {
    return plane::posix_owner(plane().core(), *plane().volume("vol").value(), record);
  }
};

TEST_F(PosixOwners, AreTheS3UsersElseTheVolumesDefaults) {
  const std::string ann = add_user("ann", 1000, 100), bob = add_user("bob", 1001, {}), eve = add_user("eve", {}, {});
  plane::VolumeChange change;
  change.exports.default_owner = {500, 501};
  change.exports.modes = {0640, 0750};
  set(change);
  meta::InodeRecord file;
  file.owner = ann;
  EXPECT_EQ(owner_of(file).uid, 1000u);
  EXPECT_EQ(owner_of(file).gid, 100u);
  EXPECT_EQ(owner_of(file).mode, 0640u);
  file.owner = bob;
  EXPECT_EQ(owner_of(file).uid, 1001u);
  EXPECT_EQ(owner_of(file).gid, 501u);
  for (const std::string& owner : {eve, std::string("gone"), std::string(plane::kRootUserId)}) {
    file.owner = owner;
    EXPECT_EQ(owner_of(file).uid, 500u);
    EXPECT_EQ(owner_of(file).gid, 501u);
  }
  meta::InodeRecord directory;
  directory.type = meta::InodeType::kDirectory;
  EXPECT_EQ(owner_of(directory).uid, 500u);
  EXPECT_EQ(owner_of(directory).mode, 0750u);
  // What a file protocol has set stays, also zero.
  file.posix = true;
  file.mode = 04711;
  file.owner = ann;
  EXPECT_EQ(owner_of(file).uid, 0u);
  EXPECT_EQ(owner_of(file).gid, 0u);
  EXPECT_EQ(owner_of(file).mode, 04711u);
}

TEST_F(PosixOwners, AUserThatGetsAUidOwnsWhatItWroteBefore) {
  const std::string ann = add_user("ann", {}, {});
  meta::InodeRecord file;
  file.owner = ann;
  EXPECT_EQ(owner_of(file).uid, meta::kNobody);
  plane::UserChange change;
  change.uid = 1000;
  ASSERT_TRUE(run(plane().users().set("ann", change)));
  EXPECT_EQ(owner_of(file).uid, 1000u);
  change.uid = std::optional<uint32_t>();
  ASSERT_TRUE(run(plane().users().set(ann, change)));
  EXPECT_EQ(owner_of(file).uid, meta::kNobody);
}

TEST_F(PosixOwners, TheS3OwnerIsTheUserWithTheUidElseTheVolumes) {
  const std::string ann = add_user("ann", 1000, 100);
  const auto volume = plane().volume("vol").value();
  EXPECT_EQ(plane::s3_owner_of(plane().core(), *volume, 1000), ann);
  EXPECT_EQ(plane::s3_owner_of(plane().core(), *volume, 1001), plane::kRootUserId);
  ASSERT_TRUE(run(plane().users().remove("ann")));
  EXPECT_EQ(plane::s3_owner_of(plane().core(), *volume, 1000), plane::kRootUserId);
}

TEST_F(PosixOwners, AreOnePersonOverBothProtocols) {
  const std::string ann = add_user("ann", 1000, 100);
  plane::VolumeChange open_to_all;
  open_to_all.exports.modes = {0644, 0777};
  set(open_to_all);
  // What ann writes over S3 is hers as a file.
  meta::AccessList anyone = {{meta::GranteeKind::kAllUsers, "", meta::Permission::kFullControl}};
  plane::VolumeChange writable;
  writable.access = anyone;
  set(writable);
  const auto writer = run(plane().open_writer(user_caller(ann), ref("over-s3"), {}));
  ASSERT_TRUE(writer) << writer.error().to_string();
  ASSERT_TRUE(run(write_all(writer->get(), "x", {})));
  FileCaller caller;
  caller.uid = 1000;
  caller.gid = 100;
  const auto file = run(files().lookup(caller, root(), "over-s3"));
  ASSERT_TRUE(file) << file.error().to_string();
  EXPECT_EQ(file->uid, 1000u);
  EXPECT_EQ(file->gid, 100u);
  EXPECT_EQ(file->mode, 0644u);
  // And what she makes as a file is hers over S3; somebody's without a user is the volume owner's.
  ASSERT_TRUE(run(files().create(caller, root(), "over-nfs", {})));
  caller.uid = 1234;
  ASSERT_TRUE(run(files().create(caller, root(), "strangers", {})));
  ASSERT_TRUE(stat("over-nfs") && stat("strangers"));
  EXPECT_EQ(stat("over-nfs")->record.owner, ann);
  EXPECT_EQ(stat("strangers")->record.owner, plane::kRootUserId);
}

TEST_F(Exports, AQuotaOfFilesHoldsForThemToo) {
  plane::VolumeChange change;
  change.quota_objects = 2;
  set(change);
  FileCaller caller;
  caller.uid = 0;
  caller.super_user = true;
  ASSERT_TRUE(put("over-s3", "x"));
  ASSERT_TRUE(run(files().create(caller, root(), "one", {})));
  EXPECT_TRUE(failed_with(run(files().create(caller, root(), "two", {})), Code::kNoSpace, Reason::kQuota));
  EXPECT_TRUE(failed_with(put("three", "x"), Code::kNoSpace, Reason::kQuota));
  EXPECT_EQ(run(files().lookup(caller, root(), "two")).error().code, Code::kNotFound);
  // An open of what is there makes nothing.
  EXPECT_TRUE(run(files().create(caller, root(), "one", {})));
  ASSERT_TRUE(run(files().remove(caller, root(), "one")));
  EXPECT_TRUE(run(files().create(caller, root(), "two", {})));
  EXPECT_EQ(run(files().space(root())).value().free_files, 0u);
}

}  // namespace
}  // namespace tp::test
