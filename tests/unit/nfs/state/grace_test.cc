// Grace, reclaim and the durable list of clients, over restarts.
#include "unit/nfs/state/state_fixture.h"

namespace tp::test {
namespace {

class GraceTest : public StateFixture {
 protected:
  /// A client that has a file open, durably known.
  Joined settled(const Bytes& owner, uint64_t inode) {
    const Joined joined = join(owner);
    opened(joined.id, "o", inode);
    EXPECT_TRUE(state().needs_settle(joined.id));
    EXPECT_TRUE(settle(joined.id));
    EXPECT_FALSE(state().needs_settle(joined.id));
    return joined;
  }
  Status reclaim(ClientId client, uint64_t inode, Share share = kBoth) {
    return open(client, "o", inode, share, true).status;
  }
};

TEST_F(GraceTest, WithoutClientsToWaitForThereIsNone) {
  EXPECT_FALSE(state().in_grace());
  EXPECT_TRUE(state().sweep().grace_ended);
  EXPECT_FALSE(state().sweep().grace_ended);  // told once
  const Joined a = join("a");
  EXPECT_EQ(state().may_open(a.id, false), Status::kOk);
  EXPECT_EQ(reclaim(a.id, 7), Status::kNoGrace);
}

TEST_F(GraceTest, NothingNewBeforeReclaimComplete) {
  const Joined a = enter("a");
  EXPECT_EQ(state().may_open(a.id, false), Status::kGrace);
  EXPECT_EQ(open(a.id, "o", 7, kBoth).status, Status::kGrace);
  EXPECT_EQ(state().reclaim_complete(a.id, true), Status::kOk);  // of one file system: says nothing
  EXPECT_EQ(open(a.id, "o", 7, kBoth).status, Status::kGrace);
  EXPECT_EQ(state().reclaim_complete(a.id, false), Status::kOk);
  EXPECT_EQ(open(a.id, "o", 7, kBoth).status, Status::kOk);
  EXPECT_EQ(state().reclaim_complete(a.id, false), Status::kCompleteAlready);
}

TEST_F(GraceTest, ARecordStandsOnlyForClientsThatHaveState) {
  const Joined a = join("a");
  EXPECT_FALSE(state().needs_settle(a.id));
  ASSERT_TRUE(settle(a.id));
  EXPECT_TRUE(files_.kept_notes.empty());
  opened(a.id, "o", 7);
  EXPECT_TRUE(state().needs_settle(a.id));
  ASSERT_TRUE(settle(a.id));
  ASSERT_EQ(files_.kept_notes.size(), 1u);
  EXPECT_TRUE(files_.kept_notes.begin()->first.starts_with("nfs4/client/"));
  EXPECT_EQ(files_.kept_notes.begin()->second, Bytes("\1a"));
}

TEST_F(GraceTest, AFailedRecordIsTriedAgain) {
  const Joined a = join("a");
  opened(a.id, "o", 7);
  files_.notes_fail = true;
  EXPECT_FALSE(settle(a.id));
  EXPECT_TRUE(state().needs_settle(a.id));
  files_.notes_fail = false;
  EXPECT_TRUE(settle(a.id));
  EXPECT_EQ(files_.kept_notes.size(), 1u);
}

TEST_F(GraceTest, AfterARestartKnownClientsReclaimAndOthersWait) {
  settled("a", 7);
  start();
  EXPECT_TRUE(state().in_grace());
  const Joined a = enter("a"), b = enter("b");
  EXPECT_EQ(open(b.id, "o", 8, kReading).status, Status::kGrace);
  EXPECT_EQ(reclaim(b.id, 8), Status::kNoGrace);  // nobody knows that it had anything
  EXPECT_EQ(open(a.id, "o", 7, kBoth).status, Status::kGrace);
  EXPECT_EQ(state().may_open(a.id, true), Status::kOk);
  EXPECT_EQ(reclaim(a.id, 7), Status::kOk);
  EXPECT_EQ(state().reclaim_complete(b.id, false), Status::kOk);
  EXPECT_TRUE(state().in_grace());  // b was not waited for
  EXPECT_EQ(open(b.id, "o", 8, kReading).status, Status::kGrace);
  EXPECT_FALSE(state().sweep().grace_ended);
  EXPECT_EQ(state().reclaim_complete(a.id, false), Status::kOk);
  EXPECT_FALSE(state().in_grace());
  EXPECT_TRUE(state().sweep().grace_ended);
  EXPECT_EQ(open(b.id, "o", 8, kReading).status, Status::kOk);
  EXPECT_EQ(reclaim(a.id, 9), Status::kNoGrace);
}

TEST_F(GraceTest, LocksAreReclaimedToo) {
  settled("a", 7);
  start();
  const Joined a = enter("a");
  const auto reclaimed = open(a.id, "o", 7, kBoth, true);
  ASSERT_TRUE(reclaimed);
  EXPECT_EQ(lock(a.id, reclaimed.value, "l", 7, {0, 10}).status, Status::kGrace);
  EXPECT_EQ(lock(a.id, reclaimed.value, "l", 7, {0, 10}, LockKind::kWrite, true).status, Status::kOk);
  EXPECT_EQ(lock(a.id, reclaimed.value, "m", 7, {0, 10}, LockKind::kWrite, true).status, Status::kReclaimConflict);
  EXPECT_EQ(state().test_lock(a.id, "m", file(7), LockKind::kWrite, {50, 1}, &denied_), Status::kGrace);
  EXPECT_EQ(state().reclaim_complete(a.id, false), Status::kOk);
  EXPECT_EQ(lock(a.id, reclaimed.value, "m", 7, {20, 10}, LockKind::kWrite, true).status, Status::kNoGrace);
  EXPECT_EQ(lock(a.id, reclaimed.value, "m", 7, {20, 10}).status, Status::kOk);
}

TEST_F(GraceTest, ReclaimsThatConflictSaySo) {
  settled("a", 7);
  settled("b", 7);
  start();
  const Joined a = enter("a"), b = enter("b");
  EXPECT_EQ(reclaim(a.id, 7, {3, 3}), Status::kOk);
  EXPECT_EQ(reclaim(b.id, 7, kReading), Status::kReclaimConflict);
}

TEST_F(GraceTest, NoReclaimAfterItsOwnReclaimComplete) {
  settled("a", 7);
  settled("b", 8);
  start();
  const Joined a = join("a");
  EXPECT_TRUE(state().in_grace());
  EXPECT_EQ(reclaim(a.id, 7), Status::kNoGrace);
  EXPECT_EQ(open(a.id, "o", 7, kBoth).status, Status::kGrace);
}

TEST_F(GraceTest, SpecialStateidsWaitForTheEndOfGrace) {
  settled("a", 7);
  start();
  const Joined b = join("b");
  EXPECT_EQ(state().check_io(b.id, StateId::anonymous(), file(7), true).status, Status::kGrace);
  clock_.advance(90 * rt::kSecond);
  EXPECT_EQ(state().check_io(b.id, StateId::anonymous(), file(7), true).status, Status::kOk);
}

TEST_F(GraceTest, GraceEndsByTime) {
  settled("a", 7);
  start();
  clock_.advance(90 * rt::kSecond - 1);
  EXPECT_TRUE(state().in_grace());
  EXPECT_FALSE(state().sweep().grace_ended);
  clock_.advance(1);
  const auto swept = state().sweep();
  EXPECT_TRUE(swept.grace_ended);
  EXPECT_TRUE(swept.records_to_settle);
  const Joined a = enter("a");
  EXPECT_EQ(reclaim(a.id, 7), Status::kNoGrace);
}

TEST_F(GraceTest, WhoMissedTheGracePeriodCannotReclaimAtTheNextStart) {
  // RFC 8881 §8.4.3: another may have had its file in between.
  settled("a", 7);
  start();
  clock_.advance(90 * rt::kSecond);
  const Joined b = join("b");
  opened(b.id, "o", 7, {3, 3});
  EXPECT_TRUE(state().needs_settle(b.id));
  ASSERT_TRUE(settle(b.id));  // before b is told: a's record is gone
  ASSERT_EQ(files_.kept_notes.size(), 1u);
  EXPECT_EQ(files_.kept_notes.begin()->second, Bytes("\1b"));
  start();
  EXPECT_EQ(reclaim(enter("a").id, 7), Status::kNoGrace);
}

TEST_F(GraceTest, WhoLostItsLeaseToAnotherCannotReclaim) {
  settled("a", 7);
  const Joined b = join("b");
  clock_.advance(61 * rt::kSecond);
  ASSERT_EQ(ping(b, 1), Status::kOk);
  opened(b.id, "o", 7, {3, 3});
  ASSERT_TRUE(state().needs_settle(b.id));
  ASSERT_TRUE(settle(b.id));
  start();
  EXPECT_EQ(reclaim(enter("a").id, 7), Status::kNoGrace);
  EXPECT_EQ(reclaim(enter("b").id, 7), Status::kOk);
}

TEST_F(GraceTest, ACrashWithinGraceLosesNobody) {
  settled("a", 7);
  settled("b", 8);
  start();
  const Joined a = enter("a");
  ASSERT_EQ(reclaim(a.id, 7), Status::kOk);
  ASSERT_TRUE(settle(a.id));
  ASSERT_EQ(state().reclaim_complete(a.id, false), Status::kOk);
  ASSERT_TRUE(settle(a.id));
  start();
  EXPECT_EQ(reclaim(enter("a").id, 7), Status::kOk);
  EXPECT_EQ(reclaim(enter("b").id, 8), Status::kOk);
}

TEST_F(GraceTest, ACrashBetweenRecordAndAnswerIsHarmless) {
  // The record stands, the client was never told: it has nothing to reclaim and says so.
  settled("a", 7);
  start();
  const Joined a = join("a");
  EXPECT_FALSE(state().in_grace());
  ASSERT_TRUE(settle(a.id));
  EXPECT_TRUE(files_.kept_notes.empty());
}

TEST_F(GraceTest, RecordsGoWithTheirClients) {
  const Joined a = settled("a", 7);
  settled("b", 8);
  clock_.advance(361 * rt::kSecond);
  EXPECT_TRUE(state().sweep().records_to_settle);
  ASSERT_TRUE(settle({}));
  EXPECT_TRUE(files_.kept_notes.empty());
  EXPECT_FALSE(state().sweep().records_to_settle);
  EXPECT_FALSE(state().needs_settle(a.id));

  const Joined c = settled("c", 9);
  StateId latest = opened(c.id, "o", 9);
  ASSERT_TRUE(state().close(c.id, latest, file(9)));
  EXPECT_EQ(files_.kept_notes.size(), 1u);  // it may open again any time
  ASSERT_EQ(state().destroy_session(c.session, nullptr), Status::kOk);
  ASSERT_EQ(state().destroy_client(c.id), Status::kOk);
  ASSERT_TRUE(settle({}));
  EXPECT_TRUE(files_.kept_notes.empty());
}

TEST_F(GraceTest, TheRecordOfAClientThatGoesWhileItIsWrittenGoesToo) {
  const Joined a = join("a");
  opened(a.id, "o", 7);
  files_.before_note = [&] {
    files_.before_note = {};
    enter("a", 2);            // the client restarted
    EXPECT_TRUE(settle({}));  // and its record was removed, before it was there
    EXPECT_FALSE(state().sweep().records_to_settle);
  };
  ASSERT_TRUE(settle(a.id));
  EXPECT_TRUE(state().sweep().records_to_settle);
  ASSERT_TRUE(settle({}));
  EXPECT_TRUE(files_.kept_notes.empty());
}

TEST_F(GraceTest, ARecordThatFailedMayStandAndIsRemovedWithItsClient) {
  const Joined a = join("a");
  opened(a.id, "o", 7);
  files_.notes_fail = true;
  EXPECT_FALSE(settle(a.id));
  files_.notes_fail = false;
  enter("a", 2);
  EXPECT_TRUE(state().sweep().records_to_settle);
}

TEST_F(GraceTest, ARestartedClientsRecordIsItsOwn) {
  settled("a", 7);
  const Joined again = join("a", 2);
  opened(again.id, "o", 7);
  ASSERT_TRUE(settle(again.id));  // removes the old one, writes the new one
  ASSERT_EQ(files_.kept_notes.size(), 1u);
  start();
  EXPECT_EQ(reclaim(enter("a", 2).id, 7), Status::kOk);
}

TEST_F(GraceTest, RecordsThatDoNotParseAreNobodysAndAreRemoved) {
  files_.kept_notes["nfs4/client/0"] = "";
  files_.kept_notes["nfs4/client/1"] = "\x02later";
  start();
  EXPECT_FALSE(state().in_grace());
  ASSERT_TRUE(settle({}));
  EXPECT_TRUE(files_.kept_notes.empty());
}

}  // namespace
}  // namespace tp::test
