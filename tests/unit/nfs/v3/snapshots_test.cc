// ".snapshot" over NFSv3: how clients find it, and by what they tell its file systems apart.
#include <map>

#include "plane/tree/snapshots/snapshot_ids.h"
#include "unit/nfs/v3/v3_client.h"

namespace tp::nfs::v3 {
namespace {

class Snapshots : public ::testing::Test {
 protected:
  void put(const std::string& key, Bytes data) {
    ASSERT_TRUE(rig_.run(test::put_object(&rig_.store().plane(), {"box", key}, std::move(data))));
  }
  void take(const std::string& name) {
    const auto made = rig_.run(rig_.store().plane().snapshots().create(test::operator_caller(), {"box"}, name));
    ASSERT_TRUE(made) << made.error().to_string();
  }
  Bytes find(V3Client& client, Bytes at, const std::vector<std::string>& names) {
    for (const std::string& name : names) EXPECT_EQ(client.look_up(at, name, &at), Status3::kOk) << name;
    return at;
  }
  struct Entry {
    uint64_t fileid = 0, fsid = 0;
    Bytes handle;
  };
  std::map<std::string, Entry> list(V3Client& client, BytesView directory) {
    Reply reply = client.call(Proc::kReadDirPlus, Args().bytes(directory).u64(0).u64(0).u32(32768).u32(32768));
    EXPECT_EQ(reply.status, Status3::kOk);
    reply.post_attributes();
    reply.in().u64();
    std::map<std::string, Entry> entries;
    while (reply.in().boolean()) {
      Entry entry;
      entry.fileid = reply.in().u64();
      const std::string name(reply.in().opaque(255));
      reply.in().u64();
      const auto attributes = reply.post_attributes();
      EXPECT_TRUE(attributes && attributes->fileid == entry.fileid);
      if (attributes) entry.fsid = attributes->fsid;
      entry.handle = reply.post_handle();
      entries[name] = entry;
    }
    EXPECT_TRUE(reply.in().boolean());
    EXPECT_TRUE(reply.whole());
    return entries;
  }
  Bytes read(V3Client& client, BytesView handle) {
    Reply reply = client.call(Proc::kRead, Args().bytes(handle).u64(0).u32(1000));
    EXPECT_EQ(reply.status, Status3::kOk);
    reply.post_attributes();
    reply.in().u32();
    reply.in().boolean();
    return Bytes(reply.in().opaque(1000));
  }

  test::NfsRig rig_;
};

TEST_F(Snapshots, EachIsAFileSystemAndTheirListOneOfItsDirectories) {
  put("d/file", "then");
  take("first");
  take("second");
  put("d/file", "now");
  V3Client client(rig_);
  const Bytes d = find(client, client.root(), {"d"});
  const Bytes dots = find(client, d, {".snapshot"});
  const Attributes live = client.attributes(d), shown = client.attributes(dots);
  EXPECT_EQ(shown.fsid, live.fsid);
  EXPECT_NE(shown.fileid, live.fileid);
  EXPECT_EQ(shown.type, 2u);
  EXPECT_EQ(shown.mode & 0222, 0u);

  const auto all = list(client, dots);
  ASSERT_EQ(all.size(), 4u);  // with "." and ".."
  EXPECT_EQ(all.at(".").handle, dots);
  EXPECT_EQ(all.at("..").handle, d);
  const Entry& first = all.at("first");
  EXPECT_NE(first.fsid, live.fsid);
  EXPECT_NE(first.fsid, all.at("second").fsid);
  EXPECT_EQ(first.fileid, live.fileid);
  EXPECT_EQ(read(client, find(client, first.handle, {"file"})), "then");
  EXPECT_EQ(read(client, find(client, d, {"file"})), "now");
  EXPECT_EQ(find(client, client.root(), {".snapshot", "first", "d"}), first.handle);
  EXPECT_EQ(find(client, find(client, client.root(), {".snapshot", "first"}), {".."}),
            find(client, client.root(), {".snapshot"}));
  // No listing has it.
  EXPECT_FALSE(list(client, client.root()).contains(".snapshot"));
}

TEST_F(Snapshots, AreReadOnlyHoweverOneAsks) {
  put("file", "bytes");
  take("s");
  V3Client client(rig_);
  const Bytes then = find(client, client.root(), {".snapshot", "s"}), file = find(client, then, {"file"});
  const Bytes dots = find(client, client.root(), {".snapshot"});
  for (const Bytes& directory : {then, dots}) {
    EXPECT_EQ(client.change_of(Proc::kCreate, Args().at(directory, "new").u32(1).set(0644)), Status3::kRofs);
    EXPECT_EQ(client.change_of(Proc::kMkdir, Args().at(directory, "new").set(0755)), Status3::kRofs);
    EXPECT_EQ(client.change_of(Proc::kRemove, Args().at(directory, "file")), Status3::kRofs);
    EXPECT_EQ(client.change_of(Proc::kRmdir, Args().at(directory, "s")), Status3::kRofs);
    EXPECT_EQ(client.change_of(Proc::kSetAttr, Args().bytes(directory).set(0777).u32(0)), Status3::kRofs);
  }
  EXPECT_EQ(client.change_of(Proc::kSetAttr, Args().bytes(file).set_size(0).u32(0)), Status3::kRofs);
  EXPECT_EQ(client.call(Proc::kWrite, Args().bytes(file).u64(0).u32(2).u32(2).bytes("no")).status, Status3::kRofs);
  EXPECT_EQ(client.change_of(Proc::kRmdir, Args().at(client.root(), ".snapshot")), Status3::kRofs);
  EXPECT_EQ(client.change_of(Proc::kMkdir, Args().at(client.root(), ".snapshot").set(0755)), Status3::kExist);
  Reply access = client.call(Proc::kAccess, Args().bytes(then).u32(0x3f));
  access.post_attributes();
  EXPECT_EQ(access.in().u32(), 0x03u);  // READ, LOOKUP
  EXPECT_EQ(read(client, file), "bytes");
}

TEST_F(Snapshots, HandlesOutliveARestartAndAreStaleAfterTheSnapshot) {
  put("d/file", "then");
  take("s");
  Bytes dots, file;
  {
    V3Client client(rig_);
    dots = find(client, client.root(), {"d", ".snapshot"});
    file = find(client, dots, {"s", "file"});
  }
  rig_.restart();
  V3Client client(rig_);
  EXPECT_EQ(read(client, file), "then");
  EXPECT_TRUE(list(client, dots).contains("s"));
  ASSERT_TRUE(rig_.run(rig_.store().plane().snapshots().remove(test::operator_caller(), "box", "s")));
  EXPECT_EQ(client.call(Proc::kGetAttr, Args().bytes(file)).status, Status3::kStale);
  EXPECT_EQ(client.look_up(dots, "s"), Status3::kNoEnt);
  EXPECT_FALSE(list(client, dots).contains("s"));
}

TEST_F(Snapshots, CanBeMountedByName) {
  put("d/file", "then");
  take("s");
  V3Client client(rig_);
  const Bytes by_path = find(client, client.root(), {".snapshot", "s"});
  EXPECT_EQ(client.mount("/box@s"), by_path);
  EXPECT_EQ(client.mount("/box/.snapshot/s"), by_path);
  EXPECT_EQ(client.mount("/box/d/.snapshot/s"), find(client, by_path, {"d"}));
}

TEST_F(Snapshots, FsStatOfASnapshotIsFull) {
  put("file", Bytes(1000, 'x'));
  take("s");
  V3Client client(rig_);
  Reply reply = client.call(Proc::kFsStat, Args().bytes(find(client, client.root(), {".snapshot", "s"})));
  ASSERT_EQ(reply.status, Status3::kOk);
  reply.post_attributes();
  EXPECT_EQ(reply.in().u64(), 1000u);
  EXPECT_EQ(reply.in().u64(), 0u);
}

}  // namespace
}  // namespace tp::nfs::v3
