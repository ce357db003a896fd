// Opens: shares, upgrades, downgrades, close; what stateids allow.
#include "front/nfs/state/state_records.h"
#include "unit/nfs/state/state_fixture.h"

namespace tp::test {
namespace {

using plane::AccessCheck;

class OpenTest : public StateFixture {
 protected:
  void SetUp() override {
    StateFixture::SetUp();
    a_ = join("a").id;
    b_ = join("b").id;
  }
  Status io(ClientId client, const StateId& stateid, bool write, uint64_t inode = 7) {
    return state().check_io(client, stateid, file(inode), write).status;
  }
  ClientId a_, b_;
};

TEST_F(OpenTest, AnOpenPinsItsFileUntilItIsClosed) {
  const StateId stateid = opened(a_, "o", 7);
  EXPECT_EQ(stateid.seqid, 1u);
  EXPECT_TRUE(files_.unpinned.empty());
  const auto closed = state().close(a_, stateid, file(7));
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed.value, StateId::invalid());
  EXPECT_EQ(files_.unpinned, std::vector{file(7)});
  EXPECT_EQ(state().close(a_, stateid, file(7)).status, Status::kBadStateId);
  EXPECT_EQ(state().stats().opens, 0u);
}

TEST_F(OpenTest, OneOwnerHasOneOpenOfAFile) {
  const StateId first = opened(a_, "o", 7, kReading);
  const StateId second = opened(a_, "o", 7, kWriting);
  EXPECT_EQ(second.other, first.other);
  EXPECT_EQ(second.seqid, 2u);
  EXPECT_EQ(state().stats().opens, 1u);
  EXPECT_EQ(io(a_, second, false), Status::kOk);
  EXPECT_EQ(io(a_, second, true), Status::kOk);
  EXPECT_NE(opened(a_, "p", 7).other, first.other);
  EXPECT_NE(opened(b_, "o", 7).other, first.other);
  EXPECT_NE(opened(a_, "o", 8).other, first.other);
  EXPECT_EQ(state().stats().opens, 4u);
}

TEST_F(OpenTest, SharesConflictAsTheTableSays) {
  // For every pair of opens: refused exactly if one denies what the other has.
  uint64_t inode = 100;
  for (uint32_t access = 1; access <= 3; ++access) {
    for (uint32_t deny = 0; deny <= 3; ++deny) {
      for (uint32_t other_access = 1; other_access <= 3; ++other_access) {
        for (uint32_t other_deny = 0; other_deny <= 3; ++other_deny) {
          ++inode;
          opened(a_, "o", inode, {access, deny});
          const bool conflict = (access & other_deny) != 0 || (other_access & deny) != 0;
          EXPECT_EQ(open(b_, "o", inode, {other_access, other_deny}).status,
                    conflict ? Status::kShareDenied : Status::kOk)
              << access << deny << other_access << other_deny;
        }
      }
    }
  }
}

TEST_F(OpenTest, TwoOwnersOfOneClientConflictToo) {
  opened(a_, "o", 7, {1, 2});
  EXPECT_EQ(open(a_, "p", 7, kWriting).status, Status::kShareDenied);
  EXPECT_EQ(open(a_, "o", 7, kWriting).status, Status::kOk);  // the owner itself does not
  EXPECT_EQ(open(a_, "p", 7, kReading).status, Status::kOk);
}

TEST_F(OpenTest, AnUpgradeThatConflictsLeavesTheOpenAsItWas) {
  const StateId mine = opened(a_, "o", 7, kReading);
  opened(b_, "o", 7, kReading);
  EXPECT_EQ(open(a_, "o", 7, {1, 1}).status, Status::kShareDenied);
  EXPECT_EQ(state().test_stateid(a_, mine), Status::kOk);
  EXPECT_EQ(open(b_, "p", 7, kReading).status, Status::kOk);
  EXPECT_EQ(files_.unpinned.size(), 1u);  // the refused one's
}

TEST_F(OpenTest, AClosedOpenDeniesNothing) {
  const StateId mine = opened(a_, "o", 7, {3, 3});
  EXPECT_EQ(open(b_, "o", 7, kReading).status, Status::kShareDenied);
  ASSERT_TRUE(state().close(a_, mine, file(7)));
  EXPECT_EQ(open(b_, "o", 7, kReading).status, Status::kOk);
}

TEST_F(OpenTest, SharesThatDoNotExistAreInvalid) {
  EXPECT_EQ(open(a_, "o", 7, {0, 0}).status, Status::kInval);
  EXPECT_EQ(open(a_, "o", 7, {4, 0}).status, Status::kInval);
  EXPECT_EQ(open(a_, "o", 7, {1, 4}).status, Status::kInval);
  EXPECT_EQ(open(a_, Bytes(1025, 'o'), 7, kReading).status, Status::kInval);
  EXPECT_EQ(files_.unpinned.size(), 4u);
}

TEST_F(OpenTest, DowngradesGoBackToWhatWasAskedFor) {
  StateId stateid = opened(a_, "o", 7, {3, 1});
  // It was opened once for both: reading alone was never asked for.
  EXPECT_EQ(state().downgrade(a_, stateid, file(7), {1, 1}).status, Status::kInval);
  stateid = opened(a_, "o", 7, {1, 0});
  const auto down = state().downgrade(a_, stateid, file(7), {1, 0});
  ASSERT_TRUE(down);
  EXPECT_EQ(down.value.seqid, 3u);
  EXPECT_EQ(io(a_, down.value, true), Status::kOpenMode);
  EXPECT_EQ(open(b_, "o", 7, kReading).status, Status::kOk);  // nothing is denied any more
  EXPECT_EQ(state().downgrade(a_, down.value, file(7), {3, 0}).status, Status::kInval);
  EXPECT_EQ(state().downgrade(a_, down.value, file(7), {0, 0}).status, Status::kInval);
  EXPECT_EQ(state().downgrade(a_, down.value, file(7), {1, 5}).status, Status::kInval);
  EXPECT_EQ(state().downgrade(a_, stateid, file(7), {1, 0}).status, Status::kOldStateId);
}

TEST_F(OpenTest, ADowngradeMayGoToTheUnionOfSeveralOpens) {
  opened(a_, "o", 7, kReading);
  const StateId stateid = opened(a_, "o", 7, kWriting);
  EXPECT_TRUE(state().downgrade(a_, stateid, file(7), kBoth));
  StateId latest = stateid;
  latest.seqid = 0;
  EXPECT_TRUE(state().downgrade(a_, latest, file(7), kWriting));
  EXPECT_EQ(state().downgrade(a_, latest, file(7), kReading).status, Status::kInval);
}

TEST_F(OpenTest, IoNeedsTheRightOpen) {
  const StateId reading = opened(a_, "r", 7, kReading), writing = opened(a_, "w", 7, kWriting);
  EXPECT_EQ(state().check_io(a_, reading, file(7), false).value.check, AccessCheck::kOpened);
  EXPECT_EQ(io(a_, reading, true), Status::kOpenMode);
  EXPECT_EQ(state().check_io(a_, writing, file(7), true).value.check, AccessCheck::kOpened);
  // Reading through an open for writing: only as far as the mode bits allow it.
  const auto read = state().check_io(a_, writing, file(7), false);
  ASSERT_TRUE(read);
  EXPECT_EQ(read.value.check, AccessCheck::kByMode);
}

TEST_F(OpenTest, StateidsAreTheirClientsTheirFilesAndTheirTimes) {
  StateId stateid = opened(a_, "o", 7);
  EXPECT_EQ(io(b_, stateid, false), Status::kBadStateId);
  EXPECT_EQ(io(a_, stateid, false, 8), Status::kBadStateId);
  StateId later = stateid;
  later.seqid = 2;
  EXPECT_EQ(io(a_, later, false), Status::kBadStateId);
  opened(a_, "o", 7);
  EXPECT_EQ(io(a_, later, false), Status::kOk);
  EXPECT_EQ(io(a_, stateid, false), Status::kOldStateId);
  EXPECT_EQ(state().close(a_, stateid, file(7)).status, Status::kOldStateId);
  stateid.seqid = 0;  // the latest
  EXPECT_EQ(io(a_, stateid, false), Status::kOk);
  EXPECT_TRUE(state().close(a_, stateid, file(7)));
}

TEST_F(OpenTest, SpecialAndForgedStateidsLeadNowhere) {
  const StateId real = opened(a_, "o", 7);
  std::vector<StateId> bad = {StateId::current(), StateId::invalid(), real, real};
  bad[2].other[0] = static_cast<char>(bad[2].other[0] ^ 1);  // another start
  bad[3].other[11] = 99;                                     // a number never given
  StateId odd = StateId::anonymous();
  odd.seqid = 7;
  bad.push_back(odd);
  odd = StateId::bypass();
  odd.seqid = 0;
  bad.push_back(odd);
  for (const StateId& stateid : bad) {
    EXPECT_EQ(io(a_, stateid, false), Status::kBadStateId);
    EXPECT_EQ(state().close(a_, stateid, file(7)).status, Status::kBadStateId);
    EXPECT_EQ(state().test_stateid(a_, stateid), Status::kBadStateId);
    EXPECT_EQ(state().free_stateid(a_, stateid), Status::kBadStateId);
  }
  for (const StateId& special : {StateId::anonymous(), StateId::bypass()}) {
    EXPECT_EQ(io(a_, special, false), Status::kOk);
    EXPECT_EQ(state().close(a_, special, file(7)).status, Status::kBadStateId);
    EXPECT_EQ(state().downgrade(a_, special, file(7), kReading).status, Status::kBadStateId);
    EXPECT_EQ(state().test_stateid(a_, special), Status::kBadStateId);
    EXPECT_EQ(lock(a_, special, "l", 7, {0, 1}).status, Status::kBadStateId);
    EXPECT_EQ(state().unlock(a_, special, file(7), {0, 1}).status, Status::kBadStateId);
  }
}

TEST_F(OpenTest, StateidsOfAnEarlierStartAreBad) {
  const StateId old = opened(a_, "o", 7);
  start();
  const ClientId again = join("a").id;
  opened(again, "o", 7);  // the same number, another start
  EXPECT_EQ(io(again, old, false), Status::kBadStateId);
  EXPECT_EQ(state().test_stateid(again, old), Status::kBadStateId);
}

TEST_F(OpenTest, SpecialStateidsMeetDenies) {
  const StateId mine = opened(a_, "o", 7, {1, 2});
  EXPECT_EQ(io(b_, StateId::anonymous(), true), Status::kLocked);
  EXPECT_EQ(io(b_, StateId::bypass(), true), Status::kLocked);
  EXPECT_EQ(io(b_, StateId::anonymous(), false), Status::kOk);
  EXPECT_EQ(state().check_io(b_, StateId::anonymous(), file(7), false).value.check, AccessCheck::kByMode);
  opened(a_, "o", 7, {1, 1});
  EXPECT_EQ(io(b_, StateId::anonymous(), false), Status::kLocked);
  EXPECT_EQ(io(b_, StateId::bypass(), false), Status::kOk);
  EXPECT_EQ(io(b_, StateId::anonymous(), true, 8), Status::kOk);
  StateId latest = mine;
  latest.seqid = 0;
  ASSERT_TRUE(state().close(a_, latest, file(7)));
  EXPECT_EQ(io(b_, StateId::anonymous(), true), Status::kOk);
}

TEST_F(OpenTest, WhoseLeaseIsOverDeniesNothing) {
  const Joined c = join("c");
  const StateId mine = opened(a_, "o", 7, {3, 3});
  opened(a_, "o", 8, kReading);
  clock_.advance(61 * rt::kSecond);
  ASSERT_EQ(ping(c, 1), Status::kOk);
  // Without a conflict it keeps everything.
  EXPECT_EQ(open(c.id, "o", 8, kReading).status, Status::kOk);
  EXPECT_EQ(state().test_stateid(a_, mine), Status::kOk);
  EXPECT_EQ(open(c.id, "o", 7, {1, 1}).status, Status::kOk);
  EXPECT_EQ(io(a_, mine, false), Status::kDeadSession);
  EXPECT_EQ(files_.unpinned.size(), 2u);
  EXPECT_EQ(state().stats().opens, 2u);
}

TEST_F(OpenTest, ALivingConflictStaysThoughExpiredOnesGo) {
  const Joined c = join("c"), d = join("d");
  opened(a_, "o", 7, kReading);
  opened(c.id, "o", 7, kReading);
  clock_.advance(61 * rt::kSecond);
  ASSERT_EQ(ping(c, 1), Status::kOk);
  ASSERT_EQ(ping(d, 1), Status::kOk);
  EXPECT_EQ(open(d.id, "o", 7, {1, 1}).status, Status::kShareDenied);
  EXPECT_EQ(state().stats().opens, 1u);
}

TEST_F(OpenTest, AConflictWithinAClientIsOneThoughItsLeaseIsOver) {
  const StateId mine = opened(a_, "o", 7, {1, 2});
  clock_.advance(61 * rt::kSecond);
  EXPECT_EQ(open(a_, "p", 7, kWriting).status, Status::kShareDenied);
  EXPECT_EQ(state().test_stateid(a_, mine), Status::kOk);
}

TEST_F(OpenTest, AnonymousIoFreesWhoseLeaseIsOver) {
  const Joined c = join("c");
  opened(a_, "o", 7, {1, 2});
  clock_.advance(61 * rt::kSecond);
  ASSERT_EQ(ping(c, 1), Status::kOk);
  EXPECT_EQ(io(c.id, StateId::anonymous(), true), Status::kOk);
  EXPECT_EQ(state().stats().opens, 0u);
}

TEST_F(OpenTest, TestAndFreeSayWhatAStateidIs) {
  const StateId stateid = opened(a_, "o", 7);
  EXPECT_EQ(state().test_stateid(a_, stateid), Status::kOk);
  EXPECT_EQ(state().test_stateid(b_, stateid), Status::kBadStateId);
  EXPECT_EQ(state().free_stateid(a_, stateid), Status::kLocksHeld);
  ASSERT_TRUE(state().close(a_, stateid, file(7)));
  EXPECT_EQ(state().test_stateid(a_, stateid), Status::kBadStateId);
}

TEST_F(OpenTest, SeqidsSkipZeroWhenTheyWrapAround) {
  uint32_t seqid = UINT32_MAX - 1;
  EXPECT_EQ(nfs::state::advance(seqid), UINT32_MAX);
  EXPECT_EQ(nfs::state::advance(seqid), 1u);
}

}  // namespace
}  // namespace tp::test
