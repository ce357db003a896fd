#include "net/rpc_server.h"

#include <gtest/gtest.h>

#include "rpc_peer.h"

namespace tp::net {
namespace {

using namespace testing;

class RpcServerTest : public ::testing::Test {
 protected:
  void open(RpcServerOptions options = {}) {
    server_.reset();
    server_ = std::make_unique<RpcServer>(runtime_, handler_, options);
  }
  Bytes talk(Bytes sent, size_t piece_bytes = 0, memory::MemoryStreamOptions stream = {}) {
    if (!server_) open();
    Talk talk{std::move(sent), piece_bytes, true, stream, {}};
    EXPECT_TRUE(runtime_.block_on(converse(server_.get(), &talk)));
    EXPECT_EQ(server_->stats().connections, 0u);
    return talk.received;
  }
  static std::vector<uint32_t> xids(const std::vector<Reply>& replies) {
    std::vector<uint32_t> found;
    for (const Reply& reply : replies) found.push_back(reply.xid);
    return found;
  }

  rt::Runtime runtime_{{.loops = 1}};
  TestHandler handler_;
  std::unique_ptr<RpcServer> server_;
};

TEST_F(RpcServerTest, AnswersCalls) {
  const auto replies = replies_of(talk(call(1, kNull) + call(2, kEcho, "hello world!")));
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].xid, 1u);
  EXPECT_EQ(replies[0].results, "");
  EXPECT_EQ(replies[1].xid, 2u);
  EXPECT_EQ(replies[1].results, "hello world!");
  EXPECT_EQ(handler_.closed.size(), 1u);
}

TEST_F(RpcServerTest, ASplitAnywhereChangesNothing) {
  Bytes sent = call(1, kNull) + call(2, kEcho, Bytes(300, 'x'));
  const Bytes message = call_message(3, kEcho, "in fragments");
  for (size_t i = 0; i < message.size(); ++i) sent += fragment(message.substr(i, 1), i + 1 == message.size());
  sent += call(4, kEcho, "last");
  for (const size_t piece : {1, 2, 3, 5, 44, 1000}) {
    const auto replies = replies_of(talk(sent, piece));
    ASSERT_EQ(replies.size(), 4u) << piece;
    EXPECT_EQ(replies[1].results, Bytes(300, 'x'));
    EXPECT_EQ(replies[2].results, "in fragments");
    EXPECT_EQ(replies[3].results, "last");
  }
}

TEST_F(RpcServerTest, AnswersAThousandPipelinedCallsInAnySplit) {
  Bytes sent;
  for (uint32_t i = 0; i < 1000; ++i) sent += call(i, i % 3 == 0 ? kNull : kEcho, Bytes(i % 50 * 4, 'p'));
  for (const size_t piece : {0, 7777, 199}) {
    const auto replies = replies_of(talk(sent, piece));
    ASSERT_EQ(replies.size(), 1000u) << piece;
    for (uint32_t i = 0; i < 1000; ++i) {
      ASSERT_EQ(replies[i].xid, i);
      ASSERT_EQ(replies[i].results.size(), i % 3 == 0 ? 0 : i % 50 * 4);
    }
  }
  EXPECT_EQ(server_->stats().calls, 3000u);
  EXPECT_EQ(server_->stats().bytes_in, 3 * sent.size());
}

TEST_F(RpcServerTest, TakesLargeRecordsAmongSmallOnes) {
  const Bytes large(1 << 20, 'L');
  Bytes sent;
  for (uint32_t i = 0; i < 20; ++i) sent += call(2 * i, kEcho, large) + call(2 * i + 1, kEcho, "small pieces");
  memory::MemoryStreamOptions stream;
  stream.max_read_bytes = 100'000;
  const auto replies = replies_of(talk(sent, 0, stream));
  ASSERT_EQ(replies.size(), 40u);
  for (uint32_t i = 0; i < 40; ++i) {
    EXPECT_EQ(replies[i].xid, i);
    EXPECT_EQ(replies[i].results, i % 2 == 0 ? large : "small pieces");
  }
}

TEST_F(RpcServerTest, SendsRegionsBetweenItems) {
  Bytes sent;
  std::vector<Bytes> wanted;
  for (const auto& [count, size] : std::vector<std::pair<uint32_t, uint32_t>>{
           {0, 0}, {1, 1}, {3, 5}, {4, 20'001}, {4, 256 << 10}, {1, 4096}, {64, 20'000}, {2, 100'000}}) {
    sent += regions_call(static_cast<uint32_t>(wanted.size()), count, size);
    wanted.push_back(regions_result(count, size));
  }
  const auto replies = replies_of(talk(sent));
  ASSERT_EQ(replies.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(replies[i].xid, i);
    EXPECT_TRUE(replies[i].results == wanted[i]) << i;
  }
}

TEST_F(RpcServerTest, SaysWhoAsks) {
  talk(call(1, kNull));
  ASSERT_EQ(handler_.peers.size(), 1u);
  EXPECT_EQ(handler_.peers[0].first, "memory:0");
  EXPECT_EQ(handler_.peers[0].second, "memory");
}

TEST_F(RpcServerTest, GivesEachConnectionANumberOfItsOwn) {
  talk({});
  talk({});
  ASSERT_EQ(handler_.closed.size(), 2u);
  EXPECT_NE(handler_.closed[0], handler_.closed[1]);
}

TEST_F(RpcServerTest, KeepsARecordAsLongAsItsOwnerIsKept) {
  handler_.keep = true;
  talk(call(1, kEcho, Bytes(1 << 20, 'k')) + call(2, kEcho, "small"));
  ASSERT_EQ(handler_.kept.size(), 2u);
  server_.reset();
  // The arguments end where the record does: behind the head's ten words.
  EXPECT_EQ(static_cast<const char*>(handler_.kept[0].get())[40], 'k');
  EXPECT_EQ(static_cast<const char*>(handler_.kept[1].get())[40], 's');
  handler_.kept.clear();
}

TEST_F(RpcServerTest, EndsTheConnectionOverWhatIsNoCall) {
  wire::XdrWriter reply;
  wire::write_rpc_accepted(reply, 9, wire::RpcAccept::kSuccess);
  uint64_t malformed = 0;
  for (const Bytes& bad : {record(reply.view()), record(""), record("x"), record(call_message(5, kNull).substr(0, 39)),
                           Bytes("\x7f\xff\xff\xff", 4), Bytes("GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
                           Bytes("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9)}) {
    const auto replies = replies_of(talk(call(1, kEcho, "fine") + bad + call(2, kNull)));
    ASSERT_EQ(replies.size(), 1u);
    EXPECT_EQ(replies[0].results, "fine");
    EXPECT_EQ(server_->stats().malformed, ++malformed);
  }
}

TEST_F(RpcServerTest, SurvivesAnEndAtEveryByte) {
  const Bytes sent = call(1, kEcho, "abcd") + fragment("half", false) + call(2, kNull);
  for (size_t size = 0; size <= sent.size(); ++size) {
    const Bytes received = talk(sent.substr(0, size));
    EXPECT_EQ(replies_of(received).size(), size < call(1, kEcho, "abcd").size() ? 0u : 1u) << size;
  }
}

TEST_F(RpcServerTest, SurvivesABreakAtEveryByte) {
  const Bytes sent = call(1, kEcho, "abcd") + call(2, kNull) + regions_call(3, 2, 40);
  for (uint64_t at = 1; at < sent.size() + 300; ++at) {
    memory::MemoryStreamOptions stream;
    stream.break_after_bytes = at;
    talk(sent, 0, stream);
  }
  EXPECT_EQ(handler_.running, 0u);
}

TEST_F(RpcServerTest, ClosesWhereTheHandlerSaysSoOrFails) {
  for (const uint32_t procedure : {kDrop, kFail, kSilent}) {
    const size_t before = handler_.started;
    const Bytes received = talk(call(1, procedure) + call(2, kNull));
    EXPECT_TRUE(received.empty());
    EXPECT_EQ(handler_.started, before + 1);
  }
}

}  // namespace
}  // namespace tp::net
