#include "front/nfs/v4/nfs_status4.h"
#include "plane/reason.h"
#include "unit/nfs/v4/v4_client.h"

namespace tp::nfs::v4 {
namespace {

TEST(Status4, EveryErrorHasAnAnswer) {
  for (int code = 0; code < kCodeCount; ++code) {
    for (uint32_t reason = 0; reason <= static_cast<uint32_t>(plane::Reason::kSnapshotInUse); ++reason) {
      Error error(static_cast<Code>(code), "x");
      error.reason = static_cast<uint16_t>(reason);
      EXPECT_NE(status4_of(error), Status::kOk) << code << " " << reason;
      if (error.retryable()) {
        EXPECT_EQ(status4_of(error), Status::kDelay);
      }
    }
  }
  EXPECT_EQ(status4_of(Error(Code::kNotFound, plane::Reason::kStale, "")), Status::kStale);
  EXPECT_EQ(status4_of(Error(Code::kNotFound, "")), Status::kNoEnt);
  EXPECT_EQ(status4_of(Error(Code::kPermissionDenied, plane::Reason::kLocked, "")), Status::kPerm);
  EXPECT_EQ(status4_of(Error(Code::kNoSpace, plane::Reason::kQuota, "")), Status::kDquot);
  for (const Status status : {Status::kPerm, Status::kBadXdr, Status::kXattrTooBig, Status::kDelay}) {
    EXPECT_EQ(status4_of(fail4(status).error()), status);
  }
}

TEST(Compound, EchoesItsTagAndRunsNothing) {
  V4Rig rig;
  const V4Reply reply = rig.call(Ops().compound(1, "hello"));
  EXPECT_TRUE(reply.answered());
  EXPECT_EQ(reply.status, Status::kOk);
  EXPECT_EQ(reply.tag, "hello");
  EXPECT_EQ(reply.count, 0u);
  EXPECT_FALSE(rig.call(Ops().compound(1, Bytes(1025, 'x'))).answered());
  EXPECT_FALSE(rig.call(Bytes(4, '\xff')).answered());
}

TEST(Compound, RefusesOtherMinorVersions) {
  V4Rig rig;
  for (const uint32_t minor : {0u, 3u, UINT32_MAX}) {
    const V4Reply reply = rig.call(Ops().root().compound(minor));
    EXPECT_EQ(reply.status, Status::kMinorVersMismatch) << minor;
    EXPECT_EQ(reply.count, 0u);
  }
}

TEST(Compound, AnUnknownOperationIsIllegal) {
  V4Rig rig;
  V4Client client(rig), old_client(rig, "old", 1);
  for (const uint32_t number : {0u, 2u, 76u, 10044u, UINT32_MAX}) {
    Ops ops;
    ops.op(static_cast<Op>(number)).root();
    V4Reply reply = client.run(ops);
    EXPECT_EQ(reply.status, Status::kOpIllegal) << number;
    EXPECT_EQ(reply.count, 2u);
    EXPECT_EQ(reply.next(Op::kIllegal), Status::kOpIllegal);
  }
  Ops seek;
  seek.op(Op::kSeek);
  EXPECT_EQ(old_client.status_of(seek), Status::kOpIllegal);
  EXPECT_EQ(client.status_of(seek), Status::kBadXdr);
}

TEST(Compound, OperationsNotBuiltSaySo) {
  V4Rig rig;
  V4Client client(rig);
  for (const Op op : {Op::kLayoutGet, Op::kGetDirDelegation, Op::kSetSsv, Op::kReadPlus, Op::kCopyNotify,
                      Op::kOffloadStatus, Op::kWriteSame, Op::kOpenAttr, Op::kDelegReturn, Op::kSetClientId,
                      Op::kRenew, Op::kReleaseLockOwner}) {
    Ops ops;
    ops.root().op(op);
    V4Reply reply = client.run(ops);
    EXPECT_EQ(reply.status, Status::kNotSupp) << static_cast<uint32_t>(op);
    EXPECT_EQ(reply.count, 3u);
  }
}

TEST(Compound, SequenceIsFirstOrTheOperationIsAlone) {
  V4Rig rig;
  V4Client client(rig);
  EXPECT_EQ(rig.call(Ops().root().compound()).status, Status::kOpNotInSession);
  Ops two;
  two.op(Op::kDestroyClientId).u64(1).root();
  EXPECT_EQ(rig.call(two.compound()).status, Status::kNotOnlyOp);
  Ops again;
  again.op(Op::kSequence).x.fixed(client.session.view());
  again.u32(1).u32(0).u32(0).u32(0);
  EXPECT_EQ(client.status_of(again), Status::kSequencePos);
  Ops bind;
  bind.op(Op::kBindConnToSession).x.fixed(client.session.view());
  bind.u32(1).u32(0);
  EXPECT_EQ(client.status_of(bind), Status::kNotOnlyOp);
  EXPECT_EQ(rig.call(bind.compound()).status, Status::kOk);
}

TEST(Compound, AMalformedOperationFailsWhereItStands) {
  V4Rig rig;
  V4Client client(rig);
  Ops ops;
  ops.root().op(Op::kLookup).u32(100);
  V4Reply reply = client.run(ops);
  EXPECT_EQ(reply.status, Status::kBadXdr);
  EXPECT_EQ(reply.count, 3u);
  EXPECT_EQ(reply.next(Op::kPutRootFh), Status::kOk);
  EXPECT_EQ(reply.next(Op::kLookup), Status::kBadXdr);
  // An operation that is counted but not there.
  Ops missing;
  missing.root().count = 2;
  EXPECT_EQ(client.run(missing).status, Status::kBadXdr);
}

TEST(Sequence, ARetryGetsTheVeryBytesAndRunsNothing) {
  V4Rig rig;
  V4Client client(rig);
  const Bytes request = client.request(Ops().path(kVolume).make_directory("d").get_fh(), ++client.sequence, true);
  const V4Reply first = rig.call(request);
  ASSERT_EQ(first.status, Status::kOk);
  const V4Reply second = rig.call(request);
  EXPECT_EQ(first.body(), second.body());
  // The same number for another request is no retry.
  const Bytes other = client.request(Ops().path(kVolume).make_directory("e"), client.sequence, true);
  EXPECT_EQ(rig.call(other).status, Status::kSeqFalseRetry);
  EXPECT_EQ(client.status_of(Ops().path("vol/e")), Status::kNoEnt);
}

TEST(Sequence, ARetryOfWhatWasNotKeptSaysSo) {
  V4Rig rig;
  V4Client client(rig);
  const Bytes request = client.request(Ops().path(kVolume).make_directory("d"), ++client.sequence);
  ASSERT_EQ(rig.call(request).status, Status::kOk);
  EXPECT_EQ(rig.call(request).status, Status::kRetryUncachedRep);
}

TEST(Sequence, WrongNumbersSlotsAndSessions) {
  V4Rig rig;
  V4Client client(rig);
  EXPECT_EQ(rig.call(client.request(Ops().root(), 5)).status, Status::kSeqMisordered);
  Ops slot;
  slot.op(Op::kSequence).x.fixed(client.session.view());
  slot.u32(1).u32(9999).u32(9999).u32(0);
  EXPECT_EQ(rig.call(slot.compound()).status, Status::kBadSlot);
  Ops session;
  session.op(Op::kSequence).x.fixed(Bytes(16, '\x55'));
  session.u32(1).u32(0).u32(0).u32(0);
  EXPECT_EQ(rig.call(session.compound()).status, Status::kBadSession);
}

TEST(Limits, TooManyOperationsAndTooLargeRequests) {
  V4Rig rig;
  V4Client client(rig, "small", V4Client::Limits{.bytes = 2048, .cached = 1024, .operations = 4});
  EXPECT_EQ(client.status_of(Ops().root().root().root()), Status::kOk);
  EXPECT_EQ(client.status_of(Ops().root().root().root().root()), Status::kTooManyOps);
  EXPECT_EQ(client.status_of(Ops().root().lookup(Bytes(4096, 'x'))), Status::kReqTooBig);
  EXPECT_EQ(client.status_of(Ops().root()), Status::kOk);
}

TEST(Limits, RepliesStayWithinTheSessionsSizes) {
  V4Rig rig;
  V4Client client(rig, "small", V4Client::Limits{.bytes = 1024, .cached = 512, .operations = 64});
  Ops ops;
  ops.root();
  for (int i = 0; i < 30; ++i) ops.get_fh();
  V4Reply plain = client.run(ops);
  EXPECT_EQ(plain.status, Status::kRepTooBig);
  EXPECT_LE(plain.body().size() + 24, 1024u);
  V4Reply cached = client.run(ops, true);
  EXPECT_EQ(cached.status, Status::kRepTooBigToCache);
  EXPECT_LE(cached.body().size() + 24, 512u);
  // A change whose answer may not fit does not happen.
  Ops change;
  change.root();
  for (int i = 0; i < 8; ++i) change.get_fh();
  change.lookup(kVolume).make_directory("never");
  EXPECT_EQ(client.run(change, true).status, Status::kRepTooBigToCache);
  EXPECT_EQ(client.status_of(Ops().path("vol/never")), Status::kNoEnt);
}

}  // namespace
}  // namespace tp::nfs::v4
