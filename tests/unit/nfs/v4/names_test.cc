#include "unit/nfs/v4/v4_client.h"

namespace tp::nfs::v4 {
namespace {

struct Listed {
  std::vector<std::string> names;
  std::vector<uint64_t> cookies;
  bool end = false;
  Status status = Status::kOk;
};
/// One page of a directory's names.
Listed list(V4Client& client, BytesView handle, uint64_t cookie, uint32_t max_bytes,
            const Bitmap& wanted = {Attribute::kFileId}) {
  Ops ops;
  ops.put_fh(handle).op(Op::kReadDir).u64(cookie).u64(0).u32(max_bytes).u32(max_bytes).bitmap(wanted);
  V4Reply reply = client.run(ops);
  Listed listed;
  listed.status = reply.status;
  if (reply.status != Status::kOk) return listed;
  EXPECT_EQ(reply.next(Op::kPutFh), Status::kOk);
  EXPECT_EQ(reply.next(Op::kReadDir), Status::kOk);
  const size_t start = reply.in().position();
  reply.in().u64();
  while (reply.in().boolean()) {
    listed.cookies.push_back(reply.in().u64());
    listed.names.emplace_back(reply.in().opaque(1024));
    EXPECT_EQ(Bitmap::read(reply.in()), wanted);
    reply.in().opaque(4096);
  }
  listed.end = reply.in().boolean();
  EXPECT_TRUE(reply.in().good() && reply.in().at_end());
  EXPECT_LE(reply.in().position() - start, max_bytes);
  return listed;
}

TEST(PseudoRoot, HoldsTheVolumesAndNothingElse) {
  V4Rig rig;
  rig.add_volume("another");
  V4Client client(rig);
  const Listed listed = list(client, client.handle_of(""), 0, 4096);
  EXPECT_TRUE(listed.end);
  EXPECT_EQ(std::set<std::string>(listed.names.begin(), listed.names.end()),
            (std::set<std::string>{"vol", "another"}));
  const Listed rest = list(client, client.handle_of(""), listed.cookies[0], 4096);
  EXPECT_EQ(rest.names, std::vector<std::string>{listed.names[1]});
  EXPECT_EQ(client.status_of(Ops().path("none")), Status::kNoEnt);
  EXPECT_EQ(client.status_of(Ops().root().op(Op::kLookupP)), Status::kNoEnt);
}

TEST(PseudoRoot, AVolumeIsAFileSystemOfItsOwn) {
  V4Rig rig;
  V4Client client(rig);
  EXPECT_NE(client.attributes_of("", {Attribute::kFsid}), client.attributes_of(kVolume, {Attribute::kFsid}));
  // In the pseudo root the mount point has another number than the root that covers it.
  EXPECT_NE(client.number_of(kVolume, Attribute::kMountedOnFileId), client.number_of(kVolume, Attribute::kFileId));
  client.status_of(Ops().path(kVolume).make_directory("d"));
  EXPECT_EQ(client.number_of("vol/d", Attribute::kMountedOnFileId), client.number_of("vol/d", Attribute::kFileId));
  V4Reply up = client.run(Ops().path(kVolume).op(Op::kLookupP).get_fh());
  ASSERT_EQ(up.status, Status::kOk);
  for (int i = 0; i < 3; ++i) up.in().u64();
  EXPECT_EQ(up.next(Op::kGetFh), Status::kOk);
  EXPECT_EQ(up.in().opaque(kHandleLimit), client.handle_of(""));
}

TEST(PseudoRoot, CannotBeChanged) {
  V4Rig rig;
  V4Client client(rig);
  EXPECT_EQ(client.status_of(Ops().root().make_directory("d")), Status::kRofs);
  EXPECT_EQ(client.status_of(Ops().root().op(Op::kRemove).opaque(kVolume)), Status::kRofs);
  EXPECT_EQ(client.status_of(Ops().root().op(Op::kSaveFh).op(Op::kRename).opaque("a").opaque("b")), Status::kRofs);
  Ops set;
  set.root().op(Op::kSetAttr).stateid(StateId::anonymous()).mode(0);
  EXPECT_EQ(client.status_of(set), Status::kRofs);
  EXPECT_EQ(client.status_of(Ops().root().open_create("f")), Status::kRofs);
  EXPECT_EQ(client.status_of(Ops().root().open("f")), Status::kNoEnt);
  EXPECT_EQ(client.status_of(Ops().root().open(kVolume)), Status::kIsDir);
  EXPECT_EQ(client.status_of(Ops().root().read(StateId::anonymous(), 0, 1)), Status::kIsDir);
  V4Reply access = client.run(Ops().root().op(Op::kAccess).u32(0x3f));
  EXPECT_EQ(access.next(Op::kPutRootFh), Status::kOk);
  EXPECT_EQ(access.next(Op::kAccess), Status::kOk);
  access.in().u32();
  EXPECT_EQ(access.in().u32(), kAccessRead | kAccessLookup);
}

TEST(PseudoRoot, ShowsNoVolumeThatKeepsTheClientOut) {
  V4Rig rig;
  V4Client client(rig);
  const Bytes handle = client.handle_of(kVolume);
  plane::VolumeChange change;
  change.exports.networks = std::vector<std::string>{"10.9.9.0/24"};
  ASSERT_TRUE(rig.run(rig.plane().set_volume(test::operator_caller(), kVolume, std::move(change))));
  EXPECT_TRUE(list(client, client.handle_of(""), 0, 4096).names.empty());
  EXPECT_EQ(client.status_of(Ops().path(kVolume)), Status::kNoEnt);
  // A handle from before does not get in either.
  EXPECT_EQ(client.status_of(Ops().put_fh(handle).get_attr({Attribute::kType})), Status::kAccess);
  EXPECT_EQ(client.status_of(Ops().put_fh(handle).make_directory("d")), Status::kAccess);
}

TEST(PseudoRoot, ItsChangeAttributeGrowsWithANewVolume) {
  V4Rig rig;
  V4Client client(rig);
  const uint64_t before = client.number_of("", Attribute::kChange);
  EXPECT_EQ(client.number_of("", Attribute::kChange), before);
  rig.add_volume("more");
  EXPECT_GT(client.number_of("", Attribute::kChange), before);
}

TEST(Handles, ForgedAndStaleOnesLeadNowhere) {
  V4Rig rig;
  V4Client client(rig);
  Bytes handle = client.handle_of(kVolume);
  for (size_t i = 0; i < handle.size(); ++i) {
    Bytes forged = handle;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    EXPECT_EQ(client.status_of(Ops().put_fh(forged)), Status::kBadHandle) << i;
  }
  EXPECT_EQ(client.status_of(Ops().put_fh("")), Status::kBadHandle);
  EXPECT_EQ(client.status_of(Ops().put_fh(Bytes(129, 'x'))), Status::kBadXdr);
  ASSERT_EQ(client.status_of(Ops().path(kVolume).make_directory("d")), Status::kOk);
  handle = client.handle_of("vol/d");
  rig.restart();
  V4Client after(rig);
  EXPECT_EQ(after.status_of(Ops().put_fh(handle).get_attr({Attribute::kType})), Status::kOk);
  EXPECT_EQ(after.status_of(Ops().path(kVolume).op(Op::kRemove).opaque("d")), Status::kOk);
  EXPECT_EQ(after.status_of(Ops().put_fh(handle).get_attr({Attribute::kType})), Status::kStale);
}

TEST(Handles, CurrentAndSavedOnes) {
  V4Rig rig;
  V4Client client(rig);
  for (const Op op : {Op::kGetFh, Op::kSaveFh, Op::kRestoreFh, Op::kLookupP}) {
    EXPECT_EQ(client.status_of(Ops().op(op)), Status::kNoFileHandle) << static_cast<uint32_t>(op);
  }
  V4Reply reply = client.run(Ops().root().op(Op::kSaveFh).lookup(kVolume).op(Op::kRestoreFh).get_fh());
  ASSERT_EQ(reply.status, Status::kOk);
  for (int i = 0; i < 4; ++i) reply.in().u64();
  EXPECT_EQ(reply.next(Op::kGetFh), Status::kOk);
  EXPECT_EQ(reply.in().opaque(kHandleLimit), client.handle_of(""));
}

TEST(Names, WhatIsNoName) {
  V4Rig rig;
  V4Client client(rig);
  const auto look = [&](BytesView name) { return client.status_of(Ops().path(kVolume).lookup(name)); };
  EXPECT_EQ(look(""), Status::kInval);
  EXPECT_EQ(look("."), Status::kBadName);
  EXPECT_EQ(look(".."), Status::kBadName);
  EXPECT_EQ(look("a/b"), Status::kBadChar);
  EXPECT_EQ(look(BytesView("a\0b", 3)), Status::kBadChar);
  EXPECT_EQ(look(Bytes(256, 'x')), Status::kNameTooLong);
  EXPECT_EQ(look(Bytes(255, 'x')), Status::kNoEnt);
  EXPECT_EQ(look("\xff\xfe"), Status::kNoEnt);
}

TEST(Names, DirectoriesLinksAndNodesAreCreatedAndRemoved) {
  V4Rig rig;
  V4Client client(rig);
  ASSERT_EQ(client.status_of(Ops().path(kVolume).make_directory("d")), Status::kOk);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).make_directory("d")), Status::kExist);
  Ops symlink;
  symlink.path("vol/d").op(Op::kCreate).u32(5).opaque("to/where").opaque("s").no_attributes();
  symlink.op(Op::kReadLink);
  V4Reply linked = client.run(symlink);
  ASSERT_EQ(linked.status, Status::kOk);
  for (int i = 0; i < 3; ++i) linked.in().u64();
  EXPECT_EQ(linked.next(Op::kCreate), Status::kOk);
  linked.in().fixed(20);
  EXPECT_TRUE(Bitmap::read(linked.in()).empty());
  EXPECT_EQ(linked.next(Op::kReadLink), Status::kOk);
  EXPECT_EQ(linked.in().opaque(100), "to/where");
  Ops device;
  device.path("vol/d").op(Op::kCreate).u32(4).u32(5).u32(6).opaque("c").mode(0600);
  ASSERT_EQ(client.status_of(device), Status::kOk);
  EXPECT_EQ(client.number_of("vol/d/c", Attribute::kRawDev), 5ull << 32 | 6);
  EXPECT_EQ(client.number_of("vol/d/c", Attribute::kType), 4u);
  for (const uint32_t type : {1u, 0u, 8u, 99u}) {
    Ops bad;
    bad.path("vol/d").op(Op::kCreate).u32(type).opaque("x").no_attributes();
    EXPECT_EQ(client.status_of(bad), Status::kBadType) << type;
  }
  const auto remove = [&](const char* dir, const char* name) {
    return client.status_of(Ops().path(dir).op(Op::kRemove).opaque(name));
  };
  EXPECT_EQ(remove(kVolume, "d"), Status::kNotEmpty);
  EXPECT_EQ(remove("vol/d", "c"), Status::kOk);
  EXPECT_EQ(remove("vol/d", "s"), Status::kOk);
  EXPECT_EQ(remove("vol/d", "s"), Status::kNoEnt);
  EXPECT_EQ(remove(kVolume, "d"), Status::kOk);
}

TEST(Names, LinkAndRename) {
  V4Rig rig;
  rig.add_volume("other");
  V4Client client(rig);
  const auto file = client.open_created("a");
  client.status_of(Ops().path(kVolume).make_directory("d"));
  EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).op(Op::kSaveFh).path("vol/d").op(Op::kLink).opaque("b")),
            Status::kOk);
  EXPECT_EQ(client.number_of("vol/a", Attribute::kNumLinks), 2u);
  EXPECT_EQ(client.handle_of("vol/d/b"), file.handle);
  EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).op(Op::kSaveFh).path("other").op(Op::kLink).opaque("b")),
            Status::kXdev);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).op(Op::kSaveFh).path("vol/d").op(Op::kRename).opaque("a").opaque("c")),
            Status::kOk);
  EXPECT_EQ(client.status_of(Ops().path("vol/a")), Status::kNoEnt);
  EXPECT_EQ(client.handle_of("vol/d/c"), file.handle);
  EXPECT_EQ(client.status_of(Ops().path("vol/d").op(Op::kSaveFh).path("other").op(Op::kRename).opaque("c").opaque("c")),
            Status::kXdev);
  EXPECT_EQ(client.status_of(Ops().path("vol/d").op(Op::kRename).opaque("c").opaque("e")), Status::kNoFileHandle);
  EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).lookup("x")), Status::kNotDir);
}

TEST(ReadDir, PagesShowEveryNameOnce) {
  V4Rig rig;
  V4Client client(rig);
  std::set<std::string> made;
  for (int i = 0; i < 100; ++i) {
    made.insert("directory-" + std::to_string(i));
    ASSERT_EQ(client.status_of(Ops().path(kVolume).make_directory("directory-" + std::to_string(i))), Status::kOk);
  }
  for (const uint32_t bytes : {128u, 500u, 4096u, 1u << 20}) {
    for (const Bitmap& wanted : {Bitmap{Attribute::kFileId}, Bitmap{Attribute::kType, Attribute::kMode}}) {
      std::set<std::string> seen;
      uint64_t cookie = 0;
      for (bool end = false; !end;) {
        const Listed page = list(client, client.handle_of(kVolume), cookie, bytes, wanted);
        ASSERT_EQ(page.status, Status::kOk);
        for (const auto& name : page.names) EXPECT_TRUE(seen.insert(name).second) << name;
        end = page.end;
        ASSERT_TRUE(end || !page.names.empty());
        if (!page.names.empty()) cookie = page.cookies.back();
      }
      EXPECT_EQ(seen, made) << bytes;
    }
  }
}

TEST(ReadDir, BadCookiesVerifiersAndSizes) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  const Bytes root = client.handle_of(kVolume);
  EXPECT_EQ(list(client, root, 1, 4096).status, Status::kBadCookie);
  EXPECT_EQ(list(client, root, 2, 4096).status, Status::kBadCookie);
  EXPECT_EQ(list(client, root, 0, 8).status, Status::kTooSmall);
  EXPECT_EQ(list(client, root, 0, 40).status, Status::kTooSmall);
  EXPECT_EQ(list(client, file.handle, 0, 4096).status, Status::kNotDir);
  Ops verifier;
  verifier.put_fh(root).op(Op::kReadDir).u64(7).u64(1).u32(512).u32(512).bitmap({});
  EXPECT_EQ(client.status_of(verifier), Status::kNotSame);
}

TEST(SecInfo, UsesTheCurrentFileUp) {
  V4Rig rig;
  V4Client client(rig);
  V4Reply reply = client.run(Ops().root().op(Op::kSecInfo).opaque(kVolume));
  ASSERT_EQ(reply.status, Status::kOk);
  EXPECT_EQ(reply.next(Op::kPutRootFh), Status::kOk);
  EXPECT_EQ(reply.next(Op::kSecInfo), Status::kOk);
  EXPECT_EQ(reply.in().u32(), 2u);
  EXPECT_EQ(reply.in().u32(), 1u);
  EXPECT_EQ(client.status_of(Ops().root().op(Op::kSecInfoNoName).u32(0).get_fh()), Status::kNoFileHandle);
  EXPECT_EQ(client.status_of(Ops().root().op(Op::kSecInfoNoName).u32(1)), Status::kNoEnt);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).op(Op::kSecInfoNoName).u32(1)), Status::kOk);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).op(Op::kSecInfo).opaque("none")), Status::kNoEnt);
}

}  // namespace
}  // namespace tp::nfs::v4
