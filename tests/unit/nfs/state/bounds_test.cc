// What clients can make the server keep is limited, and a full table stays usable. Many threads at once.
#include <atomic>
#include <future>

#include "rt/env/rng.h"
#include "unit/nfs/state/state_fixture.h"

namespace tp::test {
namespace {

class BoundsTest : public StateFixture {
 protected:
  void SetUp() override {
    options_.limits.clients = 8;
    options_.limits.sessions_per_client = 3;
    options_.limits.opens_per_client = 5;
    options_.limits.opens = 8;
    options_.limits.lock_states_per_client = 3;
    options_.limits.ranges_per_client = 10;
    options_.limits.reply_cache_bytes = 256 << 10;
    StateFixture::SetUp();
  }
};

TEST_F(BoundsTest, UnconfirmedClientsMakeRoomOldestFirst) {
  const Joined kept = join("kept");
  std::vector<ClientId> ids;
  for (int i = 0; i < 100; ++i) {
    const auto answer = state().exchange_id(exchange_args("flood" + std::to_string(i)));
    ASSERT_TRUE(answer);
    ids.push_back(answer.value.client);
    ASSERT_LE(state().stats().clients, 8u);
  }
  EXPECT_EQ(ping(kept, 1), Status::kOk);
  EXPECT_EQ(state().create_session(session_args(ids[92], 1)).status, Status::kStaleClientId);
  EXPECT_TRUE(state().create_session(session_args(ids[93], 1)));
}

TEST_F(BoundsTest, LivingClientsAreNotPushedOut) {
  std::vector<Joined> joined;
  for (int i = 0; i < 8; ++i) joined.push_back(join("c" + std::to_string(i)));
  EXPECT_EQ(state().exchange_id(exchange_args("one more")).status, Status::kDelay);
  EXPECT_TRUE(state().exchange_id(exchange_args("c3")));  // known ones are served
  clock_.advance(61 * rt::kSecond);
  EXPECT_EQ(ping(joined[2], 1), Status::kOk);
  EXPECT_TRUE(state().exchange_id(exchange_args("one more")));
  EXPECT_EQ(ping(joined[2], 2), Status::kOk);
  EXPECT_EQ(ping(joined[4], 1), Status::kBadSession);
}

TEST_F(BoundsTest, SessionsOfAClientAreLimited) {
  const Joined a = join("a");
  EXPECT_TRUE(state().create_session(session_args(a.id, 2)));
  EXPECT_TRUE(state().create_session(session_args(a.id, 3)));
  EXPECT_EQ(state().create_session(session_args(a.id, 4)).status, Status::kNoSpc);
  ASSERT_EQ(state().destroy_session(a.session, nullptr), Status::kOk);
  EXPECT_TRUE(state().create_session(session_args(a.id, 4)));
}

TEST_F(BoundsTest, ReplyCachesKeepToTheirLimitByFewerSlots) {
  uint32_t before = UINT32_MAX;
  size_t refused = 0;
  for (int i = 0; i < 7; ++i) {
    Joined client = join("c" + std::to_string(i));
    uint32_t sequence = 2;
    for (int more = 0; more < 2; ++more) {
      CreateSessionArgs args = session_args(client.id, sequence);
      args.fore.max_cached_bytes = 16 << 10;
      args.fore.max_requests = 64;
      const auto made = state().create_session(args);
      if (!made) {
        EXPECT_EQ(made.status, Status::kNoSpc);
        ++refused;
        continue;
      }
      EXPECT_LE(made.value.fore.max_requests, before);
      EXPECT_GE(made.value.fore.max_requests, 1u);
      before = made.value.fore.max_requests;
      ++sequence;
      EXPECT_EQ(state().sequence(sequence_args(made.value.session, made.value.fore.max_requests, 1)).status,
                Status::kBadSlot);
    }
    EXPECT_LE(state().stats().reply_cache_bytes, 256u << 10);
  }
  EXPECT_EQ(before, 1u);
  EXPECT_GT(refused, 0u);
}

TEST_F(BoundsTest, OpensAreLimitedByClientAndAltogether) {
  const Joined a = join("a"), b = join("b");
  for (uint64_t inode = 1; inode <= 5; ++inode) opened(a.id, "o", inode);
  EXPECT_EQ(open(a.id, "o", 6, kBoth).status, Status::kNoSpc);
  EXPECT_EQ(open(a.id, "o", 5, kBoth).status, Status::kOk);  // has it already
  for (uint64_t inode = 1; inode <= 3; ++inode) opened(b.id, "o", inode);
  EXPECT_EQ(open(b.id, "o", 4, kBoth).status, Status::kNoSpc);
  EXPECT_EQ(state().stats().opens, 8u);
}

TEST_F(BoundsTest, LocksAreLimited) {
  const Joined a = join("a");
  const StateId open_a = opened(a.id, "o", 7);
  for (const char* owner : {"x", "y", "z"}) {
    EXPECT_EQ(lock(a.id, open_a, owner, 7, {0, 1}, LockKind::kRead).status, Status::kOk);
  }
  EXPECT_EQ(lock(a.id, open_a, "w", 7, {0, 1}, LockKind::kRead).status, Status::kServerFault);
  EXPECT_EQ(state().stats().lock_states, 3u);
  const auto unlocked = lock(a.id, open_a, "z", 7, {0, 1}, LockKind::kRead);
  ASSERT_EQ(state().free_stateid(a.id, state().unlock(a.id, unlocked.value, file(7), {0, 1}).value), Status::kOk);
  EXPECT_EQ(lock(a.id, open_a, "w", 7, {0, 1}, LockKind::kRead).status, Status::kOk);
  Status last = Status::kOk;
  for (uint64_t i = 1; i < 100 && last == Status::kOk; ++i) last = lock(a.id, open_a, "x", 7, {10 * i, 1}).status;
  EXPECT_EQ(last, Status::kServerFault);
  EXPECT_LE(state().stats().ranges, 10u);
}

TEST_F(BoundsTest, UnlockingCannotSplitWithoutEnd) {
  const Joined a = join("a");
  const StateId open_a = opened(a.id, "o", 7);
  StateId locks = lock(a.id, open_a, "x", 7, {0, UINT64_MAX}).value;
  Status last = Status::kOk;
  for (uint64_t i = 1; i < 100 && last == Status::kOk; ++i) {
    const auto answer = state().unlock(a.id, locks, file(7), {10 * i, 1});
    last = answer.status;
    if (answer) locks = answer.value;
  }
  EXPECT_EQ(last, Status::kServerFault);
  EXPECT_EQ(state().stats().ranges, 10u);
  EXPECT_TRUE(state().unlock(a.id, locks, file(7), {0, UINT64_MAX}));  // all at once always goes
  EXPECT_EQ(state().stats().ranges, 0u);
}

TEST_F(BoundsTest, NothingIsLeftWhenAllClientsHaveGone) {
  for (int round = 0; round < 3; ++round) {
    const Joined a = join("a" + std::to_string(round));
    for (uint64_t inode = 1; inode <= 3; ++inode) {
      lock(a.id, opened(a.id, "o", inode), "l", inode, {0, 5});
    }
    clock_.advance(1000 * rt::kSecond);
    state().sweep();
    const NfsState::Stats stats = state().stats();
    EXPECT_EQ(stats.clients + stats.sessions + stats.opens + stats.lock_states + stats.ranges, 0u);
    EXPECT_EQ(stats.reply_cache_bytes, 0u);
  }
  EXPECT_EQ(files_.unpinned.size(), 9u);
}

class CrowdTest : public StateFixture {};

/// One client's random life: whatever comes back must be a status, and its own file must do what it says.
void live(NfsState* state, FakeFiles* files, uint64_t seed, std::vector<ClientId> everybody) {
  rt::Rng rng(seed);
  std::vector<StateId> known(8);
  for (int step = 0; step < 3000; ++step) {
    const ClientId client = everybody[rng.below(everybody.size())];
    const plane::FileId file{VolumeId(1), InodeId(1 + rng.below(4))};
    StateId& stateid = known[rng.below(known.size())];
    const Bytes owner(1, static_cast<char>('a' + rng.below(3)));
    const WireRange range{rng.below(100), 1 + rng.below(100)};
    LockDenied denied;
    LockArgs args{stateid, rng.below(2) == 0, owner, false, static_cast<LockKind>(rng.below(2)), range};
    switch (rng.below(9)) {
      case 0:
      case 1:
      case 2: {
        const Share share{static_cast<uint32_t>(1 + rng.below(3)), static_cast<uint32_t>(rng.below(8) / 6)};
        const auto answer = state->open(client, {owner, share, false}, plane::FilePin(*files, file));
        if (answer) stateid = answer.value;
        break;
      }
      case 3:
        state->close(client, stateid, file);
        break;
      case 4: {
        const auto answer = state->lock(client, args, file, &denied);
        if (answer) known[rng.below(known.size())] = answer.value;
        break;
      }
      case 5:
        state->unlock(client, stateid, file, range);
        break;
      case 6:
        state->free_stateid(client, stateid);
        break;
      case 7:
        state->check_io(client, stateid, file, true);
        break;
      case 8:
        state->downgrade(client, stateid, file, {1, 0});
        break;
    }
  }
}

TEST_F(CrowdTest, ManyThreadsLeaveNothingBehind) {
  std::atomic<size_t> unpins{0};
  files_.on_unpin = [&] { ++unpins; };
  std::vector<Joined> joined;
  std::vector<ClientId> ids;
  for (int i = 0; i < 4; ++i) {
    joined.push_back(join("c" + std::to_string(i)));
    ids.push_back(joined.back().id);
  }
  std::vector<std::future<void>> threads;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    threads.push_back(std::async(std::launch::async, [&, seed] { live(state_.get(), &files_, seed, ids); }));
  }
  for (auto& thread : threads) thread.get();
  EXPECT_GT(unpins, 0u);
  clock_.advance(1000 * rt::kSecond);
  state().sweep();
  const NfsState::Stats stats = state().stats();
  EXPECT_EQ(stats.clients + stats.sessions + stats.opens + stats.lock_states + stats.ranges, 0u);
}

}  // namespace
}  // namespace tp::test
