// Calls that come again: what must not run twice is answered as it was the first time.
#include "front/nfs/v3/replies/reply_cache.h"

#include "unit/nfs/v3/v3_client.h"

namespace tp::nfs::v3 {
namespace {

class Replies : public testing::Test {
 protected:
  /// A call as `who` makes it, as often as he likes.
  test::RpcAnswer ask(Proc procedure, const Args& arguments, uint32_t xid, test::NfsRig::Who who = {}) {
    who.xid = xid;
    return rig_.call(kNfsProgram, 3, static_cast<uint32_t>(procedure), arguments.done(), who);
  }
  Status3 status(Proc procedure, const Args& arguments, uint32_t xid, test::NfsRig::Who who = {}) {
    return Reply(ask(procedure, arguments, xid, std::move(who))).status;
  }
  Args root(BytesView name) { return Args().at(client_.root(), name); }

  test::NfsRig rig_;
  V3Client client_{rig_};
};

TEST_F(Replies, WhatRanIsNotRunAgain) {
  struct Case {
    Proc procedure;
    Args arguments;
    Status3 otherwise;  // of a call that is not a retry
  };
  client_.create(client_.root(), "f");
  client_.make_directory(client_.root(), "d");
  const Bytes file = client_.create(client_.root(), "g");
  const Case cases[] = {
      {Proc::kCreate, root("new").u32(1).set(), Status3::kExist},
      {Proc::kMkdir, root("made").set(), Status3::kExist},
      {Proc::kSymlink, root("s").set().bytes("x"), Status3::kExist},
      {Proc::kMknod, root("p").u32(7).set(), Status3::kExist},
      {Proc::kRemove, root("f"), Status3::kNoEnt},
      {Proc::kRmdir, root("d"), Status3::kNoEnt},
      {Proc::kRename, root("g").at(client_.root(), "h"), Status3::kNoEnt},
      {Proc::kLink, Args().bytes(file).at(client_.root(), "l"), Status3::kExist},
  };
  uint32_t xid = 1000;
  for (const Case& one : cases) {
    const test::RpcAnswer first = ask(one.procedure, one.arguments, ++xid);
    EXPECT_EQ(Reply(first).status, Status3::kOk) << xid;
    for (int i = 0; i < 2; ++i) EXPECT_EQ(ask(one.procedure, one.arguments, xid).results, first.results) << xid;
    EXPECT_EQ(status(one.procedure, one.arguments, xid + 10'000), one.otherwise) << xid;
  }
}

TEST_F(Replies, ARefusalIsRememberedToo) {
  EXPECT_EQ(status(Proc::kRemove, root("f"), 5), Status3::kNoEnt);
  client_.create(client_.root(), "f");
  EXPECT_EQ(status(Proc::kRemove, root("f"), 5), Status3::kNoEnt);
  EXPECT_EQ(client_.look_up(client_.root(), "f"), Status3::kOk);
}

TEST_F(Replies, ATruncationThatComesAgainCutsNothing) {
  const Bytes file = client_.create(client_.root(), "f");
  const Args cut = Args().bytes(file).set_size(3).u32(0);
  EXPECT_EQ(status(Proc::kSetAttr, cut, 5), Status3::kOk);
  EXPECT_EQ(status(Proc::kWrite, Args().bytes(file).u64(0).u32(6).u32(2).bytes("longer"), 6), Status3::kOk);
  EXPECT_EQ(status(Proc::kSetAttr, cut, 5), Status3::kOk);
  EXPECT_EQ(client_.attributes(file).size, 6u);
}

TEST_F(Replies, AnotherCallWithTheSameXidRuns) {
  for (const char* name : {"a", "b", "c", "d"}) client_.create(client_.root(), name);
  EXPECT_EQ(status(Proc::kRemove, root("a"), 5), Status3::kOk);
  EXPECT_EQ(status(Proc::kRemove, root("b"), 5), Status3::kOk);        // other arguments
  EXPECT_EQ(status(Proc::kRmdir, root("a"), 5), Status3::kNoEnt);      // another procedure
  EXPECT_EQ(status(Proc::kRemove, root("a"), 5, {.uid = 9}), Status3::kNoEnt);  // another user
  test::NfsRig::Who elsewhere;
  elsewhere.port = "801";
  EXPECT_EQ(status(Proc::kRemove, root("a"), 5, elsewhere), Status3::kNoEnt);   // another client
  EXPECT_EQ(status(Proc::kRemove, root("a"), 6), Status3::kNoEnt);     // another xid
  EXPECT_EQ(status(Proc::kRemove, root("a"), 5), Status3::kOk);
}

TEST_F(Replies, WhatDoesNotParseIsNotRemembered) {
  EXPECT_TRUE(Reply(ask(Proc::kRemove, Args().bytes(client_.root()), 5)).garbage());
  EXPECT_TRUE(Reply(ask(Proc::kRemove, Args().bytes(client_.root()), 5)).garbage());
}

TEST_F(Replies, ACallThatComesAgainWhileItRunsWaitsForTheAnswer) {
  test::NfsRig::Who who;
  for (uint32_t i = 0; i < 20; ++i) {
    who.xid = 100 + i;
    const auto [one, two] = rig_.call_twice(kNfsProgram, 3, static_cast<uint32_t>(Proc::kCreate),
                                            root("n" + std::to_string(i)).u32(1).set().done(), who);
    EXPECT_EQ(Reply(one).status, Status3::kOk);
    EXPECT_EQ(one.results, two.results);
  }
}

TEST_F(Replies, OnlyTheNewestCallsOfAClientAreRemembered) {
  client_.create(client_.root(), "f");
  EXPECT_EQ(status(Proc::kRemove, root("f"), 0), Status3::kOk);
  for (uint32_t xid = 1; xid < ReplyCache::kCallsOfOneClient; ++xid) status(Proc::kRemove, root("x"), xid);
  EXPECT_EQ(status(Proc::kRemove, root("f"), 0), Status3::kOk);
  status(Proc::kRemove, root("x"), ReplyCache::kCallsOfOneClient);
  EXPECT_EQ(status(Proc::kRemove, root("f"), 0), Status3::kNoEnt);
}

TEST(ReplyCache, RemembersALimitedNumberOfClientsThoseThatCalledLast) {
  ReplyCache cache;
  net::RpcCall call;
  call.peer = std::make_shared<net::RpcPeer>();
  const auto known = [&](int number) {
    call.peer->address = "10.0.0.1:" + std::to_string(number);
    const auto ticket = cache.begin(call);
    cache.finish(ticket.key, std::make_shared<const Bytes>("answer"));
    return ticket.reply != nullptr;
  };
  const int many = ReplyCache::kClients * 20;
  for (int i = 0; i < many; ++i) {
    EXPECT_FALSE(known(i));
    EXPECT_EQ(known(0), i > 0 || known(0)) << i;  // who calls all the time stays
  }
  size_t remembered = 0;
  for (int i = many - 1; i >= 0; --i) {
    call.peer->address = "10.0.0.1:" + std::to_string(i);
    ReplyCache::Ticket ticket = cache.begin(call);
    if (ticket.reply) ++remembered;
  }
  EXPECT_LE(remembered, ReplyCache::kClients);
  EXPECT_GT(remembered, ReplyCache::kClients / 2);
}

TEST(ReplyCache, ACallThatIsToRunAgainDoes) {
  ReplyCache cache;
  net::RpcCall call;
  call.peer = std::make_shared<net::RpcPeer>();
  const auto first = cache.begin(call);
  EXPECT_EQ(cache.begin(call).running, first.running);
  cache.finish(first.key, nullptr);
  const auto second = cache.begin(call);
  EXPECT_FALSE(second.reply);
  EXPECT_NE(second.running, first.running);
  cache.finish(second.key, std::make_shared<const Bytes>("answer"));
  EXPECT_EQ(*cache.begin(call).reply, "answer");
}

}  // namespace
}  // namespace tp::nfs::v3
