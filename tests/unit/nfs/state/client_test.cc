// Clients: the table of RFC 8881 §18.35.4, CREATE_SESSION's own sequence, leases.
#include "unit/nfs/state/state_fixture.h"

namespace tp::test {
namespace {

using nfs::v4::kExchangeConfirmed;
using nfs::v4::kExchangeUpdateConfirmed;

class ClientTest : public StateFixture {
 protected:
  ExchangeIdArgs updating(const Bytes& owner, char boot = 1, const Bytes& principal = "root") {
    ExchangeIdArgs args = exchange_args(owner, boot, principal);
    args.flags = kExchangeUpdateConfirmed;
    return args;
  }
};

TEST_F(ClientTest, ANewOwnerGetsAnUnconfirmedId) {
  const auto answer = state().exchange_id(exchange_args("a"));
  ASSERT_TRUE(answer);
  EXPECT_NE(answer.value.client.value, 0u);
  EXPECT_EQ(answer.value.flags & kExchangeConfirmed, 0u);
  EXPECT_NE(answer.value.flags & nfs::v4::kExchangeUseNonPnfs, 0u);
  EXPECT_EQ(state().reclaim_complete(answer.value.client, false), Status::kDeadSession);
}

TEST_F(ClientTest, UnknownFlagsAndTheServersOwnFlagAreInvalid) {
  ExchangeIdArgs args = exchange_args("a");
  args.flags = kExchangeConfirmed;
  EXPECT_EQ(state().exchange_id(args).status, Status::kInval);
  args.flags = 0x8;
  EXPECT_EQ(state().exchange_id(args).status, Status::kInval);
  args = exchange_args(Bytes(1025, 'x'));
  EXPECT_EQ(state().exchange_id(args).status, Status::kInval);
  EXPECT_TRUE(state().exchange_id(exchange_args(Bytes(1024, 'x'))));
}

TEST_F(ClientTest, TheSameIncarnationGetsItsConfirmedIdAgain) {
  const Joined a = join("a");
  const auto again = state().exchange_id(exchange_args("a"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again.value.client, a.id);
  EXPECT_NE(again.value.flags & kExchangeConfirmed, 0u);
}

TEST_F(ClientTest, AnUnconfirmedIdIsReplaced) {
  const auto first = state().exchange_id(exchange_args("a"));
  const auto second = state().exchange_id(exchange_args("a"));
  EXPECT_NE(first.value.client, second.value.client);
  EXPECT_EQ(state().create_session(session_args(first.value.client, 1)).status, Status::kStaleClientId);
  EXPECT_EQ(state().stats().clients, 1u);
}

TEST_F(ClientTest, ARestartedClientKeepsItsOldStateUntilTheNewIdIsConfirmed) {
  const Joined a = join("a", 1);
  opened(a.id, "o", 7);
  const auto restarted = state().exchange_id(exchange_args("a", 2));
  ASSERT_TRUE(restarted);
  EXPECT_NE(restarted.value.client, a.id);
  EXPECT_EQ(restarted.value.flags & kExchangeConfirmed, 0u);
  EXPECT_EQ(state().stats().opens, 1u);
  EXPECT_EQ(ping(a, 1), Status::kOk);
  EXPECT_TRUE(files_.unpinned.empty());

  ASSERT_TRUE(state().create_session(session_args(restarted.value.client, restarted.value.sequence)));
  EXPECT_EQ(state().stats().opens, 0u);
  EXPECT_EQ(files_.unpinned.size(), 1u);
  EXPECT_EQ(ping(a, 2), Status::kBadSession);
  EXPECT_EQ(state().stats().clients, 1u);
  EXPECT_EQ(state().stats().sessions, 1u);
}

TEST_F(ClientTest, AnotherPrincipalCannotHaveAnOwnerThatHoldsState) {
  const Joined a = join("a");
  opened(a.id, "o", 7);
  EXPECT_EQ(state().exchange_id(exchange_args("a", 1, "other")).status, Status::kClidInUse);
  EXPECT_EQ(state().exchange_id(exchange_args("a", 2, "other")).status, Status::kClidInUse);
  EXPECT_EQ(ping(a, 1), Status::kOk);
}

TEST_F(ClientTest, AnotherPrincipalMayHaveAnOwnerWithoutStateOrWithoutALease) {
  const Joined a = join("a");
  const auto taken = state().exchange_id(exchange_args("a", 1, "other"));
  ASSERT_TRUE(taken);
  EXPECT_NE(taken.value.client, a.id);
  EXPECT_EQ(ping(a, 1), Status::kBadSession);

  const Joined b = join("b");
  opened(b.id, "o", 7);
  clock_.advance(61 * rt::kSecond);
  EXPECT_TRUE(state().exchange_id(exchange_args("b", 1, "other")));
  EXPECT_EQ(state().stats().opens, 0u);
}

TEST_F(ClientTest, UpdatesNeedTheConfirmedClientItself) {
  EXPECT_EQ(state().exchange_id(updating("a")).status, Status::kNoEnt);
  ASSERT_TRUE(state().exchange_id(exchange_args("a")));
  EXPECT_EQ(state().exchange_id(updating("a")).status, Status::kNoEnt);  // not confirmed
  const Joined a = join("a");
  EXPECT_EQ(state().exchange_id(updating("a", 2)).status, Status::kNotSame);
  EXPECT_EQ(state().exchange_id(updating("a", 1, "other")).status, Status::kPerm);
  const auto updated = state().exchange_id(updating("a"));
  ASSERT_TRUE(updated);
  EXPECT_EQ(updated.value.client, a.id);
  EXPECT_NE(updated.value.flags & kExchangeConfirmed, 0u);
}

TEST_F(ClientTest, IdsOfAnEarlierStartAreStale) {
  const Joined a = join("a");
  start();
  EXPECT_EQ(state().create_session(session_args(a.id, 2)).status, Status::kStaleClientId);
  EXPECT_EQ(ping(a, 1), Status::kBadSession);
  const auto again = state().exchange_id(exchange_args("a"));
  EXPECT_NE(again.value.client, a.id);
}

TEST_F(ClientTest, CreateSessionRunsOnceForEachSequence) {
  const auto a = state().exchange_id(exchange_args("a"));
  const uint32_t first = a.value.sequence;
  EXPECT_EQ(state().create_session(session_args(a.value.client, first - 1)).status, Status::kSeqMisordered);
  EXPECT_EQ(state().create_session(session_args(a.value.client, first + 1)).status, Status::kSeqMisordered);
  const auto made = state().create_session(session_args(a.value.client, first));
  ASSERT_TRUE(made);
  const auto retried = state().create_session(session_args(a.value.client, first));
  ASSERT_TRUE(retried);
  EXPECT_EQ(retried.value.session, made.value.session);
  EXPECT_EQ(state().stats().sessions, 1u);
  const auto second = state().create_session(session_args(a.value.client, first + 1));
  ASSERT_TRUE(second);
  EXPECT_NE(second.value.session, made.value.session);
  EXPECT_EQ(state().create_session(session_args(a.value.client, first)).status, Status::kSeqMisordered);
}

TEST_F(ClientTest, AFailedCreateSessionChangesNothing) {
  const auto a = state().exchange_id(exchange_args("a"));
  CreateSessionArgs args = session_args(a.value.client, a.value.sequence);
  args.fore.max_requests = 0;
  EXPECT_EQ(state().create_session(args).status, Status::kInval);
  args = session_args(a.value.client, a.value.sequence);
  args.fore.max_response_bytes = 10;
  EXPECT_EQ(state().create_session(args).status, Status::kTooSmall);
  args = session_args(a.value.client, a.value.sequence);
  args.flags = 8;
  EXPECT_EQ(state().create_session(args).status, Status::kInval);
  EXPECT_EQ(state().create_session(session_args(a.value.client, a.value.sequence, "other")).status, Status::kClidInUse);
  EXPECT_EQ(state().stats().sessions, 0u);
  EXPECT_TRUE(state().create_session(session_args(a.value.client, a.value.sequence)));
}

TEST_F(ClientTest, AClientWithSessionsIsBusy) {
  const Joined a = join("a");
  EXPECT_EQ(state().destroy_client(a.id), Status::kClientIdBusy);
  ASSERT_EQ(state().destroy_session(a.session, nullptr), Status::kOk);
  EXPECT_EQ(state().destroy_client(a.id), Status::kOk);
  EXPECT_EQ(state().destroy_client(a.id), Status::kStaleClientId);
  EXPECT_EQ(state().stats().clients, 0u);
}

TEST_F(ClientTest, AClientWithOpensIsBusyEvenWithoutASession) {
  const Joined a = join("a");
  opened(a.id, "o", 7);
  ASSERT_EQ(state().destroy_session(a.session, nullptr), Status::kOk);
  EXPECT_EQ(state().destroy_client(a.id), Status::kClientIdBusy);
}

TEST_F(ClientTest, TheSweepFreesAClientWithoutStateWhenItsLeaseIsOver) {
  const Joined a = join("a");
  clock_.advance(60 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(ping(a, 1), Status::kOk);  // renews
  clock_.advance(60 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(state().stats().clients, 1u);
  clock_.advance(1);
  state().sweep();
  EXPECT_EQ(state().stats().clients, 0u);
  EXPECT_EQ(state().stats().sessions, 0u);
  EXPECT_EQ(state().stats().reply_cache_bytes, 0u);
  EXPECT_EQ(ping(a, 2), Status::kBadSession);
}

TEST_F(ClientTest, AnUnconfirmedClientGoesWithItsLeaseToo) {
  ASSERT_TRUE(state().exchange_id(exchange_args("a")));
  clock_.advance(61 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(state().stats().clients, 0u);
}

TEST_F(ClientTest, OpenFilesOutliveTheLeaseAsLongAsCourtesyLasts) {
  const Joined a = join("a");
  opened(a.id, "o", 7);
  clock_.advance(359 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(state().stats().opens, 1u);
  clock_.advance(2 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(state().stats().opens, 0u);
  EXPECT_EQ(files_.unpinned, std::vector{file(7)});
}

TEST_F(ClientTest, AClientThatComesBackWithinCourtesyHasLostNothing) {
  const Joined a = join("a");
  const StateId stateid = opened(a.id, "o", 7);
  clock_.advance(359 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(ping(a, 1), Status::kOk);
  EXPECT_TRUE(state().check_io(a.id, stateid, file(7), true));
  clock_.advance(59 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(state().stats().opens, 1u);
}

TEST_F(ClientTest, ARequestUnderWayKeepsItsClientAlive) {
  const Joined a = join("a");
  auto begun = state().sequence(sequence_args(a.session, 0, 1));
  ASSERT_TRUE(begun);
  clock_.advance(1000 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(state().stats().clients, 1u);
  begun.value.use.finish("done");
  state().sweep();
  EXPECT_EQ(state().stats().clients, 1u);  // the end of it renews, too
}

TEST_F(ClientTest, AStopLetsGoOfNoPin) {
  // Else a file without a name would go before its client can reclaim it.
  const Joined a = join("a");
  opened(a.id, "o", 7);
  start();
  EXPECT_TRUE(files_.unpinned.empty());
}

TEST_F(ClientTest, PinsAreLetGoOutsideTheMutex) {
  // The plane's unpin() may come back here: with the mutex held this would never end.
  size_t opens_seen = 99;
  files_.on_unpin = [&] { opens_seen = state().stats().opens; };
  const Joined a = join("a");
  const StateId stateid = opened(a.id, "o", 7);
  EXPECT_TRUE(state().close(a.id, stateid, file(7)));
  EXPECT_EQ(opens_seen, 0u);
  opened(a.id, "o", 8);
  opened(a.id, "o", 8);  // the second pin is not needed
  EXPECT_EQ(opens_seen, 1u);
  clock_.advance(1000 * rt::kSecond);
  state().sweep();
  EXPECT_EQ(opens_seen, 0u);
  EXPECT_EQ(files_.unpinned.size(), 3u);
  files_.on_unpin = {};
}

}  // namespace
}  // namespace tp::test
