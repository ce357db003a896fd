// LOCK, LOCKT, LOCKU and the lives of lock stateids.
#include "unit/nfs/state/state_fixture.h"

namespace tp::test {
namespace {

constexpr WireRange kAll{0, UINT64_MAX};

class LockTest : public StateFixture {
 protected:
  void SetUp() override {
    StateFixture::SetUp();
    a_ = join("a").id;
    b_ = join("b").id;
    open_a_ = opened(a_, "o", 7);
    open_b_ = opened(b_, "o", 7);
  }
  Status test(ClientId client, const Bytes& owner, WireRange range, LockKind kind = LockKind::kWrite) {
    return state().test_lock(client, owner, file(7), kind, range, &denied_);
  }
  StateId locked(ClientId client, const StateId& open, const Bytes& owner, WireRange range,
                 LockKind kind = LockKind::kWrite) {
    const auto answer = lock(client, open, owner, 7, range, kind);
    EXPECT_EQ(answer.status, Status::kOk);
    return answer.value;
  }
  ClientId a_, b_;
  StateId open_a_, open_b_;
};

TEST_F(LockTest, AConflictTellsWhoHasWhat) {
  locked(a_, open_a_, "l", {10, 20});
  EXPECT_EQ(lock(b_, open_b_, "m", 7, {0, 11}, LockKind::kRead).status, Status::kDenied);
  EXPECT_EQ(denied_.range.offset, 10u);
  EXPECT_EQ(denied_.range.length, 20u);
  EXPECT_EQ(denied_.kind, LockKind::kWrite);
  EXPECT_EQ(denied_.client, a_);
  EXPECT_EQ(denied_.owner, "l");
  EXPECT_EQ(lock(b_, open_b_, "m", 7, {0, 10}).status, Status::kOk);
  EXPECT_EQ(lock(b_, open_b_, "m", 7, {30, UINT64_MAX}).status, Status::kOk);
}

TEST_F(LockTest, OwnersOfOneNameOfTwoClientsAreTwo) {
  locked(a_, open_a_, "l", kAll);
  EXPECT_EQ(lock(b_, open_b_, "l", 7, kAll).status, Status::kDenied);
  EXPECT_EQ(denied_.range.length, UINT64_MAX);
}

TEST_F(LockTest, TwoOwnersOfOneClientConflict) {
  locked(a_, open_a_, "l", kAll);
  EXPECT_EQ(lock(a_, open_a_, "m", 7, {5, 1}, LockKind::kRead).status, Status::kDenied);
}

TEST_F(LockTest, OneOwnerHasOneStateidForAFile) {
  const StateId first = locked(a_, open_a_, "l", {0, 10});
  EXPECT_EQ(first.seqid, 1u);
  const StateId second = locked(a_, open_a_, "l", {100, 10});
  EXPECT_EQ(second.other, first.other);
  EXPECT_EQ(second.seqid, 2u);
  const auto third = lock_more(a_, second, 7, {200, 10});
  ASSERT_TRUE(third);
  EXPECT_EQ(third.value.seqid, 3u);
  EXPECT_EQ(lock_more(a_, second, 7, {300, 10}).status, Status::kOldStateId);
  EXPECT_EQ(state().stats().lock_states, 1u);
  EXPECT_EQ(state().stats().ranges, 3u);
}

TEST_F(LockTest, ADeniedLockLeavesNothingBehind) {
  locked(a_, open_a_, "l", kAll);
  EXPECT_EQ(lock(b_, open_b_, "m", 7, kAll).status, Status::kDenied);
  EXPECT_EQ(state().stats().lock_states, 1u);
}

TEST_F(LockTest, RangesThatAreNoneAreInvalid) {
  EXPECT_EQ(lock(a_, open_a_, "l", 7, {5, 0}).status, Status::kInval);
  EXPECT_EQ(lock(a_, open_a_, "l", 7, {UINT64_MAX, 2}).status, Status::kInval);
  EXPECT_EQ(lock(a_, open_a_, Bytes(1025, 'l'), 7, {5, 1}).status, Status::kInval);
  EXPECT_EQ(test(a_, "l", {5, 0}), Status::kInval);
  const StateId locks = locked(a_, open_a_, "l", {UINT64_MAX, 1});
  EXPECT_EQ(state().unlock(a_, locks, file(7), {3, UINT64_MAX - 1}).status, Status::kInval);
}

TEST_F(LockTest, AWriteLockNeedsAnOpenForWriting) {
  const StateId reading = opened(a_, "r", 7, kReading), writing = opened(a_, "w", 7, kWriting);
  EXPECT_EQ(lock(a_, reading, "l", 7, {0, 1}, LockKind::kWrite).status, Status::kOpenMode);
  EXPECT_EQ(lock(a_, writing, "l", 7, {0, 1}, LockKind::kRead).status, Status::kOpenMode);
  const StateId locks = locked(a_, reading, "l", {0, 1}, LockKind::kRead);
  EXPECT_EQ(lock_more(a_, locks, 7, {0, 1}, LockKind::kWrite).status, Status::kOpenMode);
  locked(a_, writing, "l", {0, 1}, LockKind::kWrite);
  StateId latest = locks;
  latest.seqid = 0;
  EXPECT_EQ(lock_more(a_, latest, 7, {9, 1}, LockKind::kRead).status, Status::kOk);  // through both opens now
}

TEST_F(LockTest, StateidsOfTheWrongKindAreBad) {
  const StateId locks = locked(a_, open_a_, "l", {0, 1});
  EXPECT_EQ(lock_more(a_, open_a_, 7, {5, 1}).status, Status::kBadStateId);
  EXPECT_EQ(lock(a_, locks, "m", 7, {5, 1}).status, Status::kBadStateId);
  EXPECT_EQ(state().unlock(a_, open_a_, file(7), {0, 1}).status, Status::kBadStateId);
  EXPECT_EQ(state().close(a_, locks, file(7)).status, Status::kBadStateId);
  EXPECT_EQ(state().downgrade(a_, locks, file(7), kReading).status, Status::kBadStateId);
  EXPECT_EQ(lock(b_, open_a_, "m", 7, {5, 1}).status, Status::kBadStateId);
  EXPECT_EQ(lock_more(b_, locks, 7, {5, 1}).status, Status::kBadStateId);
  EXPECT_EQ(lock_more(a_, locks, 8, {5, 1}).status, Status::kBadStateId);
}

TEST_F(LockTest, UnlockingTheMiddleLeavesBothEnds) {
  const StateId locks = locked(a_, open_a_, "l", {0, 30});
  const auto unlocked = state().unlock(a_, locks, file(7), {10, 10});
  ASSERT_TRUE(unlocked);
  EXPECT_EQ(unlocked.value.seqid, 2u);
  EXPECT_EQ(state().stats().ranges, 2u);
  EXPECT_EQ(test(b_, "m", {10, 10}), Status::kOk);
  EXPECT_EQ(test(b_, "m", {9, 1}), Status::kDenied);
  EXPECT_EQ(test(b_, "m", {20, 1}), Status::kDenied);
  EXPECT_TRUE(state().unlock(a_, unlocked.value, file(7), {1000, 1}));  // nothing there: well
}

TEST_F(LockTest, TestingTakesNothing) {
  locked(a_, open_a_, "l", {0, 10}, LockKind::kRead);
  EXPECT_EQ(test(b_, "m", {0, 10}, LockKind::kRead), Status::kOk);
  EXPECT_EQ(test(b_, "m", {0, 10}, LockKind::kWrite), Status::kDenied);
  EXPECT_EQ(denied_.kind, LockKind::kRead);
  EXPECT_EQ(test(a_, "l", {0, 10}, LockKind::kWrite), Status::kOk);
  EXPECT_EQ(state().stats().lock_states, 1u);
  EXPECT_EQ(state().stats().ranges, 1u);
}

TEST_F(LockTest, CloseFreesTheLocksTakenThroughIt) {
  locked(a_, open_a_, "l", kAll);
  ASSERT_TRUE(state().close(a_, open_a_, file(7)));
  EXPECT_EQ(state().stats().lock_states, 0u);
  EXPECT_EQ(state().stats().ranges, 0u);
  EXPECT_EQ(lock(b_, open_b_, "m", 7, kAll).status, Status::kOk);
}

TEST_F(LockTest, LocksLiveAsLongAsOneOfTheirOpens) {
  const StateId second = opened(a_, "p", 7);
  locked(a_, open_a_, "l", {0, 10});
  const StateId locks = locked(a_, second, "l", {20, 10});
  ASSERT_TRUE(state().close(a_, open_a_, file(7)));
  EXPECT_EQ(state().test_stateid(a_, locks), Status::kOk);
  EXPECT_EQ(state().stats().ranges, 2u);
  ASSERT_TRUE(state().close(a_, second, file(7)));
  EXPECT_EQ(state().test_stateid(a_, locks), Status::kBadStateId);
  EXPECT_EQ(state().stats().ranges, 0u);
}

TEST_F(LockTest, ALockStateidAllowsWhatItsOpenAllows) {
  const StateId reading = opened(a_, "r", 7, kReading);
  const StateId locks = locked(a_, reading, "l", {0, 1}, LockKind::kRead);
  EXPECT_TRUE(state().check_io(a_, locks, file(7), false));
  EXPECT_EQ(state().check_io(a_, locks, file(7), true).status, Status::kOpenMode);
  EXPECT_TRUE(state().check_io(a_, locked(a_, open_a_, "m", {5, 1}), file(7), true));
}

TEST_F(LockTest, LocksAreAdvisory) {
  locked(a_, open_a_, "l", kAll);
  EXPECT_TRUE(state().check_io(b_, open_b_, file(7), true));
  EXPECT_TRUE(state().check_io(b_, StateId::anonymous(), file(7), true));
}

TEST_F(LockTest, FreeStateidFreesLocksWithoutRanges) {
  const StateId locks = locked(a_, open_a_, "l", {0, 10});
  EXPECT_EQ(state().free_stateid(a_, locks), Status::kLocksHeld);
  const auto unlocked = state().unlock(a_, locks, file(7), kAll);
  ASSERT_TRUE(unlocked);
  EXPECT_EQ(state().free_stateid(b_, unlocked.value), Status::kBadStateId);
  EXPECT_EQ(state().free_stateid(a_, locks), Status::kOldStateId);
  EXPECT_EQ(state().free_stateid(a_, unlocked.value), Status::kOk);
  EXPECT_EQ(state().free_stateid(a_, unlocked.value), Status::kBadStateId);
  EXPECT_EQ(state().stats().lock_states, 0u);
  ASSERT_TRUE(state().close(a_, open_a_, file(7)));  // does not know it any more
  EXPECT_EQ(state().stats().opens, 1u);
}

TEST_F(LockTest, WhoseLeaseIsOverLosesItsLocksToAnother) {
  const Joined c = join("c");
  const StateId open_c = opened(c.id, "o", 7);
  locked(a_, open_a_, "l", {0, 10});
  locked(b_, open_b_, "l", {20, 10});
  clock_.advance(61 * rt::kSecond);
  ASSERT_EQ(ping(c, 1), Status::kOk);
  EXPECT_EQ(lock(c.id, open_c, "l", 7, {10, 10}).status, Status::kOk);
  EXPECT_EQ(state().stats().lock_states, 3u);  // nobody was in the way
  EXPECT_EQ(state().test_lock(c.id, "l", file(7), LockKind::kWrite, kAll, &denied_), Status::kOk);
  EXPECT_EQ(state().stats().lock_states, 1u);
  EXPECT_EQ(state().stats().opens, 1u);
  EXPECT_EQ(lock(c.id, open_c, "l", 7, kAll).status, Status::kOk);
}

TEST_F(LockTest, AConflictWithinAClientIsOneThoughItsLeaseIsOver) {
  locked(a_, open_a_, "l", kAll);
  clock_.advance(61 * rt::kSecond);
  EXPECT_EQ(lock(a_, open_a_, "m", 7, kAll).status, Status::kDenied);
}

TEST_F(LockTest, TestingAFileThatNobodyHasOpenIsFree) {
  EXPECT_EQ(state().test_lock(a_, "l", file(99), LockKind::kWrite, kAll, &denied_), Status::kOk);
}

}  // namespace
}  // namespace tp::test
