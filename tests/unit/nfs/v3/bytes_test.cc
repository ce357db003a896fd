// READ, WRITE, COMMIT.
#include "unit/nfs/v3/v3_client.h"

namespace tp::nfs::v3 {
namespace {

struct Got {
  Status3 status = Status3::kOk;
  Bytes data;
  bool end = false;
};
Got read(V3Client& client, BytesView file, uint64_t offset, uint32_t count) {
  Reply reply = client.call(Proc::kRead, Args().bytes(file).u64(offset).u32(count));
  EXPECT_TRUE(reply.post_attributes());
  Got got;
  got.status = reply.status;
  if (reply.status != Status3::kOk) return got;
  const uint32_t size = reply.in().u32();
  got.end = reply.in().boolean();
  got.data = Bytes(reply.in().opaque(kMaxIoBytes));
  EXPECT_EQ(got.data.size(), size);
  EXPECT_TRUE(reply.whole());
  return got;
}
struct Written {
  Status3 status = Status3::kOk;
  uint32_t count = 0, stability = 0;
  uint64_t verifier = 0;
};
Written write(V3Client& client, BytesView file, uint64_t offset, BytesView data, uint32_t stability) {
  const auto count = static_cast<uint32_t>(data.size());
  Reply reply = client.call(Proc::kWrite, Args().bytes(file).u64(offset).u32(count).u32(stability).bytes(data));
  const Reply::Change change = reply.change();
  EXPECT_TRUE(change.after);
  Written written;
  written.status = reply.status;
  if (reply.status == Status3::kOk) {
    EXPECT_TRUE(change.size_before);
    written.count = reply.in().u32();
    written.stability = reply.in().u32();
    written.verifier = reply.in().u64();
  }
  EXPECT_TRUE(reply.whole());
  return written;
}

TEST(Write, IsReadBackByFilesAndS3) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes file = client.create(client.root(), "f");
  const Written first = write(client, file, 0, "hello", 0);
  EXPECT_EQ(first.status, Status3::kOk);
  EXPECT_EQ(first.count, 5u);
  EXPECT_EQ(read(client, file, 0, 100).data, "hello");
  EXPECT_EQ(client.attributes(file).size, 5u);
  EXPECT_EQ(write(client, file, 5, " world", 2).stability, 2u);
  Reply committed = client.call(Proc::kCommit, Args().bytes(file).u64(0).u32(0));
  EXPECT_EQ(committed.status, Status3::kOk);
  EXPECT_TRUE(committed.change().after);
  EXPECT_EQ(committed.in().u64(), first.verifier);
  EXPECT_TRUE(committed.whole());
  const auto object = rig.run(test::get_object(&rig.store().plane(), {test::NfsRig::kVolume, "f"}));
  ASSERT_TRUE(object) << object.error().to_string();
  EXPECT_EQ(*object, "hello world");
}

TEST(Write, RefusesWhatCannotBe) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes file = client.create(client.root(), "f");
  EXPECT_EQ(write(client, file, UINT64_MAX - 3, "data", 2).status, Status3::kFbig);
  EXPECT_EQ(write(client, file, INT64_MAX - 3, "data", 2).status, Status3::kFbig);
  EXPECT_EQ(write(client, client.root(), 0, "data", 2).status, Status3::kIsDir);
  EXPECT_TRUE(client.call(Proc::kWrite, Args().bytes(file).u64(0).u32(5).u32(2).bytes("data")).garbage());
  EXPECT_TRUE(client.call(Proc::kWrite, Args().bytes(file).u64(0).u32(4).u32(3).bytes("data")).garbage());
  V3Client other(rig, {.uid = 5, .gid = 5});
  EXPECT_EQ(write(other, file, 0, "data", 2).status, Status3::kAcces);
}

TEST(Write, VerifierChangesWithARestart) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes file = client.create(client.root(), "f");
  const Written before = write(client, file, 0, "data", 0);
  rig.restart();
  const Written after = write(client, file, 0, "data", 0);
  EXPECT_EQ(after.status, Status3::kOk);
  EXPECT_NE(before.verifier, after.verifier);
}

TEST(Read, GivesWhatS3StoredWithItsEnd) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes data = test::make_data(1, (3 << 20) + 5);
  ASSERT_TRUE(rig.run(test::put_object(&rig.store().plane(), {test::NfsRig::kVolume, "big"}, data)));
  Bytes file;
  ASSERT_EQ(client.look_up(client.root(), "big", &file), Status3::kOk);
  Bytes back;
  for (Got got; !got.end && back.size() <= data.size();) {
    got = read(client, file, back.size(), UINT32_MAX);
    ASSERT_EQ(got.status, Status3::kOk);
    back += got.data;
  }
  EXPECT_TRUE(back == data);
  EXPECT_TRUE(read(client, file, 7, 13).data == data.substr(7, 13));
  EXPECT_TRUE(read(client, file, data.size(), 10).end);
  const Got behind = read(client, file, UINT64_MAX, 10);
  EXPECT_EQ(behind.status, Status3::kOk);
  EXPECT_TRUE(behind.end && behind.data.empty());
  EXPECT_EQ(read(client, client.root(), 0, 10).status, Status3::kIsDir);
}

TEST(SetAttr, CutsAndGrows) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes file = client.create(client.root(), "f");
  EXPECT_EQ(write(client, file, 0, "hello world", 2).status, Status3::kOk);
  EXPECT_EQ(client.change_of(Proc::kSetAttr, Args().bytes(file).set_size(5).u32(0)), Status3::kOk);
  EXPECT_EQ(client.change_of(Proc::kSetAttr, Args().bytes(file).set_size(8).u32(0)), Status3::kOk);
  EXPECT_EQ(read(client, file, 0, 100).data, BytesView("hello\0\0\0", 8));
}

}  // namespace
}  // namespace tp::nfs::v3
