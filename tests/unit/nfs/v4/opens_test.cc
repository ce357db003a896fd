#include "unit/nfs/v4/v4_client.h"

namespace tp::nfs::v4 {
namespace {

constexpr uint32_t kReadLock = 1, kWriteLock = 2;

Ops& lock_new(Ops& ops, uint32_t type, uint64_t offset, uint64_t length, const StateId& open, BytesView owner,
              bool reclaim = false) {
  ops.op(Op::kLock).u32(type).u32(reclaim ? 1 : 0).u64(offset).u64(length).u32(1);
  return ops.u32(0).stateid(open).u32(0).u64(0).opaque(owner);
}
StateId stateid_of(V4Reply& reply, Op op) {
  EXPECT_EQ(reply.next(Op::kPutFh), Status::kOk);
  EXPECT_EQ(reply.next(op), Status::kOk);
  return read_stateid(reply.in());
}

TEST(Open, CreatesGuardsAndFinds) {
  V4Rig rig;
  V4Client client(rig);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).open("f")), Status::kNoEnt);
  const auto made = client.open_created("f");
  EXPECT_TRUE(made.created);
  const auto found = client.open_created("f");
  EXPECT_FALSE(found.created);
  EXPECT_EQ(found.handle, made.handle);
  EXPECT_EQ(client.number_of("vol/f", Attribute::kMode), 0644u);
  Ops guarded;
  guarded.path(kVolume).open_head(3, 0, "o").u32(1).u32(1).mode(0600).u32(0).opaque("f");
  EXPECT_EQ(client.status_of(guarded), Status::kExist);
  for (int i = 0; i < 2; ++i) {  // the second is a retry of the first in another request
    Ops exclusive;
    exclusive.path(kVolume).open_head(3, 0, "o").u32(1).u32(3).u64(77).mode(0611).u32(0).opaque("x");
    EXPECT_EQ(client.status_of(exclusive), Status::kOk) << i;
  }
  EXPECT_EQ(client.number_of("vol/x", Attribute::kMode), 0611u);
  Ops other_verifier;
  other_verifier.path(kVolume).open_head(3, 0, "o").u32(1).u32(2).u64(78).u32(0).opaque("x");
  EXPECT_EQ(client.status_of(other_verifier), Status::kExist);
}

TEST(Open, BadArguments) {
  V4Rig rig;
  V4Client client(rig);
  client.status_of(Ops().path(kVolume).make_directory("d"));
  Ops link;
  link.path(kVolume).op(Op::kCreate).u32(5).opaque("x").opaque("s").no_attributes();
  client.status_of(link);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).open("d")), Status::kIsDir);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).open("s")), Status::kSymlink);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).open("f", 0)), Status::kInval);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).open("f", 4)), Status::kInval);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).open("f", 1, "o", 4)), Status::kInval);
  EXPECT_EQ(client.status_of(Ops().open("f")), Status::kNoFileHandle);
  Ops type;
  type.path(kVolume).open_head(1, 0, "o").u32(2);
  EXPECT_EQ(client.status_of(type), Status::kBadXdr);
  Ops claim;
  claim.path(kVolume).open_head(1, 0, "o").u32(0).u32(7);
  EXPECT_EQ(client.status_of(claim), Status::kBadXdr);
  Ops delegated;
  delegated.path(kVolume).open_head(1, 0, "o").u32(0).u32(2).stateid(StateId::anonymous()).opaque("f");
  EXPECT_EQ(client.status_of(delegated), Status::kBadStateId);
}

TEST(Open, DelegationsAreDeclinedWithAReason) {
  V4Rig rig;
  V4Client client(rig);
  client.open_created("f");
  const auto reason = [&](uint32_t want) {
    V4Reply reply = client.run(Ops().path(kVolume).open("f", kShareAccessRead | want));
    EXPECT_EQ(reply.status, Status::kOk);
    for (int i = 0; i < 2; ++i) reply.in().u64();
    EXPECT_EQ(reply.next(Op::kOpen), Status::kOk);
    reply.in().fixed(16 + 20 + 4);
    EXPECT_TRUE(Bitmap::read(reply.in()).empty());
    EXPECT_EQ(reply.in().u32(), kDelegateNoneExt);
    return reply.in().u32();
  };
  EXPECT_EQ(reason(kShareWantNoDelegation), kWhyNotWanted);
  EXPECT_EQ(reason(0x0100), kWhyResource);
  EXPECT_EQ(reason(kShareWantCancel), kWhyCancelled);
}

TEST(Open, TruncatesOnlyWhatItMayOpen) {
  V4Rig rig;
  V4Client client(rig), other(rig, "other");
  const auto file = client.open_created("f");
  ASSERT_EQ(client.status_of(Ops().put_fh(file.handle).write(file.stateid, 0, "data")), Status::kOk);
  const auto truncate = [&](V4Client& by) {
    Ops ops;
    ops.path(kVolume).open_head(3, 0, "t").u32(1).u32(0).size(0).u32(0).opaque("f");
    return by.status_of(ops);
  };
  // Somebody who denies writing keeps the bytes.
  Ops deny;
  deny.path(kVolume).open("f", kShareAccessRead, "d", kShareAccessWrite);
  ASSERT_EQ(client.status_of(Ops().put_fh(file.handle).close(file.stateid)), Status::kOk);
  ASSERT_EQ(client.status_of(deny), Status::kOk);
  EXPECT_EQ(truncate(other), Status::kShareDenied);
  EXPECT_EQ(client.number_of("vol/f", Attribute::kSize), 4u);
}

TEST(Open, ATruncatingOpenTruncates) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  ASSERT_EQ(client.status_of(Ops().put_fh(file.handle).write(file.stateid, 0, "data")), Status::kOk);
  Ops ops;
  ops.path(kVolume).open_head(3, 0, "t").u32(1).u32(0).size(0).u32(0).opaque("f");
  ASSERT_EQ(client.status_of(ops), Status::kOk);
  EXPECT_EQ(client.number_of("vol/f", Attribute::kSize), 0u);
}

TEST(Open, PermissionsAreCheckedUnlessTheFileIsNew) {
  V4Rig rig;
  V4Client client(rig), user(rig, "user");
  user.uid = kUser;
  Ops open_up;
  open_up.path(kVolume).op(Op::kSetAttr).stateid(StateId::anonymous()).mode(0777);
  ASSERT_EQ(client.status_of(open_up), Status::kOk);
  client.open_created("roots");
  EXPECT_EQ(user.status_of(Ops().path(kVolume).open("roots", kShareAccessWrite)), Status::kAccess);
  EXPECT_EQ(user.status_of(Ops().path(kVolume).open("roots", kShareAccessRead)), Status::kOk);
  // What may be run may be read to run it; nobody empties what he may not write.
  Ops program;
  program.path(kVolume).open_head(3, 0, "o").u32(1).u32(0).mode(0711).u32(0).opaque("program");
  ASSERT_EQ(client.status_of(program), Status::kOk);
  EXPECT_EQ(user.status_of(Ops().path(kVolume).open("program", kShareAccessRead)), Status::kOk);
  EXPECT_EQ(user.status_of(Ops().path(kVolume).open("program", kShareAccessBoth)), Status::kAccess);
  Ops empty;
  empty.path(kVolume).open_head(kShareAccessRead, 0, "o").u32(1).u32(0).size(0).u32(0).opaque("roots");
  EXPECT_EQ(user.status_of(empty), Status::kAccess);
  Ops own;
  own.path(kVolume).open_head(3, 0, "o").u32(1).u32(0).mode(0).u32(0).opaque("mine");
  EXPECT_EQ(user.status_of(own), Status::kOk);
}

TEST(Open, ByHandleOfAFileThatWasReplacedIsStaleAndWhoHasItOpenReadsOn) {
  V4Rig rig;
  V4Client client(rig), other(rig, "other");
  const auto file = client.open_created("f");
  ASSERT_EQ(client.status_of(Ops().put_fh(file.handle).write(file.stateid, 0, "old")), Status::kOk);
  const auto by_handle = [&](BytesView owner) {
    Ops ops;
    ops.put_fh(file.handle).open_head(kShareAccessRead, 0, owner).u32(0).u32(static_cast<uint32_t>(Claim::kFh));
    return ops;
  };
  const auto second = client.open(by_handle("p"), 1);
  ASSERT_EQ(second.handle, file.handle);
  ASSERT_TRUE(rig.run(test::put_object(&rig.plane(), {kVolume, "f"}, "new")));
  for (V4Client* one : {&client, &other}) {
    EXPECT_EQ(one->status_of(by_handle("o")), Status::kStale);
    EXPECT_EQ(one->status_of(by_handle("q")), Status::kStale);
  }
  for (const StateId& stateid : {file.stateid, second.stateid}) {
    EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).read(stateid, 0, 3)), Status::kOk);
    EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).close(stateid)), Status::kOk);
  }
  EXPECT_NE(client.handle_of("vol/f"), file.handle);
}

TEST(Close, EndsTheOpenAndShowsS3TheFile) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  ASSERT_EQ(client.status_of(Ops().put_fh(file.handle).write(file.stateid, 0, "hello", 0)), Status::kOk);
  ASSERT_EQ(client.status_of(Ops().put_fh(file.handle).close(file.stateid)), Status::kOk);
  const auto object = rig.run(test::get_object(&rig.plane(), {kVolume, "f"}));
  ASSERT_TRUE(object);
  EXPECT_EQ(*object, "hello");
  EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).close(file.stateid)), Status::kBadStateId);
  EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).write(file.stateid, 0, "x")), Status::kBadStateId);
}

TEST(Close, AFileWithoutANameGoesWithItsLastOpen) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  ASSERT_EQ(client.status_of(Ops().put_fh(file.handle).write(file.stateid, 0, "hello")), Status::kOk);
  ASSERT_EQ(client.status_of(Ops().path(kVolume).op(Op::kRemove).opaque("f")), Status::kOk);
  EXPECT_EQ(client.status_of(Ops().path("vol/f")), Status::kNoEnt);
  EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).read(file.stateid, 0, 5)), Status::kOk);
  EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).close(file.stateid)), Status::kOk);
}

TEST(Downgrade, TakesAwayWhatIsNotAskedFor) {
  V4Rig rig;
  V4Client client(rig);
  auto file = client.open_created("f");
  file = client.open(Ops().path(kVolume).open("f", kShareAccessRead), 2);
  Ops down;
  down.put_fh(file.handle).op(Op::kOpenDowngrade).stateid(file.stateid).u32(0).u32(kShareAccessRead).u32(0);
  V4Reply reply = client.run(down);
  ASSERT_EQ(reply.status, Status::kOk);
  const StateId left = stateid_of(reply, Op::kOpenDowngrade);
  EXPECT_EQ(client.status_of(Ops().put_fh(file.handle).write(left, 0, "x")), Status::kOpenMode);
  Ops bad;
  bad.put_fh(file.handle).op(Op::kOpenDowngrade).stateid(left).u32(0).u32(0).u32(0);
  EXPECT_EQ(client.status_of(bad), Status::kInval);
}

TEST(CurrentStateid, IsThatOfTheLastOpenInTheCompound) {
  V4Rig rig;
  V4Client client(rig);
  Ops ops;
  ops.path(kVolume).open_create("f").write(StateId::current(), 0, "hello").read(StateId::current(), 0, 9).close();
  EXPECT_EQ(client.status_of(ops), Status::kOk);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).lookup("f").read(StateId::current(), 0, 9)), Status::kBadStateId);
  // A new current file takes it away; restoring the saved one brings it back.
  EXPECT_EQ(client.status_of(Ops().path(kVolume).open("f").op(Op::kSaveFh).root().op(Op::kRestoreFh).close()),
            Status::kOk);
}

TEST(Locks, ConflictsSayWhoseTheyAre) {
  V4Rig rig;
  V4Client client(rig), other(rig, "other");
  const auto mine = client.open_created("f");
  const auto theirs = other.open(Ops().path(kVolume).open("f"), 2);
  Ops take;
  take.put_fh(mine.handle);
  V4Reply taken = client.run(lock_new(take, kWriteLock, 10, 10, mine.stateid, "locker"));
  ASSERT_EQ(taken.status, Status::kOk);
  const StateId lock = stateid_of(taken, Op::kLock);
  Ops conflicting;
  conflicting.put_fh(mine.handle);
  V4Reply denied = other.run(lock_new(conflicting, kReadLock, 0, UINT64_MAX, theirs.stateid, "x"));
  ASSERT_EQ(denied.status, Status::kDenied);
  EXPECT_EQ(denied.next(Op::kPutFh), Status::kOk);
  EXPECT_EQ(denied.next(Op::kLock), Status::kDenied);
  EXPECT_EQ(denied.in().u64(), 10u);
  EXPECT_EQ(denied.in().u64(), 10u);
  EXPECT_EQ(denied.in().u32(), kWriteLock);
  EXPECT_EQ(denied.in().u64(), client.client);
  EXPECT_EQ(denied.in().opaque(100), "locker");
  EXPECT_TRUE(denied.in().good() && denied.in().at_end());
  Ops test;
  test.put_fh(mine.handle).op(Op::kLockT).u32(kReadLock).u64(0).u64(10).u64(0).opaque("x");
  EXPECT_EQ(other.status_of(test), Status::kOk);
  Ops release;
  release.put_fh(mine.handle).op(Op::kLockU).u32(kWriteLock).u32(0).stateid(lock).u64(0).u64(UINT64_MAX);
  EXPECT_EQ(client.status_of(release), Status::kOk);
  EXPECT_EQ(other.status_of(conflicting), Status::kOk);
}

TEST(Locks, BadArguments) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  const auto attempt = [&](uint32_t type, uint64_t offset, uint64_t length) {
    Ops ops;
    ops.put_fh(file.handle);
    return client.status_of(lock_new(ops, type, offset, length, file.stateid, "l"));
  };
  EXPECT_EQ(attempt(0, 0, 1), Status::kBadXdr);
  EXPECT_EQ(attempt(5, 0, 1), Status::kBadXdr);
  EXPECT_EQ(attempt(kReadLock, 0, 0), Status::kInval);
  EXPECT_EQ(attempt(kReadLock, UINT64_MAX, 2), Status::kInval);
  Ops directory;
  directory.path(kVolume).op(Op::kLockT).u32(kReadLock).u64(0).u64(1).u64(0).opaque("x");
  EXPECT_EQ(client.status_of(directory), Status::kIsDir);
}

TEST(Stateids, AreTestedAndFreed) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  Ops test;
  test.op(Op::kTestStateId).u32(2).stateid(file.stateid).stateid(StateId::from(1, "no such one!"));
  V4Reply reply = client.run(test);
  ASSERT_EQ(reply.next(Op::kTestStateId), Status::kOk);
  EXPECT_EQ(reply.in().u32(), 2u);
  EXPECT_EQ(static_cast<Status>(reply.in().u32()), Status::kOk);
  EXPECT_EQ(static_cast<Status>(reply.in().u32()), Status::kBadStateId);
  EXPECT_EQ(client.status_of(Ops().op(Op::kFreeStateId).stateid(file.stateid)), Status::kLocksHeld);
  EXPECT_EQ(client.status_of(Ops().op(Op::kTestStateId).u32(UINT32_MAX)), Status::kBadXdr);
}

TEST(Reclaim, AnOpenAndItsFileOutliveARestart) {
  V4Rig rig;
  Bytes handle;
  {
    V4Client client(rig);
    const auto file = client.open_created("f");
    handle = file.handle;
    ASSERT_EQ(client.status_of(Ops().put_fh(handle).write(file.stateid, 0, "kept")), Status::kOk);
    ASSERT_EQ(client.status_of(Ops().path(kVolume).op(Op::kRemove).opaque("f")), Status::kOk);
  }
  rig.restart();
  constexpr V4Client::Limits kReclaims = {.reclaims = true};
  V4Client client(rig, "client", kReclaims), other(rig, "other", kReclaims);
  EXPECT_EQ(other.status_of(Ops().path(kVolume).open_create("g")), Status::kGrace);
  Ops reclaim;
  reclaim.put_fh(handle).open_head(3, 0, "o").u32(0).u32(static_cast<uint32_t>(Claim::kPrevious)).u32(0);
  EXPECT_EQ(other.status_of(reclaim), Status::kNoGrace);
  const auto again = client.open(reclaim, 1);
  EXPECT_EQ(again.handle, handle);
  EXPECT_EQ(client.status_of(Ops().put_fh(handle).read(again.stateid, 0, 4)), Status::kOk);
  client.reclaim_complete();
  other.reclaim_complete();
  EXPECT_EQ(other.status_of(Ops().path(kVolume).open_create("g")), Status::kOk);
  EXPECT_EQ(client.status_of(reclaim), Status::kNoGrace);
}

}  // namespace
}  // namespace tp::nfs::v4
