// StateFixture: the state model of one start after another, with steps that its tests ask for in one line each.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "front/nfs/state/client_records.h"
#include "unit/nfs/state/fake_files.h"

namespace tp::test {

using nfs::state::ChannelAttributes;
using nfs::state::ClientId;
using nfs::state::ClientRecords;
using nfs::state::CreateSessionArgs;
using nfs::state::CreateSessionResult;
using nfs::state::ExchangeIdArgs;
using nfs::state::LockArgs;
using nfs::state::LockDenied;
using nfs::state::LockKind;
using nfs::state::NfsState;
using nfs::state::NfsStateOptions;
using nfs::state::SequenceArgs;
using nfs::state::SequenceResult;
using nfs::state::SessionId;
using nfs::state::Share;
using nfs::state::SlotUse;
using nfs::state::StateId;
using nfs::state::Status;
using nfs::state::WireRange;

inline constexpr Share kReading{1, 0}, kWriting{2, 0}, kBoth{3, 0};

class StateFixture : public testing::Test {
 protected:
  struct Joined {
    ClientId id;
    SessionId session;
  };

  StateFixture() {
    options_.clock = &clock_;
    options_.lease = 60 * rt::kSecond;
    options_.grace = 90 * rt::kSecond;
    options_.courtesy = 300 * rt::kSecond;
  }
  void SetUp() override { start(); }

  /// A (further) start of the server, which remembers what the notes say.
  void start() {
    state_.reset();
    NfsStateOptions options = options_;
    options.start_number = ++starts_;
    ASSERT_TRUE(run_now(ClientRecords::load(files_, &options)));
    state_ = std::make_unique<NfsState>(options);
  }
  NfsState& state() { return *state_; }
  Result<void> settle(ClientId client) {
    ClientRecords records(files_, state());
    return run_now(records.settle(client));
  }

  static ExchangeIdArgs exchange_args(const Bytes& owner, char boot = 1, const Bytes& principal = "root") {
    ExchangeIdArgs args;
    args.owner = owner;
    args.verifier.fill(boot);
    args.principal = principal;
    return args;
  }
  static CreateSessionArgs session_args(ClientId client, uint32_t sequence, const Bytes& principal = "root") {
    CreateSessionArgs args;
    args.client = client;
    args.sequence = sequence;
    args.principal = principal;
    args.fore = {1 << 20, 1 << 20, 4096, 16, 8};
    args.back = {4096, 4096, 0, 2, 1};
    return args;
  }
  /// EXCHANGE_ID and CREATE_SESSION.
  Joined enter(const Bytes& owner, char boot = 1) {
    const auto exchanged = state().exchange_id(exchange_args(owner, boot));
    EXPECT_EQ(exchanged.status, Status::kOk);
    const auto created =
        state().create_session(session_args(exchanged.value.client, exchanged.value.sequence));
    EXPECT_EQ(created.status, Status::kOk);
    return {exchanged.value.client, created.value.session};
  }
  /// And RECLAIM_COMPLETE.
  Joined join(const Bytes& owner, char boot = 1) {
    const Joined joined = enter(owner, boot);
    EXPECT_EQ(state().reclaim_complete(joined.id, false), Status::kOk);
    return joined;
  }
  static SequenceArgs sequence_args(const SessionId& session, uint32_t slot, uint32_t sequence, bool cache = true) {
    return {session, sequence, slot, slot, cache, 1000 + sequence};
  }
  /// A whole request that is answered with nothing.
  Status ping(const Joined& client, uint32_t sequence, uint32_t slot = 0) {
    auto begun = state().sequence(sequence_args(client.session, slot, sequence));
    if (begun) begun.value.use.finish("");
    return begun.status;
  }

  static plane::FileId file(uint64_t inode) { return {VolumeId(1), InodeId(inode)}; }
  NfsState::Answer<StateId> open(ClientId client, const Bytes& owner, uint64_t inode, Share share,
                                 bool reclaim = false) {
    return state().open(client, {owner, share, reclaim}, files_.pin(inode));
  }
  StateId opened(ClientId client, const Bytes& owner, uint64_t inode, Share share = kBoth) {
    const auto answer = open(client, owner, inode, share);
    EXPECT_EQ(answer.status, Status::kOk);
    return answer.value;
  }
  /// LOCK with a lock owner, through an open.
  NfsState::Answer<StateId> lock(ClientId client, const StateId& open, const Bytes& owner, uint64_t inode,
                                 WireRange range, LockKind kind = LockKind::kWrite, bool reclaim = false) {
    LockArgs args;
    args.stateid = open;
    args.new_owner = true;
    args.owner = owner;
    args.kind = kind;
    args.range = range;
    args.reclaim = reclaim;
    return state().lock(client, args, file(inode), &denied_);
  }
  /// LOCK of an owner that has locks there.
  NfsState::Answer<StateId> lock_more(ClientId client, const StateId& locks, uint64_t inode, WireRange range,
                                      LockKind kind = LockKind::kWrite) {
    LockArgs args;
    args.stateid = locks;
    args.kind = kind;
    args.range = range;
    return state().lock(client, args, file(inode), &denied_);
  }

  rt::ManualClock clock_;
  NfsStateOptions options_;
  FakeFiles files_;
  LockDenied denied_;
  uint64_t starts_ = 0;
  std::unique_ptr<NfsState> state_;
};

}  // namespace tp::test
