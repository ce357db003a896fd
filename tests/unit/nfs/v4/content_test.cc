#include "unit/nfs/v4/v4_client.h"

namespace tp::nfs::v4 {
namespace {

struct ReadBack {
  Status status = Status::kOk;
  bool end = false;
  Bytes data;
};
ReadBack read(V4Client& client, BytesView handle, uint64_t offset, uint32_t bytes,
              const StateId& stateid = StateId::anonymous(), bool cache = false) {
  V4Reply reply = client.run(Ops().put_fh(handle).read(stateid, offset, bytes), cache);
  ReadBack back;
  back.status = reply.status;
  if (reply.status != Status::kOk) return back;
  EXPECT_EQ(reply.next(Op::kPutFh), Status::kOk);
  EXPECT_EQ(reply.next(Op::kRead), Status::kOk);
  back.end = reply.in().boolean();
  back.data = Bytes(reply.in().opaque(kMaxIoBytes));
  EXPECT_TRUE(reply.in().good() && reply.in().at_end());
  return back;
}
Status write(V4Client& client, const V4Client::Opened& file, uint64_t offset, BytesView data, uint32_t stable = 2) {
  return client.status_of(Ops().put_fh(file.handle).write(file.stateid, offset, data, stable));
}
/// Source and target of a COPY or CLONE.
Ops between(const V4Client::Opened& source, const V4Client::Opened& target, Op op, uint64_t source_offset,
            uint64_t target_offset, uint64_t length) {
  Ops ops;
  ops.put_fh(source.handle).op(Op::kSaveFh).put_fh(target.handle).op(op);
  ops.stateid(source.stateid).stateid(target.stateid).u64(source_offset).u64(target_offset).u64(length);
  return ops;
}
Ops space(Op op, const V4Client::Opened& file, uint64_t offset, uint64_t length) {
  return Ops().put_fh(file.handle).op(op).stateid(file.stateid).u64(offset).u64(length);
}

TEST(Write, IsReadBackWithItsEnd) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  V4Reply reply = client.run(Ops().put_fh(file.handle).write(file.stateid, 3, "abc", 0));
  ASSERT_EQ(reply.status, Status::kOk);
  EXPECT_EQ(reply.next(Op::kPutFh), Status::kOk);
  EXPECT_EQ(reply.next(Op::kWrite), Status::kOk);
  EXPECT_EQ(reply.in().u32(), 3u);
  EXPECT_LE(reply.in().u32(), 2u);
  const uint64_t verifier = reply.in().u64();
  V4Reply committed = client.run(Ops().put_fh(file.handle).op(Op::kCommit).u64(0).u32(0));
  ASSERT_EQ(committed.status, Status::kOk);
  EXPECT_EQ(committed.next(Op::kPutFh), Status::kOk);
  EXPECT_EQ(committed.next(Op::kCommit), Status::kOk);
  EXPECT_EQ(committed.in().u64(), verifier);
  ReadBack back = read(client, file.handle, 0, 100);
  EXPECT_EQ(back.data, BytesView("\0\0\0abc", 6));
  EXPECT_TRUE(back.end);
  back = read(client, file.handle, 1, 3);
  EXPECT_EQ(back.data, BytesView("\0\0a", 3));
  EXPECT_FALSE(back.end);
  back = read(client, file.handle, 6, 10);
  EXPECT_TRUE(back.data.empty() && back.end);
  back = read(client, file.handle, UINT64_MAX, 10);
  EXPECT_TRUE(back.status == Status::kOk && back.data.empty() && back.end);
  rig.restart();
  V4Client after(rig, "after", V4Client::Limits{.reclaims = true});
  EXPECT_EQ(read(after, file.handle, 3, 3).status, Status::kGrace);
}

TEST(Write, LargeOnesAndTheirRetries) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  const Bytes data = test::make_data(3, 1 << 20);
  ASSERT_EQ(write(client, file, 0, data, 0), Status::kOk);
  ASSERT_EQ(write(client, file, data.size(), data, 0), Status::kOk);
  EXPECT_TRUE(read(client, file.handle, 0, 1 << 20).data == data);
  EXPECT_TRUE(read(client, file.handle, 512 << 10, 1 << 20, file.stateid).data ==
              data.substr(512 << 10) + data.substr(0, 512 << 10));
  // A reply that the slot keeps is small, and the same again.
  EXPECT_EQ(read(client, file.handle, 0, 1 << 20, file.stateid, true).status, Status::kRepTooBigToCache);
  const Bytes request =
      client.request(Ops().put_fh(file.handle).read(file.stateid, 0, 1000).get_fh(), ++client.sequence, true);
  const V4Reply first = rig.call(request), second = rig.call(request);
  EXPECT_EQ(first.status, Status::kOk);
  EXPECT_EQ(first.body(), second.body());
}

TEST(Write, BadArguments) {
  V4Rig rig;
  V4Client client(rig), other(rig, "other");
  const auto file = client.open_created("f");
  EXPECT_EQ(write(client, file, 0, "x", 3), Status::kBadXdr);
  EXPECT_EQ(write(client, file, INT64_MAX, "xx"), Status::kFbig);
  EXPECT_EQ(write(client, file, UINT64_MAX, "xx"), Status::kFbig);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).write(StateId::anonymous(), 0, "x")), Status::kIsDir);
  EXPECT_EQ(write(other, file, 0, "x"), Status::kBadStateId);
  const auto read_only = client.open(Ops().path(kVolume).open("f", kShareAccessRead, "reader"), 2);
  EXPECT_EQ(write(client, read_only, 0, "x"), Status::kOpenMode);
  EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).op(Op::kCommit).u64(UINT64_MAX).u32(2)), Status::kInval);
}

TEST(Write, AnOpenFileKeepsItsBytesWhenS3ReplacesIt) {
  V4Rig rig;
  V4Client client(rig);
  ASSERT_TRUE(rig.run(test::put_object(&rig.plane(), {kVolume, "f"}, Bytes("old"))));
  const auto file = client.open(Ops().path(kVolume).open("f", kShareAccessRead), 2);
  ASSERT_TRUE(rig.run(test::put_object(&rig.plane(), {kVolume, "f"}, Bytes("newer"))));
  EXPECT_EQ(read(client, file.handle, 0, 10, file.stateid).data, "old");
  EXPECT_EQ(read(client, client.handle_of("vol/f"), 0, 10).data, "newer");
}

TEST(Space, AllocateDeallocateAndSeek) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  const Bytes data = test::make_data(4, 1 << 20);
  ASSERT_EQ(write(client, file, 0, data), Status::kOk);
  ASSERT_EQ(client.status_of(space(Op::kDeallocate, file, 256 << 10, 256 << 10)), Status::kOk);
  EXPECT_TRUE(read(client, file.handle, 256 << 10, 256 << 10).data == Bytes(256 << 10, '\0'));
  const auto seek = [&](uint64_t from, uint32_t what) -> std::pair<Status, uint64_t> {
    V4Reply reply = client.run(Ops().put_fh(file.handle).op(Op::kSeek).stateid(file.stateid).u64(from).u32(what));
    if (reply.status != Status::kOk) return {reply.status, 0};
    EXPECT_EQ(reply.next(Op::kPutFh), Status::kOk);
    EXPECT_EQ(reply.next(Op::kSeek), Status::kOk);
    reply.in().boolean();
    return {Status::kOk, reply.in().u64()};
  };
  EXPECT_EQ(seek(0, 1), (std::pair<Status, uint64_t>{Status::kOk, 256 << 10}));
  EXPECT_EQ(seek(300 << 10, 0), (std::pair<Status, uint64_t>{Status::kOk, 512 << 10}));
  EXPECT_EQ(seek(600 << 10, 1), (std::pair<Status, uint64_t>{Status::kOk, 1 << 20}));
  EXPECT_EQ(seek(1 << 20, 0).first, Status::kNxio);
  EXPECT_EQ(seek(UINT64_MAX, 1).first, Status::kNxio);
  EXPECT_EQ(seek(0, 2).first, Status::kUnionNotSupp);
  ASSERT_EQ(client.status_of(space(Op::kAllocate, file, 0, 2 << 20)), Status::kOk);
  EXPECT_EQ(client.number_of("vol/f", Attribute::kSize), 2u << 20);
  EXPECT_TRUE(read(client, file.handle, 0, 256 << 10).data == data.substr(0, 256 << 10));
  for (const Op op : {Op::kAllocate, Op::kDeallocate}) {
    EXPECT_EQ(client.status_of(space(op, file, 0, 0)), Status::kInval);
    EXPECT_EQ(client.status_of(space(op, file, UINT64_MAX, 1)), Status::kFbig);
  }
  EXPECT_EQ(client.status_of(space(Op::kAllocate, file, 1, INT64_MAX)), Status::kFbig);
  EXPECT_EQ(client.status_of(space(Op::kIoAdvise, file, 0, 10).bitmap({})), Status::kOk);
}

TEST(Copy, WithinTheServerAtOnce) {
  V4Rig rig;
  V4Client client(rig);
  const auto source = client.open_created("a"), target = client.open_created("b");
  const Bytes data = test::make_data(5, 300 << 10);
  ASSERT_EQ(write(client, source, 0, data), Status::kOk);
  V4Reply reply = client.run(between(source, target, Op::kCopy, 0, 10, 0).u32(1).u32(0).u32(0));
  ASSERT_EQ(reply.status, Status::kOk);
  for (int i = 0; i < 3; ++i) reply.in().u64();
  EXPECT_EQ(reply.next(Op::kCopy), Status::kOk);
  EXPECT_EQ(reply.in().u32(), 0u);
  EXPECT_EQ(reply.in().u64(), data.size());
  EXPECT_EQ(reply.in().u32(), 2u);
  reply.in().u64();
  EXPECT_TRUE(reply.in().boolean() && reply.in().boolean());
  EXPECT_TRUE(read(client, target.handle, 0, 1 << 20).data == Bytes(10, '\0') + data);
  EXPECT_EQ(client.status_of(between(source, target, Op::kCopy, 1, 0, data.size()).u32(1).u32(1).u32(0)),
            Status::kInval);
  EXPECT_EQ(client.status_of(between(source, target, Op::kCopy, 0, INT64_MAX, 100).u32(1).u32(1).u32(0)),
            Status::kFbig);
  EXPECT_EQ(client.status_of(between(source, target, Op::kCopy, 0, 0, 1).u32(1).u32(1).u32(1)), Status::kNotSupp);
  Ops unsaved;
  unsaved.put_fh(target.handle).op(Op::kCopy).stateid(source.stateid).stateid(target.stateid);
  unsaved.u64(0).u64(0).u64(1).u32(1).u32(1).u32(0);
  EXPECT_EQ(client.status_of(unsaved), Status::kNoFileHandle);
}

TEST(Clone, SharesTheBytes) {
  V4Rig rig;
  V4Client client(rig);
  const auto source = client.open_created("a"), target = client.open_created("b");
  const Bytes data = test::make_data(6, 1 << 20);
  ASSERT_EQ(write(client, source, 0, data), Status::kOk);
  ASSERT_EQ(client.status_of(between(source, target, Op::kClone, 0, 0, 0)), Status::kOk);
  EXPECT_TRUE(read(client, target.handle, 0, 1 << 20).data == data);
  ASSERT_EQ(write(client, source, 0, "changed"), Status::kOk);
  EXPECT_TRUE(read(client, target.handle, 0, 1 << 20).data == data);
  EXPECT_EQ(client.status_of(between(source, target, Op::kClone, 0, 0, 2 << 20)), Status::kInval);
}

TEST(Xattrs, AreSetReadListedAndRemoved) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  const auto set = [&](uint32_t option, BytesView name, BytesView value) {
    return client.status_of(Ops().put_fh(file.handle).op(Op::kSetXattr).u32(option).opaque(name).opaque(value));
  };
  EXPECT_EQ(set(0, "one", "1"), Status::kOk);
  EXPECT_EQ(set(1, "one", "2"), Status::kExist);
  EXPECT_EQ(set(2, "two", "2"), Status::kNoXattr);
  EXPECT_EQ(set(1, "two", "22"), Status::kOk);
  EXPECT_EQ(set(2, "one", "11"), Status::kOk);
  EXPECT_EQ(set(3, "one", "11"), Status::kInval);
  EXPECT_EQ(set(0, "", "1"), Status::kInval);
  EXPECT_EQ(set(0, Bytes(256, 'x'), "1"), Status::kNameTooLong);
  EXPECT_EQ(set(0, "big", Bytes(65 << 10, 'x')), Status::kXattrTooBig);
  V4Reply got = client.run(Ops().put_fh(file.handle).op(Op::kGetXattr).opaque("one"));
  EXPECT_EQ(got.next(Op::kPutFh), Status::kOk);
  EXPECT_EQ(got.next(Op::kGetXattr), Status::kOk);
  EXPECT_EQ(got.in().opaque(100), "11");
  EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).op(Op::kGetXattr).opaque("three")), Status::kNoXattr);
  std::vector<std::string> names;
  uint64_t cookie = 0;
  for (bool end = false; !end;) {
    V4Reply listed = client.run(Ops().put_fh(file.handle).op(Op::kListXattrs).u64(cookie).u32(24));
    ASSERT_EQ(listed.status, Status::kOk);
    EXPECT_EQ(listed.next(Op::kPutFh), Status::kOk);
    EXPECT_EQ(listed.next(Op::kListXattrs), Status::kOk);
    cookie = listed.in().u64();
    for (uint32_t left = listed.in().u32(); left > 0; --left) names.emplace_back(listed.in().opaque(100));
    end = listed.in().boolean();
  }
  EXPECT_EQ(names, (std::vector<std::string>{"one", "two"}));
  const auto list = [&](uint64_t from, uint32_t bytes) {
    return client.status_of(Ops().put_fh(file.handle).op(Op::kListXattrs).u64(from).u32(bytes));
  };
  EXPECT_EQ(list(0, 16), Status::kTooSmall);
  EXPECT_EQ(list(3, 100), Status::kBadCookie);
  const auto remove = [&] { return client.status_of(Ops().put_fh(file.handle).op(Op::kRemoveXattr).opaque("one")); };
  EXPECT_EQ(remove(), Status::kOk);
  EXPECT_EQ(remove(), Status::kNoXattr);
}

}  // namespace
}  // namespace tp::nfs::v4
