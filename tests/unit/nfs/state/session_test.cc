// Sessions: negotiation, slots and exactly-once, abuse of sequence numbers.
#include "front/nfs/state/slot_table.h"
#include "unit/nfs/state/state_fixture.h"

namespace tp::test {
namespace {

class SessionTest : public StateFixture {};

TEST_F(SessionTest, ChannelsAreNegotiatedDownwards) {
  const auto a = state().exchange_id(exchange_args("a"));
  CreateSessionArgs args = session_args(a.value.client, a.value.sequence);
  args.fore = {UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
  args.flags = nfs::v4::kSessionPersist | nfs::v4::kSessionBackChannel | nfs::v4::kSessionRdma;
  const auto made = state().create_session(args);
  ASSERT_TRUE(made);
  EXPECT_EQ(made.value.flags, 0u);
  EXPECT_EQ(made.value.fore.max_request_bytes, options_.limits.max_request_bytes);
  EXPECT_EQ(made.value.fore.max_response_bytes, options_.limits.max_response_bytes);
  EXPECT_EQ(made.value.fore.max_cached_bytes, 16u << 10);
  EXPECT_EQ(made.value.fore.max_operations, 128u);
  EXPECT_EQ(made.value.fore.max_requests, 64u);

  args = session_args(a.value.client, a.value.sequence + 1);
  args.fore = {5000, 600, 700, 3, 2};
  const auto small = state().create_session(args);
  ASSERT_TRUE(small);
  EXPECT_EQ(small.value.fore.max_request_bytes, 5000u);
  EXPECT_EQ(small.value.fore.max_response_bytes, 600u);
  EXPECT_EQ(small.value.fore.max_cached_bytes, 600u);
  EXPECT_EQ(small.value.fore.max_operations, 3u);
  EXPECT_EQ(small.value.fore.max_requests, 2u);
}

TEST_F(SessionTest, IdsOfSessionsAreNotToBeGuessed) {
  const Joined a = join("a"), b = join("b");
  EXPECT_NE(a.session.view().substr(8), b.session.view().substr(8));
  SessionId forged = a.session;
  forged.bytes[15] = static_cast<char>(forged.bytes[15] ^ 1);
  EXPECT_EQ(state().sequence(sequence_args(forged, 0, 1)).status, Status::kBadSession);
}

TEST_F(SessionTest, ARetryGetsTheReplyOfItsFirstTry) {
  const Joined a = join("a");
  auto first = state().sequence(sequence_args(a.session, 3, 1));
  ASSERT_TRUE(first);
  EXPECT_EQ(first.value.kind, SequenceResult::Kind::kNew);
  EXPECT_EQ(first.value.client, a.id);
  EXPECT_EQ(first.value.target_highest_slot, 7u);
  EXPECT_EQ(first.value.status_flags, 0u);
  first.value.use.finish("the reply");
  for (int i = 0; i < 3; ++i) {
    auto retry = state().sequence(sequence_args(a.session, 3, 1));
    ASSERT_TRUE(retry);
    EXPECT_EQ(retry.value.kind, SequenceResult::Kind::kReplay);
    EXPECT_EQ(retry.value.replay, "the reply");
    EXPECT_FALSE(retry.value.use);
  }
  EXPECT_EQ(ping(a, 2, 3), Status::kOk);
}

TEST_F(SessionTest, ARetryOfWhatWasNotKeptSaysSo) {
  const Joined a = join("a");
  auto first = state().sequence(sequence_args(a.session, 0, 1, false));
  first.value.use.finish("the reply");
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, 1, false)).status, Status::kRetryUncachedRep);

  auto large = state().sequence(sequence_args(a.session, 0, 2));
  large.value.use.finish(Bytes(4097, 'x'));
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, 2)).status, Status::kRetryUncachedRep);
  auto unknown = state().sequence(sequence_args(a.session, 1, 1));
  unknown.value.use.finish({});  // a reply that was not kept together
  EXPECT_EQ(state().sequence(sequence_args(a.session, 1, 1)).status, Status::kRetryUncachedRep);
  auto fits = state().sequence(sequence_args(a.session, 0, 3));
  fits.value.use.finish(Bytes(4096, 'x'));
  EXPECT_TRUE(state().sequence(sequence_args(a.session, 0, 3)));
}

TEST_F(SessionTest, ARequestThatBrokeOffFreesItsSlot) {
  const Joined a = join("a");
  { auto begun = state().sequence(sequence_args(a.session, 0, 1)); }
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, 1)).status, Status::kRetryUncachedRep);
  EXPECT_EQ(ping(a, 2), Status::kOk);
}

TEST_F(SessionTest, ARetryWhileTheFirstTryRunsIsToComeLater) {
  const Joined a = join("a");
  auto begun = state().sequence(sequence_args(a.session, 0, 1));
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, 1)).status, Status::kDelay);
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, 2)).status, Status::kSeqMisordered);
  EXPECT_EQ(ping(a, 1, 1), Status::kOk);  // other slots are free
  begun.value.use.finish("r");
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, 1)).value.replay, "r");
}

TEST_F(SessionTest, AnotherRequestUnderAnOldNumberIsAFalseRetry) {
  const Joined a = join("a");
  auto first = state().sequence(sequence_args(a.session, 0, 1));
  SequenceArgs other = sequence_args(a.session, 0, 1);
  other.fingerprint = 5;
  EXPECT_EQ(state().sequence(other).status, Status::kSeqFalseRetry);
  first.value.use.finish("r");
  EXPECT_EQ(state().sequence(other).status, Status::kSeqFalseRetry);
}

TEST_F(SessionTest, NumbersOutOfOrderAndSlotsThatAreNotThereAreRefused) {
  const Joined a = join("a");
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, 0)).status, Status::kSeqMisordered);
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, 2)).status, Status::kSeqMisordered);
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, UINT32_MAX)).status, Status::kSeqMisordered);
  EXPECT_EQ(ping(a, 1), Status::kOk);
  EXPECT_EQ(ping(a, 2), Status::kOk);
  EXPECT_EQ(ping(a, 1), Status::kSeqMisordered);
  EXPECT_EQ(ping(a, 4), Status::kSeqMisordered);
  EXPECT_EQ(state().sequence(sequence_args(a.session, 8, 1)).status, Status::kBadSlot);
  EXPECT_EQ(state().sequence(sequence_args(a.session, UINT32_MAX, 1)).status, Status::kBadSlot);
  SequenceArgs high = sequence_args(a.session, 0, 3);
  high.highest_slot = 8;
  EXPECT_EQ(state().sequence(high).status, Status::kBadHighSlot);
  EXPECT_EQ(ping(a, 3), Status::kOk);  // none of this moved the slot
}

TEST_F(SessionTest, SequenceNumbersWrapAround) {
  nfs::state::SlotTable slots(1);
  using Verdict = nfs::state::SlotTable::Verdict;
  // 2^32 requests are too many for a test: the table's arithmetic is what it must be if 0 follows the largest number.
  uint32_t last = 0;
  for (uint32_t i = 1; i <= 1000; ++i) {
    ASSERT_EQ(slots.begin(0, i, i), Verdict::kNew);
    slots.finish(0, nullptr);
    last = i;
  }
  EXPECT_EQ(slots.begin(0, last + 2, 1), Verdict::kMisordered);
  nfs::state::SlotTable worn(1, UINT32_MAX - 1);
  ASSERT_EQ(worn.begin(0, UINT32_MAX, 1), Verdict::kNew);
  worn.finish(0, nullptr);
  EXPECT_EQ(worn.begin(0, 1, 2), Verdict::kMisordered);
  EXPECT_EQ(worn.begin(0, 0, 2), Verdict::kNew);
  worn.finish(0, nullptr);
  EXPECT_EQ(worn.begin(0, 0, 2), Verdict::kUncached);
  EXPECT_EQ(worn.begin(0, 1, 3), Verdict::kNew);
}

TEST_F(SessionTest, DestroyWaitsForTheSessionsOtherRequests) {
  const Joined a = join("a");
  auto own = state().sequence(sequence_args(a.session, 0, 1));
  auto other = state().sequence(sequence_args(a.session, 1, 1));
  EXPECT_EQ(state().destroy_session(a.session, &own.value.use), Status::kDelay);
  other.value.use.finish("");
  EXPECT_EQ(state().destroy_session(a.session, nullptr), Status::kDelay);
  EXPECT_EQ(state().destroy_session(a.session, &own.value.use), Status::kOk);
  own.value.use.finish("a reply nobody can ask for again");
  EXPECT_EQ(state().destroy_session(a.session, nullptr), Status::kBadSession);
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, 2)).status, Status::kBadSession);
}

TEST_F(SessionTest, TheSlotOfAnotherSessionIsNotOnesOwn) {
  const Joined a = join("a"), b = join("b");
  auto of_b = state().sequence(sequence_args(b.session, 0, 1));
  auto of_a = state().sequence(sequence_args(a.session, 0, 1));
  EXPECT_EQ(state().destroy_session(a.session, &of_b.value.use), Status::kDelay);
  of_a.value.use.finish("");
  EXPECT_EQ(state().destroy_session(a.session, &of_b.value.use), Status::kOk);
}

TEST_F(SessionTest, AClientThatGoesWhileItsRequestRunsIsHarmless) {
  const Joined a = join("a", 1);
  auto running = state().sequence(sequence_args(a.session, 0, 1));
  const Joined again = join("a", 2);
  EXPECT_EQ(open(a.id, "o", 7, kBoth).status, Status::kDeadSession);
  EXPECT_EQ(state().check_io(a.id, StateId::anonymous(), file(7), false).status, Status::kDeadSession);
  running.value.use.finish("r");
  EXPECT_EQ(ping(again, 1), Status::kOk);
  clock_.advance(61 * rt::kSecond);
  state().sweep();  // counts of running requests have not been mixed up
  EXPECT_EQ(state().stats().clients, 0u);
}

TEST_F(SessionTest, ADestroyedSessionsRequestKeepsNobodyAlive) {
  const Joined a = join("a");
  auto own = state().sequence(sequence_args(a.session, 0, 1));
  ASSERT_EQ(state().destroy_session(a.session, &own.value.use), Status::kOk);
  own.value.use.finish("r");
  clock_.advance(61 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(state().stats().clients, 0u);
}

TEST_F(SessionTest, ARetryRenewsTheLeaseToo) {
  const Joined a = join("a");
  auto first = state().sequence(sequence_args(a.session, 0, 1));
  first.value.use.finish("r");
  clock_.advance(59 * rt::kSecond);
  ASSERT_TRUE(state().sequence(sequence_args(a.session, 0, 1)));
  clock_.advance(59 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(state().stats().clients, 1u);
}

TEST_F(SessionTest, ConnectionsBindToTheForeChannel) {
  const Joined a = join("a");
  EXPECT_EQ(state().bind_connection(a.session, 1).value, 1u);
  EXPECT_EQ(state().bind_connection(a.session, 3).value, 1u);
  EXPECT_EQ(state().bind_connection(a.session, 7).value, 3u);
  EXPECT_EQ(state().bind_connection(a.session, 2).status, Status::kInval);
  EXPECT_EQ(state().bind_connection(a.session, 0).status, Status::kInval);
  EXPECT_EQ(state().bind_connection(SessionId{}, 1).status, Status::kBadSession);
}

TEST_F(SessionTest, AMovedSlotUseFinishesOnce) {
  const Joined a = join("a");
  auto begun = state().sequence(sequence_args(a.session, 0, 1));
  SlotUse moved(std::move(begun.value.use));
  EXPECT_FALSE(begun.value.use);
  SlotUse again;
  again = std::move(moved);
  again.finish("r");
  again.finish("twice");
  EXPECT_EQ(state().sequence(sequence_args(a.session, 0, 1)).value.replay, "r");
}

}  // namespace
}  // namespace tp::test
