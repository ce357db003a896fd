// Procedures on names and attributes.
#include "unit/nfs/v3/v3_client.h"

namespace tp::nfs::v3 {
namespace {

TEST(GetAttr, TellsOfTheRoot) {
  test::NfsRig rig;
  V3Client client(rig);
  const Attributes root = client.attributes(client.root());
  EXPECT_EQ(root.type, 2u);
  EXPECT_EQ(root.mode, 0755u);
  EXPECT_GE(root.links, 2u);
  EXPECT_NE(root.fileid, 0u);
}

TEST(SetAttr, ChangesWhatIsSetAndGuards) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes file = client.create(client.root(), "f");
  Args all;
  all.bytes(file).u32(1).u32(04711).u32(1).u32(7).u32(1).u32(8).u32(0);
  all.u32(2).u32(1000).u32(1).u32(2).u32(2000).u32(999'999'999).u32(0);
  EXPECT_EQ(client.change_of(Proc::kSetAttr, all), Status3::kOk);
  const Attributes got = client.attributes(file);
  EXPECT_EQ(got.mode & 0777, 0711u);
  EXPECT_EQ(got.uid, 7u);
  EXPECT_EQ(got.gid, 8u);
  EXPECT_EQ(got.accessed, 1000ull << 32 | 1);
  EXPECT_EQ(got.modified, 2000ull << 32 | 999'999'999);
  EXPECT_EQ(client.change_of(Proc::kSetAttr, Args().bytes(file).set(0600).u32(1).u64(1ull << 32)), Status3::kNotSync);
  EXPECT_EQ(client.change_of(Proc::kSetAttr, Args().bytes(file).set(0600).u32(1).u64(got.changed)), Status3::kOk);
  EXPECT_EQ(client.attributes(file).mode, 0600u);
  EXPECT_GT(client.attributes(file).changed, got.changed);
}

TEST(SetAttr, TakesNoTimeThatIsNone) {
  test::NfsRig rig;
  V3Client client(rig);
  Args args;
  args.bytes(client.root()).u32(0).u32(0).u32(0).u32(0).u32(2).u32(1).u32(1'000'000'000).u32(0).u32(0);
  EXPECT_TRUE(client.call(Proc::kSetAttr, args).garbage());
  EXPECT_EQ(client.change_of(Proc::kSetAttr, Args().bytes(client.root()).set_size(UINT64_MAX).u32(0)), Status3::kFbig);
}

TEST(Lookup, FindsDotsNamesAndNothing) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes directory = client.make_directory(client.root(), "d");
  const Bytes file = client.create(directory, "f");
  Bytes found;
  EXPECT_EQ(client.look_up(directory, "f", &found), Status3::kOk);
  EXPECT_EQ(found, file);
  EXPECT_EQ(client.look_up(directory, ".", &found), Status3::kOk);
  EXPECT_EQ(found, directory);
  EXPECT_EQ(client.look_up(directory, "..", &found), Status3::kOk);
  EXPECT_EQ(found, client.root());
  EXPECT_EQ(client.look_up(client.root(), "..", &found), Status3::kOk);
  EXPECT_EQ(found, client.root());
  EXPECT_EQ(client.look_up(directory, "none"), Status3::kNoEnt);
  EXPECT_EQ(client.look_up(file, "x"), Status3::kNotDir);
  EXPECT_EQ(client.look_up(file, "."), Status3::kNotDir);
  EXPECT_EQ(client.look_up(directory, ""), Status3::kInval);
  EXPECT_EQ(client.look_up(directory, std::string(256, 'x')), Status3::kNameTooLong);
}

TEST(Access, GrantsWhatTheModeGrants) {
  test::NfsRig rig;
  V3Client root(rig);
  const Bytes file = root.create(root.root(), "f");
  V3Client other(rig, {.uid = 5, .gid = 5});
  const auto access = [](V3Client& client, BytesView handle) {
    Reply reply = client.call(Proc::kAccess, Args().bytes(handle).u32(0x3f));
    EXPECT_EQ(reply.status, Status3::kOk);
    EXPECT_TRUE(reply.post_attributes());
    const uint32_t granted = reply.in().u32();
    EXPECT_TRUE(reply.whole());
    return granted;
  };
  EXPECT_EQ(access(other, file), 0x01u);
  EXPECT_EQ(access(root, file), 0x0du);
  EXPECT_EQ(access(other, other.root()), 0x03u);
  EXPECT_EQ(access(root, root.root()), 0x1fu);
}

TEST(Create, MakesUncheckedGuardedAndExclusive) {
  test::NfsRig rig;
  V3Client client(rig);
  Reply made = client.call(Proc::kCreate, Args().at(client.root(), "f").u32(2).u64(77));
  ASSERT_EQ(made.status, Status3::kOk);
  const Bytes file = made.post_handle();
  EXPECT_TRUE(made.post_attributes());
  const Reply::Change change = made.change();
  EXPECT_TRUE(change.changed_before && change.after);
  EXPECT_TRUE(made.whole());
  Reply again = client.call(Proc::kCreate, Args().at(client.root(), "f").u32(2).u64(77));
  EXPECT_EQ(again.status, Status3::kOk);
  EXPECT_EQ(again.post_handle(), file);
  EXPECT_EQ(client.change_of(Proc::kCreate, Args().at(client.root(), "f").u32(2).u64(78)), Status3::kExist);
  EXPECT_EQ(client.change_of(Proc::kCreate, Args().at(client.root(), "f").u32(1).set()), Status3::kExist);
  EXPECT_EQ(client.change_of(Proc::kCreate, Args().at(client.root(), ".").u32(1).set()), Status3::kExist);
  EXPECT_EQ(client.change_of(Proc::kCreate, Args().at(client.root(), "a/b").u32(1).set()), Status3::kInval);
  Reply unchecked = client.call(Proc::kCreate, Args().at(client.root(), "f").u32(0).set());
  EXPECT_EQ(unchecked.status, Status3::kOk);
  EXPECT_EQ(unchecked.post_handle(), file);
  EXPECT_TRUE(client.call(Proc::kCreate, Args().at(client.root(), "g").u32(3).set()).garbage());
}

TEST(Mknod, MakesPipesSocketsAndDevices) {
  test::NfsRig rig;
  V3Client client(rig);
  for (const uint32_t type : {3u, 4u, 6u, 7u}) {
    Args args;
    args.at(client.root(), "n" + std::to_string(type)).u32(type).set(0600);
    if (type <= 4) args.u32(8).u32(1);
    Reply reply = client.call(Proc::kMknod, args);
    ASSERT_EQ(reply.status, Status3::kOk) << type;
    const Attributes got = client.attributes(reply.post_handle());
    EXPECT_EQ(got.type, type);
    EXPECT_EQ(got.device, type <= 4 ? 8ull << 32 | 1 : 0);
  }
  for (const uint32_t type : {0u, 1u, 2u, 5u, 8u}) {
    EXPECT_EQ(client.change_of(Proc::kMknod, Args().at(client.root(), "x").u32(type)), Status3::kBadType);
  }
}

TEST(Symlink, IsReadBack) {
  test::NfsRig rig;
  V3Client client(rig);
  Reply made = client.call(Proc::kSymlink, Args().at(client.root(), "l").set().bytes("../x"));
  ASSERT_EQ(made.status, Status3::kOk);
  const Bytes link = made.post_handle();
  Reply read = client.call(Proc::kReadLink, Args().bytes(link));
  EXPECT_EQ(read.status, Status3::kOk);
  EXPECT_EQ(read.post_attributes()->type, 5u);
  EXPECT_EQ(read.in().opaque(100), "../x");
  EXPECT_EQ(client.call(Proc::kReadLink, Args().bytes(client.root())).status, Status3::kInval);
  const auto refused = [&](BytesView path) {
    return client.change_of(Proc::kSymlink, Args().at(client.root(), "m").set().bytes(path));
  };
  EXPECT_EQ(refused(""), Status3::kNoEnt);
  EXPECT_EQ(refused(std::string(4096, 'x')), Status3::kNameTooLong);
  EXPECT_EQ(refused(BytesView("a\0b", 3)), Status3::kInval);
}

TEST(Remove, TakesFilesAndRmdirEmptyDirectories) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes directory = client.make_directory(client.root(), "d");
  const Bytes file = client.create(directory, "f");
  EXPECT_EQ(client.change_of(Proc::kRemove, Args().at(client.root(), "d")), Status3::kIsDir);
  EXPECT_EQ(client.change_of(Proc::kRmdir, Args().at(client.root(), "d")), Status3::kNotEmpty);
  EXPECT_EQ(client.change_of(Proc::kRmdir, Args().at(directory, "f")), Status3::kNotDir);
  EXPECT_EQ(client.change_of(Proc::kRmdir, Args().at(directory, ".")), Status3::kInval);
  EXPECT_EQ(client.change_of(Proc::kRmdir, Args().at(directory, "..")), Status3::kExist);
  EXPECT_EQ(client.change_of(Proc::kRemove, Args().at(directory, "f")), Status3::kOk);
  EXPECT_EQ(client.change_of(Proc::kRemove, Args().at(directory, "f")), Status3::kNoEnt);
  EXPECT_EQ(client.call(Proc::kGetAttr, Args().bytes(file)).status, Status3::kStale);
  EXPECT_EQ(client.change_of(Proc::kRmdir, Args().at(client.root(), "d")), Status3::kOk);
}

TEST(Rename, TellsOfBothDirectories) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes directory = client.make_directory(client.root(), "d");
  const Bytes file = client.create(client.root(), "f");
  Reply moved = client.call(Proc::kRename, Args().at(client.root(), "f").at(directory, "g"));
  EXPECT_EQ(moved.status, Status3::kOk);
  EXPECT_TRUE(moved.change().changed_before);
  EXPECT_TRUE(moved.change().changed_before);
  EXPECT_TRUE(moved.whole());
  Bytes found;
  EXPECT_EQ(client.look_up(directory, "g", &found), Status3::kOk);
  EXPECT_EQ(found, file);
  Reply refused = client.call(Proc::kRename, Args().at(client.root(), "f").at(directory, "g"));
  EXPECT_EQ(refused.status, Status3::kNoEnt);
  EXPECT_TRUE(refused.change().after);
  EXPECT_TRUE(refused.change().after);
  EXPECT_TRUE(refused.whole());
  rig.add_volume("two");
  const Bytes two = client.mount("/two");
  EXPECT_EQ(client.call(Proc::kRename, Args().at(directory, "g").at(two, "g")).status, Status3::kXdev);
  EXPECT_EQ(client.call(Proc::kLink, Args().bytes(file).at(two, "g")).status, Status3::kXdev);
}

TEST(Link, AddsAName) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes file = client.create(client.root(), "f");
  Reply reply = client.call(Proc::kLink, Args().bytes(file).at(client.root(), "g"));
  EXPECT_EQ(reply.status, Status3::kOk);
  EXPECT_EQ(reply.post_attributes()->links, 2u);
  EXPECT_TRUE(reply.change().changed_before);
  EXPECT_TRUE(reply.whole());
  Bytes found;
  EXPECT_EQ(client.look_up(client.root(), "g", &found), Status3::kOk);
  EXPECT_EQ(found, file);
}

TEST(FileSystem, TellsItsLimits) {
  test::NfsRig rig;
  V3Client client(rig);
  Reply info = client.call(Proc::kFsInfo, Args().bytes(client.root()));
  EXPECT_EQ(info.status, Status3::kOk);
  EXPECT_TRUE(info.post_attributes());
  EXPECT_EQ(info.in().u32(), kMaxIoBytes);
  EXPECT_EQ(info.in().fixed(44 - 4).size(), 40u);
  EXPECT_EQ(info.in().u32(), 0x1bu);
  EXPECT_TRUE(info.whole());
  Reply status = client.call(Proc::kFsStat, Args().bytes(client.root()));
  EXPECT_EQ(status.status, Status3::kOk);
  EXPECT_TRUE(status.post_attributes());
  EXPECT_GT(status.in().u64(), 0u);
  EXPECT_EQ(status.in().fixed(5 * 8 + 4).size(), 44u);
  EXPECT_TRUE(status.whole());
  Reply limits = client.call(Proc::kPathConf, Args().bytes(client.root()));
  EXPECT_EQ(limits.status, Status3::kOk);
  EXPECT_TRUE(limits.post_attributes());
  EXPECT_EQ(limits.in().u32(), plane::kMaxLinks);
  EXPECT_EQ(limits.in().u32(), 255u);
  EXPECT_EQ(limits.in().fixed(16).size(), 16u);
  EXPECT_TRUE(limits.whole());
}

}  // namespace
}  // namespace tp::nfs::v3
