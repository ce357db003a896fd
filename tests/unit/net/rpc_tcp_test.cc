// RpcServer over real sockets: lent pages, large records, connections on several loops, a listener's stop.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "backend/local/tcp_connect.h"
#include "backend/local/tcp_listener.h"
#include "rpc_peer.h"

namespace tp::net {
namespace {

using namespace testing;

// Answers as TestHandler does, from any loop, and keeps every record until it is told to drop them.
class SharedHandler final : public RpcHandler {
 public:
  Task<void> handle(RpcCall call, RpcReply* reply) override {
    EXPECT_EQ(call.peer->host, "127.0.0.1");
    {
      const std::lock_guard lock(mutex_);
      kept_.push_back(call.owner);
    }
    wire::write_rpc_accepted(reply->xdr(), call.head.xid, wire::RpcAccept::kSuccess);
    if (call.head.procedure == kEcho) reply->xdr().raw(call.arguments);
    if (call.head.procedure == kRegions) {
      std::vector<io::SendRegion> regions;
      for (size_t i = 0; i < 4; ++i) regions.push_back({BytesView(*pages_).substr(i << 18, 1 << 18), true, pages_});
      reply->opaque(std::move(regions), 1 << 20);
    }
    co_return ok;
  }
  void on_closed(RpcPeer&) override { ++closed; }

  void drop_records() {
    const std::lock_guard lock(mutex_);
    kept_.clear();
  }
  static Bytes pages() {
    Bytes made(1 << 20, '\0');
    for (size_t i = 0; i < made.size(); ++i) made[i] = static_cast<char>(i * 31 + i / 4096);
    return made;
  }
  std::atomic<size_t> closed{0};

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<const void>> kept_;
  const std::shared_ptr<const Bytes> pages_ = std::make_shared<const Bytes>(pages());
};

Task<void> ask(rt::Runtime* runtime, uint16_t port, Bytes sent, size_t bytes, Bytes* received) {
  local::ConnectOptions options;
  options.runtime = runtime;
  options.host = "127.0.0.1";
  options.port = port;
  TP_CO_TRY(auto stream, co_await local::tcp_connect(std::move(options)));
  Talk talk;
  talk.sent = std::move(sent);
  talk.half_close = false;
  rt::TaskGroup sending;
  sending.spawn(send_pieces(stream.get(), &talk));
  std::vector<char> buffer(100'000);
  while (received->size() < bytes) {
    const auto got = co_await stream->read_some(buffer);
    if (!got || *got == 0) break;
    received->append(buffer.data(), *got);
  }
  co_await sending.join();
  stream->close();
  co_return ok;
}

class RpcTcpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    local::TcpListener::Options options;
    options.runtime = &runtime_;
    options.address = "127.0.0.1";
    RpcServer* server = server_.get();
    auto handler = [server](std::unique_ptr<io::Stream> stream) { return server->serve(std::move(stream)); };
    auto listener = runtime_.block_on(local::TcpListener::open(std::move(options), handler));
    ASSERT_TRUE(listener);
    listener_ = std::move(*listener);
  }
  void TearDown() override {
    EXPECT_TRUE(runtime_.block_on(server_->begin_stop()));
    EXPECT_TRUE(runtime_.block_on(listener_->stop(10 * rt::kSecond)));
    EXPECT_EQ(server_->stats().connections, 0u);
  }
  std::vector<Reply> ask_on(unsigned loop, Bytes sent, size_t bytes) {
    Bytes received;
    EXPECT_TRUE(runtime_.block_on(ask(&runtime_, listener_->port(), std::move(sent), bytes, &received), loop));
    return replies_of(received);
  }

  rt::Runtime runtime_{{.loops = 2}};
  SharedHandler handler_;
  std::unique_ptr<RpcServer> server_ = std::make_unique<RpcServer>(runtime_, handler_, RpcServerOptions{});
  std::unique_ptr<local::TcpListener> listener_;
};

TEST_F(RpcTcpTest, LendsPages) {
  Bytes sent;
  for (uint32_t i = 0; i < 40; ++i) sent += call(i, kRegions) + call(1000 + i, kEcho, "between!");
  const auto replies = ask_on(0, sent, 40 * ((4 + 24 + 4 + (1 << 20)) + (4 + 24 + 8)));
  ASSERT_EQ(replies.size(), 80u);
  wire::XdrWriter wanted;
  wanted.opaque(SharedHandler::pages());
  for (const Reply& reply : replies) {
    ASSERT_TRUE(reply.results == (reply.xid < 1000 ? wanted.view() : BytesView("between!"))) << reply.xid;
  }
}

TEST_F(RpcTcpTest, RecordsAreKeptAndDroppedOnAnotherThread) {
  const Bytes large(1 << 20, 'w');
  for (uint32_t round = 0; round < 4; ++round) {
    Bytes sent;
    for (uint32_t i = 0; i < 20; ++i) sent += call(i, i % 2 == 0 ? kNull : kEcho, i % 2 == 0 ? large : Bytes(400, 'e'));
    const auto replies = ask_on(round % 2, sent, 20 * 28 + 10 * 400);
    EXPECT_EQ(replies.size(), 20u);
    handler_.drop_records();  // on the test's own thread, while the server goes on
  }
  EXPECT_EQ(server_->stats().calls, 80u);
}

}  // namespace
}  // namespace tp::net
