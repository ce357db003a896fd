// RpcServer under limits: calls that wait, peers that do not read, deadlines, stop.
#include <gtest/gtest.h>

#include "rpc_peer.h"

namespace tp::net {
namespace {

using namespace testing;

// One connection that the test drives step by step, on the loop.
class Session {
 public:
  Session(RpcServer* server, memory::MemoryStreamOptions options = {}) {
    auto ends = memory::make_stream_pair(options);
    end_ = std::move(ends.first);
    group_.spawn(serve_until_end(this, server, std::move(ends.second)));
  }
  Task<void> send(Bytes bytes) {
    const std::array<BytesView, 1> piece = {bytes};
    co_return co_await end_->write_all(piece);
  }
  /// The next reply.
  Task<Reply> reply() {
    for (;;) {
      if (received_.size() >= 4) {
        const size_t size = 4 + (get_be<uint32_t>(received_.data()) & ~wire::kRpcLastFragment);
        if (received_.size() >= size) {
          Reply found = replies_of(BytesView(received_).substr(0, size)).at(0);
          received_.erase(0, size);
          co_return found;
        }
      }
      std::array<char, 4096> buffer;
      const MutableBytes space(buffer);
      TP_CO_TRY(const size_t got, co_await end_->read_some(space));
      if (got == 0) co_return fail(Code::kClosed, "the server closed");
      received_.append(buffer.data(), got);
    }
  }
  Task<void> finish() {
    end_->close();
    co_await group_.join();
    co_return ok;
  }
  io::Stream& end() { return *end_; }
  bool served() const { return served_; }

 private:
  static Task<void> serve_until_end(Session* self, RpcServer* server, std::unique_ptr<io::Stream> stream) {
    const Result<void> done = co_await server->serve(std::move(stream));
    EXPECT_TRUE(done);
    self->served_ = true;
    co_return ok;
  }
  std::unique_ptr<io::Stream> end_;
  rt::TaskGroup group_;
  Bytes received_;
  bool served_ = false;
};

// Resumes in the loop's next turn, which sees the time anew.
struct NextTurn {
  rt::ResumeWork work;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    work.handle = handle;
    rt::Loop::current().post(&work);
  }
  void await_resume() const noexcept {}
};
NextTurn next_turn() {
  return {};
}

Task<void> let_others_run(int times = 50) {
  for (int i = 0; i < times; ++i) co_await rt::yield();
  co_return ok;
}

class RpcLimitsTest : public ::testing::Test {
 protected:
  void open(RpcServerOptions options) { server_ = std::make_unique<RpcServer>(runtime_, handler_, options); }
  void run(Task<void> (*script)(RpcLimitsTest*)) {
    const auto done = runtime_.block_on(script(this));
    EXPECT_TRUE(done) << done.error().to_string();
    EXPECT_EQ(server_->stats().connections, 0u);
  }

 public:
  rt::ManualClock clock_;
  rt::Runtime runtime_{{.loops = 1, .clock = &clock_}};
  TestHandler handler_;
  std::unique_ptr<RpcServer> server_;
  size_t half_bytes_ = 0;
};

// Moves the time on until the server has ended the connection; gives how long that took.
Task<rt::Nanos> time_until_served(RpcLimitsTest* t, Session* session) {
  const rt::Nanos begin = t->clock_.now();
  while (!session->served()) {
    if (t->clock_.now() - begin > 1000 * rt::kSecond) co_return fail(Code::kTimeout, "it is never ended");
    t->clock_.advance(rt::kSecond / 10);
    co_await next_turn();
  }
  co_return t->clock_.now() - begin;
}

TEST_F(RpcLimitsTest, CallsRunSideBySideAndAreAnsweredAsTheyGetReady) {
  open({});
  run([](RpcLimitsTest* t) -> Task<void> {
    Session session(t->server_.get());
    TP_CO_TRY_VOID(co_await session.send(call(1, kWait) + call(2, kWait) + call(3, kNull)));
    TP_CO_TRY(const Reply first, co_await session.reply());
    EXPECT_EQ(first.xid, 3u);
    EXPECT_EQ(t->handler_.running, 2u);
    t->handler_.release(2);
    TP_CO_TRY(const Reply second, co_await session.reply());
    EXPECT_EQ(second.xid, 1u);
    co_return co_await session.finish();
  });
}

TEST_F(RpcLimitsTest, NoMoreCallsAreTakenThanTheLimit) {
  open({.calls_per_connection = 5});
  run([](RpcLimitsTest* t) -> Task<void> {
    Session session(t->server_.get());
    Bytes sent;
    for (uint32_t i = 0; i < 40; ++i) sent += call(i, kWait, Bytes(40, 'a'));
    TP_CO_TRY_VOID(co_await session.send(sent));
    co_await let_others_run();
    EXPECT_EQ(t->handler_.started, 5u);
    t->handler_.release(3);
    for (uint32_t i = 0; i < 3; ++i) {
      TP_CO_TRY(const Reply reply, co_await session.reply());
      EXPECT_EQ(reply.xid, i);
    }
    co_await let_others_run();
    EXPECT_EQ(t->handler_.started, 8u);
    EXPECT_EQ(t->handler_.most_running, 5u);
    t->handler_.release(40);
    for (uint32_t i = 3; i < 40; ++i) {
      TP_CO_TRY(const Reply reply, co_await session.reply());
      EXPECT_EQ(reply.xid, i);
    }
    EXPECT_EQ(t->handler_.most_running, 5u);
    co_return co_await session.finish();
  });
}

TEST_F(RpcLimitsTest, TheSocketIsNotReadWhileTooManyBytesAreInFlight) {
  open({.bytes_per_connection = 10'000});
  run([](RpcLimitsTest* t) -> Task<void> {
    Session session(t->server_.get(), {.buffer_bytes = 1 << 20});
    Bytes sent;
    for (uint32_t i = 0; i < 30; ++i) sent += call(i, kWait, Bytes(4000, 'b'));
    TP_CO_TRY_VOID(co_await session.send(sent));
    co_await let_others_run();
    EXPECT_EQ(t->handler_.started, 3u);  // the third was let in below the limit
    t->handler_.release(1000);
    for (uint32_t i = 0; i < 30; ++i) TP_CO_TRY_VOID(co_await session.reply());
    EXPECT_LE(t->handler_.most_running, 3u);
    co_return co_await session.finish();
  });
}

TEST_F(RpcLimitsTest, AllConnectionsTogetherHaveALimitAndTakeTurns) {
  open({.bytes_altogether = 12'000});
  run([](RpcLimitsTest* t) -> Task<void> {
    std::list<Session> sessions;
    for (uint32_t i = 0; i < 10; ++i) {
      sessions.emplace_back(t->server_.get());
      TP_CO_TRY_VOID(co_await sessions.back().send(call(i, kWait, Bytes(5000, 'c'))));
      co_await let_others_run();
    }
    EXPECT_EQ(t->handler_.started, 3u);
    t->handler_.release(1000);
    uint32_t xid = 0;
    for (Session& session : sessions) {
      TP_CO_TRY(const Reply reply, co_await session.reply());
      EXPECT_EQ(reply.xid, xid++);
    }
    EXPECT_LE(t->handler_.most_running, 3u);
    for (Session& session : sessions) TP_CO_TRY_VOID(co_await session.finish());
    co_return ok;
  });
}

TEST_F(RpcLimitsTest, RecordsThatDawdleShutNobodyOut) {
  open({.bytes_altogether = 100'000, .record_timeout = 1000 * rt::kSecond});
  run([](RpcLimitsTest* t) -> Task<void> {
    Session dawdling(t->server_.get());
    Session large(t->server_.get());
    Session small(t->server_.get());
    TP_CO_TRY_VOID(co_await dawdling.send(call(1, kNull, Bytes(200'000, 'd')).substr(0, 1000)));
    co_await let_others_run();
    TP_CO_TRY_VOID(co_await large.send(call(2, kNull, Bytes(10'000, 'l'))));
    co_await let_others_run();
    EXPECT_EQ(t->handler_.started, 0u);
    // Without another call of its own, a small one does not wait.
    TP_CO_TRY_VOID(co_await small.send(call(3, kNull)));
    TP_CO_TRY_VOID(co_await small.reply());
    EXPECT_EQ(t->handler_.started, 1u);
    TP_CO_TRY(const rt::Nanos took, co_await time_until_served(t, &dawdling));
    EXPECT_LE(took, 10 * rt::kSecond);
    TP_CO_TRY(const Reply reply, co_await large.reply());
    EXPECT_EQ(reply.xid, 2u);
    TP_CO_TRY_VOID(co_await dawdling.finish());
    TP_CO_TRY_VOID(co_await small.finish());
    co_return co_await large.finish();
  });
}

TEST_F(RpcLimitsTest, APeerThatDoesNotReadIsStoppedAndThenCut) {
  open({.bytes_per_connection = 1 << 20, .record_timeout = 10 * rt::kSecond});
  run([](RpcLimitsTest* t) -> Task<void> {
    Session session(t->server_.get(), {.buffer_bytes = 64 << 10});
    Bytes sent;
    for (uint32_t i = 0; i < 100; ++i) sent += regions_call(i, 1, 100'000);
    TP_CO_TRY_VOID(co_await session.send(sent));
    co_await let_others_run();
    EXPECT_LT(t->handler_.started, 100u);
    EXPECT_FALSE(session.served());
    TP_CO_TRY(const rt::Nanos took, co_await time_until_served(t, &session));
    EXPECT_GE(took, 9 * rt::kSecond);
    EXPECT_LE(took, 14 * rt::kSecond);
    co_return co_await session.finish();
  });
}

TEST_F(RpcLimitsTest, AConnectionThatDiesLetsItsCallsEnd) {
  open({});
  run([](RpcLimitsTest* t) -> Task<void> {
    Session session(t->server_.get());
    TP_CO_TRY_VOID(co_await session.send(call(1, kWait) + call(2, kWait)));
    co_await let_others_run();
    EXPECT_EQ(t->handler_.running, 2u);
    session.end().close();
    co_await let_others_run();
    EXPECT_FALSE(session.served());  // its calls still run
    EXPECT_TRUE(t->handler_.closed.empty());
    t->handler_.release(2);
    co_await let_others_run();
    EXPECT_TRUE(session.served());
    EXPECT_EQ(t->handler_.closed.size(), 1u);
    co_return co_await session.finish();
  });
}

TEST_F(RpcLimitsTest, AnIdleConnectionIsClosedInTime) {
  open({.idle_timeout = 20 * rt::kSecond});
  run([](RpcLimitsTest* t) -> Task<void> {
    Session session(t->server_.get());
    TP_CO_TRY_VOID(co_await session.send(call(1, kNull)));
    TP_CO_TRY_VOID(co_await session.reply());
    TP_CO_TRY(const rt::Nanos took, co_await time_until_served(t, &session));
    EXPECT_GE(took, 19 * rt::kSecond);
    EXPECT_LE(took, 25 * rt::kSecond);
    co_return co_await session.finish();
  });
}

TEST_F(RpcLimitsTest, AConnectionWhoseCallRunsIsNotIdle) {
  open({.idle_timeout = 20 * rt::kSecond});
  run([](RpcLimitsTest* t) -> Task<void> {
    Session session(t->server_.get());
    TP_CO_TRY_VOID(co_await session.send(call(1, kWait)));
    co_await let_others_run();
    for (int i = 0; i < 100; ++i) {
      t->clock_.advance(rt::kSecond);
      co_await next_turn();
    }
    EXPECT_FALSE(session.served());
    t->handler_.release(1);
    TP_CO_TRY(const Reply reply, co_await session.reply());
    EXPECT_EQ(reply.xid, 1u);
    co_return co_await session.finish();
  });
}

TEST_F(RpcLimitsTest, HalfARecordIsWaitedForOnlySoLong) {
  for (const size_t size : {1, 4, 30}) {
    half_bytes_ = size;
    open({.record_timeout = 10 * rt::kSecond});
    run([](RpcLimitsTest* t) -> Task<void> {
      Session session(t->server_.get());
      TP_CO_TRY_VOID(co_await session.send(call(1, kNull).substr(0, t->half_bytes_)));
      co_await let_others_run();
      TP_CO_TRY(const rt::Nanos took, co_await time_until_served(t, &session));
      EXPECT_GE(took, 9 * rt::kSecond);
      EXPECT_LE(took, 14 * rt::kSecond);
      co_return co_await session.finish();
    });
  }
}

TEST_F(RpcLimitsTest, StopAnswersWhatRunsAndTakesNothingMore) {
  open({});
  run([](RpcLimitsTest* t) -> Task<void> {
    Session busy(t->server_.get());
    Session idle(t->server_.get());
    TP_CO_TRY_VOID(co_await busy.send(call(1, kWait)));
    co_await let_others_run();
    TP_CO_TRY_VOID(co_await t->server_->begin_stop());
    co_await let_others_run();
    EXPECT_TRUE(idle.served());
    EXPECT_FALSE(busy.served());
    TP_CO_TRY_VOID(co_await busy.send(call(2, kNull)));
    co_await let_others_run();
    t->handler_.release(1);
    TP_CO_TRY(const Reply reply, co_await busy.reply());
    EXPECT_EQ(reply.xid, 1u);
    const auto more = co_await busy.reply();
    EXPECT_FALSE(more);
    co_await let_others_run();
    EXPECT_TRUE(busy.served());
    EXPECT_EQ(t->handler_.started, 1u);
    Session late(t->server_.get());
    co_await let_others_run();
    EXPECT_TRUE(late.served());
    TP_CO_TRY_VOID(co_await late.finish());
    TP_CO_TRY_VOID(co_await busy.finish());
    co_return co_await idle.finish();
  });
}

TEST_F(RpcLimitsTest, StopReachesAConnectionThatWaitsForRoom) {
  open({.calls_per_connection = 1});
  run([](RpcLimitsTest* t) -> Task<void> {
    Session session(t->server_.get());
    TP_CO_TRY_VOID(co_await session.send(call(1, kWait) + call(2, kNull) + call(3, kNull)));
    co_await let_others_run();
    TP_CO_TRY_VOID(co_await t->server_->begin_stop());
    t->handler_.release(1);
    TP_CO_TRY(const Reply reply, co_await session.reply());
    EXPECT_EQ(reply.xid, 1u);
    EXPECT_FALSE(co_await session.reply());
    EXPECT_EQ(t->handler_.started, 1u);
    co_return co_await session.finish();
  });
}

}  // namespace
}  // namespace tp::net
