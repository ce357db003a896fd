// ".snapshot" over NFSv4: fsid, fileid, mounted_on_fileid, the way up, opens.
#include "plane/tree/snapshots/snapshot_ids.h"
#include "unit/nfs/v4/v4_client.h"

namespace tp::nfs::v4 {
namespace {

class Snapshots4 : public ::testing::Test {
 protected:
  void put(const std::string& key, Bytes data) {
    ASSERT_TRUE(rig_.run(test::put_object(&rig_.plane(), {kVolume, key}, std::move(data))));
  }
  void take(const std::string& name) {
    const auto made = rig_.run(rig_.plane().snapshots().create(test::operator_caller(), {kVolume}, name));
    ASSERT_TRUE(made) << made.error().to_string();
  }
  /// The file that LOOKUPP leads to.
  Bytes above(V4Client& client, BytesView handle) {
    V4Reply reply = client.run(Ops().put_fh(handle).op(Op::kLookupP).get_fh());
    EXPECT_EQ(reply.status, Status::kOk);
    reply.next(Op::kPutFh);
    reply.next(Op::kLookupP);
    EXPECT_EQ(reply.next(Op::kGetFh), Status::kOk);
    return Bytes(reply.in().opaque(kHandleLimit));
  }

  V4Rig rig_;
};

TEST_F(Snapshots4, EachIsAFileSystemOfItsOwn) {
  put("d/file", "then");
  take("first");
  take("second");
  V4Client client(rig_);
  const auto fsid = [&](std::string_view path) { return client.attributes_of(path, {Attribute::kFsid}); };
  const auto number = [&](std::string_view path) { return client.number_of(path, Attribute::kFileId); };
  EXPECT_EQ(fsid("vol/d/.snapshot"), fsid("vol/d"));
  EXPECT_NE(number("vol/d/.snapshot"), number("vol/d"));
  EXPECT_NE(number("vol/d/.snapshot"), number("vol/.snapshot"));
  EXPECT_NE(fsid("vol/.snapshot/first"), fsid("vol"));
  EXPECT_NE(fsid("vol/.snapshot/first"), fsid("vol/.snapshot/second"));
  EXPECT_EQ(fsid("vol/.snapshot/first/d"), fsid("vol/d/.snapshot/first"));
  EXPECT_EQ(number("vol/.snapshot/first/d"), number("vol/d"));
  EXPECT_EQ(client.number_of("vol/.snapshot/first", Attribute::kMountedOnFileId), number("vol/.snapshot/first"));
}

TEST_F(Snapshots4, TheWayUpEndsInThePseudoRoot) {
  put("d/file", "then");
  take("s");
  V4Client client(rig_);
  const Bytes then = client.handle_of("vol/.snapshot/s");
  EXPECT_EQ(above(client, client.handle_of("vol/.snapshot/s/d")), then);
  EXPECT_EQ(above(client, then), client.handle_of("vol/.snapshot"));
  EXPECT_EQ(above(client, client.handle_of("vol/.snapshot")), client.handle_of("vol"));
  EXPECT_EQ(above(client, client.handle_of("vol/d/.snapshot")), client.handle_of("vol/d"));
  EXPECT_EQ(client.handle_of("vol@s"), then);
  EXPECT_EQ(client.status_of(Ops().path("vol/.snapshot/none")), Status::kNoEnt);
  EXPECT_EQ(client.status_of(Ops().path("vol@none")), Status::kNoEnt);
}

TEST_F(Snapshots4, ReadDirNamesThemWithTheirOwnFileSystems) {
  put("d/file", "then");
  take("one");
  take("two");
  V4Client client(rig_);
  const Bitmap wanted = {Attribute::kType, Attribute::kFsid, Attribute::kFileId, Attribute::kMountedOnFileId};
  const auto list = [&](BytesView handle) {
    V4Reply reply = client.run(Ops().put_fh(handle).op(Op::kReadDir).u64(0).u64(0).u32(9999).u32(9999).bitmap(wanted));
    EXPECT_EQ(reply.status, Status::kOk);
    reply.next(Op::kPutFh);
    reply.next(Op::kReadDir);
    reply.in().u64();
    std::map<std::string, Bytes> found;
    while (reply.in().boolean()) {
      reply.in().u64();
      const std::string name(reply.in().opaque(255));
      EXPECT_EQ(Bitmap::read(reply.in()), wanted);
      found[name] = Bytes(reply.in().opaque(4096));
    }
    EXPECT_TRUE(reply.in().boolean());
    return found;
  };
  const auto found = list(client.handle_of("vol/d/.snapshot"));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NE(found.at("one"), found.at("two"));
  for (const char* name : {"one", "two"}) {
    EXPECT_EQ(found.at(name), client.attributes_of(std::string("vol/d/.snapshot/") + name, wanted));
  }
  EXPECT_EQ(list(client.handle_of("vol")).size(), 1u);  // "d" alone
}

TEST_F(Snapshots4, FilesAreOpenedForReadingAlone) {
  put("file", "then");
  take("s");
  put("file", "now");
  V4Client client(rig_);
  const auto opened = client.open(Ops().path("vol/.snapshot/s").open("file", kShareAccessRead), 4);
  V4Reply reply = client.run(Ops().put_fh(opened.handle).read(opened.stateid, 0, 100));
  ASSERT_EQ(reply.status, Status::kOk);
  reply.next(Op::kPutFh);
  reply.next(Op::kRead);
  EXPECT_TRUE(reply.in().boolean());
  EXPECT_EQ(reply.in().opaque(100), "then");
  EXPECT_EQ(client.status_of(Ops().put_fh(opened.handle).close(opened.stateid)), Status::kOk);

  EXPECT_EQ(client.status_of(Ops().path("vol/.snapshot/s").open("file", kShareAccessBoth)), Status::kRofs);
  EXPECT_EQ(client.status_of(Ops().path("vol/.snapshot/s").open_create("new")), Status::kRofs);
  EXPECT_EQ(client.status_of(Ops().path("vol/.snapshot").open_create("new")), Status::kRofs);
  EXPECT_EQ(client.status_of(Ops().path("vol/.snapshot/s").make_directory("new")), Status::kRofs);
  EXPECT_EQ(client.status_of(Ops().path("vol/.snapshot").make_directory("new")), Status::kRofs);
  EXPECT_EQ(client.status_of(Ops().path("vol").make_directory(".snapshot")), Status::kExist);
  EXPECT_EQ(client.status_of(Ops().path("vol").open(".snapshot", kShareAccessRead)), Status::kIsDir);
  EXPECT_EQ(client.status_of(Ops().path("vol/.snapshot").open("s", kShareAccessRead)), Status::kIsDir);
  EXPECT_EQ(client.status_of(Ops().path("vol").op(Op::kRemove).opaque(".snapshot")), Status::kRofs);
}

TEST_F(Snapshots4, AnOpenFileOutlivesARestart) {
  put("file", "then");
  take("s");
  Bytes handle;
  {
    V4Client client(rig_);
    handle = client.handle_of("vol/.snapshot/s/file");
  }
  rig_.restart();
  V4Client client(rig_);
  EXPECT_EQ(client.status_of(Ops().put_fh(handle).get_attr({Attribute::kSize})), Status::kOk);
  ASSERT_TRUE(rig_.run(rig_.plane().snapshots().remove(test::operator_caller(), kVolume, "s")));
  EXPECT_EQ(client.status_of(Ops().put_fh(handle).get_attr({Attribute::kSize})), Status::kStale);
}

}  // namespace
}  // namespace tp::nfs::v4
