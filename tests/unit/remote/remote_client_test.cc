#include "net/remote/remote_client.h"

#include "fake_service.h"

namespace tp::net {
namespace {

class CountingSigner final : public RequestSigner {
 public:
  Result<void> sign(RemoteRequest& request, const std::string& host, int64_t unix_seconds) const override {
    request.headers.emplace_back("x-signed",
                                 host + " " + std::to_string(++signed_) + " at " + std::to_string(unix_seconds));
    return ok;
  }

 private:
  mutable int signed_ = 0;
};

class RemoteClientTest : public RemoteFixture {
 protected:
  RemoteClientTest() {
    options_.runtime = &runtime_;
    options_.endpoint.host = "service.test";
    options_.endpoint.tls = false;
    options_.endpoint.port = 8080;
    options_.dial = service_.dial();
    options_.signer = std::make_shared<CountingSigner>();
  }
  void TearDown() override {
    if (client_ != nullptr) EXPECT_TRUE(run(client_->stop()));
    client_.reset();
    RemoteFixture::TearDown();
  }
  RemoteClient& client() {
    if (client_ == nullptr) client_ = std::make_unique<RemoteClient>(options_);
    return *client_;
  }
  static RemoteRequest get(std::string path) {
    RemoteRequest request;
    request.method = "GET";
    request.path = std::move(path);
    return request;
  }
  Result<RemoteAnswer> call(RemoteRequest request) { return run(client().call(std::move(request))); }

  RemoteClientOptions options_;
  std::unique_ptr<RemoteClient> client_;
};

TEST_F(RemoteClientTest, OneConnectionServesCallAfterCall) {
  for (int i = 0; i < 5; ++i) {
    auto answer = call(get("/a?b"));
    ASSERT_TRUE(answer) << answer.error().to_string();
    EXPECT_EQ(answer->body, "fine");
  }
  EXPECT_EQ(client().stats().connects, 1u);
  EXPECT_EQ(service_.seen[4].header("host"), "service.test:8080");
  EXPECT_TRUE(service_.seen[4].header("x-signed").starts_with("service.test:8080 5 at "));
}

Task<void> call_into(RemoteClient* client, RemoteRequest request, int* good) {
  auto answer = co_await client->call(std::move(request));
  if (answer && answer->status == 200) ++*good;
  co_return ok;
}
Task<int> call_many(RemoteClient* client, RemoteRequest request, int count) {
  int good = 0;
  rt::TaskGroup group;
  for (int i = 0; i < count; ++i) group.spawn(call_into(client, request, &good));
  co_await group.join();
  co_return good;
}

TEST_F(RemoteClientTest, ManyCallsAtOnceUseBoundedConnections) {
  options_.connections_per_loop = 3;
  EXPECT_EQ(run(call_many(&client(), get("/x"), 40)).value(), 40);
  EXPECT_LE(service_.most_open, 3u);
  EXPECT_EQ(client().stats().requests, 40u);
}

TEST_F(RemoteClientTest, NotNowIsTriedAgainAndSignedAnew) {
  service_.answer = [this](const SeenRequest&) {
    return service_.seen.size() < 4 ? reply_with(service_.seen.size() == 1 ? 503 : 500) : reply_with(200, "at last");
  };
  auto answer = call(get("/x"));
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->body, "at last");
  EXPECT_EQ(client().stats().retries, 3u);
  EXPECT_TRUE(service_.seen[3].header("x-signed").starts_with("service.test:8080 4 at "));
}

TEST_F(RemoteClientTest, GivesUpAfterSoManyAttemptsWithTheLastAnswer) {
  service_.answer = [](const SeenRequest&) { return reply_with(503, "<Error><Code>SlowDown</Code></Error>"); };
  options_.retry.attempts = 4;
  auto answer = call(get("/x"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(service_.seen.size(), 4u);
}

TEST_F(RemoteClientTest, ARefusalIsNotTriedAgain) {
  for (const int status : {301, 400, 403, 404, 412, 416, 501}) {
    service_.seen.clear();
    service_.answer = [status](const SeenRequest&) { return reply_with(status); };
    auto answer = call(get("/x"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(service_.seen.size(), 1u) << status;
  }
}

TEST_F(RemoteClientTest, WaitsAsLongAsTheServiceAsksFor) {
  service_.answer = [this](const SeenRequest&) {
    return service_.seen.size() == 1 ? reply_with(503, "", "Retry-After: 7\r\n") : reply_with(200);
  };
  const rt::Nanos before = clock_.now();
  ASSERT_TRUE(call(get("/x")));
  EXPECT_GE(clock_.now() - before, 7 * rt::kSecond);
}

TEST_F(RemoteClientTest, AKeptConnectionThatTheServerClosedIsNoFailure) {
  service_.answer = [](const SeenRequest&) {
    Reply reply = reply_with(200, "fine");
    reply.close = true;  // without having said so
    return reply;
  };
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(call(get("/x")));
  EXPECT_EQ(client().stats().retries, 0u);
  EXPECT_EQ(client().stats().connects, 4u);
}

TEST_F(RemoteClientTest, AnIdleConnectionGrowsOld) {
  ASSERT_TRUE(call(get("/x")));
  clock_.advance(options_.keep_idle + rt::kSecond);
  ASSERT_TRUE(call(get("/x")));
  EXPECT_EQ(service_.seen[0].connection, 1u);
  EXPECT_EQ(service_.seen[1].connection, 2u);
}

TEST_F(RemoteClientTest, SilenceEndsInATimeout) {
  service_.answer = [](const SeenRequest&) { return Reply{"HTTP/1.1 200 OK\r\nContent-Le", false, true}; };
  options_.retry.attempts = 3;
  options_.no_progress = 5 * rt::kSecond;
  auto answer = call(get("/x"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kTimeout) << answer.error().to_string();
  EXPECT_EQ(service_.seen.size(), 3u);
  EXPECT_EQ(client().stats().timeouts, 3u);
}

TEST_F(RemoteClientTest, AnAttemptHasALimitHoweverLittleComesAtATime) {
  options_.no_progress = 3600 * rt::kSecond;
  options_.attempt_limit = 2 * rt::kSecond;
  options_.retry.attempts = 2;
  service_.answer = [](const SeenRequest&) {
    return Reply{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", false, true};
  };
  auto answer = call(get("/x"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kTimeout) << answer.error().to_string();
}

TEST_F(RemoteClientTest, ABodyCutShortIsFetchedAgain) {
  service_.answer = [this](const SeenRequest&) {
    if (service_.seen.size() == 1) return Reply{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcd", true, false};
    return reply_with(200, "abcdefghi");
  };
  auto answer = call(get("/x"));
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->body, "abcdefghi");
}

TEST_F(RemoteClientTest, AHostThatCannotBeReachedIsUnavailableAfterSomeAttempts) {
  service_.refuse_dials = 2;
  ASSERT_TRUE(call(get("/x")));
  service_.refuse_dials = 1000;
  options_.retry.attempts = 3;
  EXPECT_TRUE(run(client_->stop()));
  client_.reset();
  auto answer = call(get("/x"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::kUnavailable);
  EXPECT_EQ(service_.refuse_dials, 997u);
}

TEST_F(RemoteClientTest, NothingBeginsAfterTheTimeToGiveUp) {
  options_.retry.attempts = 1000;
  options_.retry.give_up_after = 30 * rt::kSecond;
  service_.answer = [](const SeenRequest&) { return reply_with(503); };
  const rt::Nanos before = clock_.now();
  ASSERT_TRUE(call(get("/x")));
  EXPECT_LE(clock_.now() - before, 31 * rt::kSecond);
  EXPECT_LT(service_.seen.size(), 100u);
  RemoteRequest hurried = get("/x");
  hurried.give_up_after = 2 * rt::kSecond;
  const rt::Nanos again = clock_.now();
  ASSERT_TRUE(call(hurried));
  EXPECT_LE(clock_.now() - again, 3 * rt::kSecond);
}

TEST_F(RemoteClientTest, AnAnswerThatIsTooLongOrIsNoneIsAnErrorAtOnce) {
  RemoteRequest request = get("/x");
  request.answer_limit_bytes = 100;
  service_.answer = [](const SeenRequest&) { return reply_with(200, std::string(200, 'x')); };
  EXPECT_EQ(call(request).error().code, Code::kTooLarge);
  service_.answer = [](const SeenRequest&) { return Reply{"SMTP ready when you are\r\n\r\n", true, false}; };
  EXPECT_EQ(call(request).error().code, Code::kMalformed);
  EXPECT_EQ(service_.seen.size(), 2u);
}

TEST_F(RemoteClientTest, ARefusalThatComesBeforeTheBodyWasSentIsHeard) {
  service_.hasty = true;
  service_.answer = [](const SeenRequest&) { return reply_with(403, "no", "Connection: close\r\n"); };
  RemoteRequest request = get("/x");
  request.method = "PUT";
  request.body = std::make_shared<const Bytes>(Bytes(4 << 20, 'b'));
  auto answer = call(request);
  ASSERT_TRUE(answer) << answer.error().to_string();
  EXPECT_EQ(answer->status, 403);
  EXPECT_EQ(service_.seen.size(), 1u);
}

TEST_F(RemoteClientTest, ABodyGoesUpWhole) {
  RemoteRequest request = get("/x");
  request.method = "PUT";
  request.body = std::make_shared<const Bytes>(Bytes(3 << 20, 'b'));
  ASSERT_TRUE(call(request));
  EXPECT_EQ(service_.seen[0].body, *request.body);
}

Task<Code> stop_while_calling(RemoteClient* client, RemoteRequest request, int turns) {
  int good = 0;
  rt::TaskGroup group;
  group.spawn(call_into(client, std::move(request), &good));
  for (int i = 0; i < turns; ++i) co_await rt::yield();
  auto stopped = co_await client->stop();
  EXPECT_TRUE(stopped);
  co_await group.join();
  RemoteRequest late;
  late.method = "GET";
  late.path = "/late";
  auto answer = co_await client->call(std::move(late));
  co_return answer ? Code::kInternal : answer.error().code;
}

// The clock stands still: what stop() does not end would last for ever.
TEST_F(RemoteClientTest, StopEndsWhatWaitsForAnAnswerOrForANextAttempt) {
  service_.answer = [](const SeenRequest&) { return Reply{"HTTP/1.1 200", false, true}; };
  EXPECT_EQ(runtime_.block_on(stop_while_calling(&client(), get("/x"), 50)).value(), Code::kClosed);
  client_.reset();
  service_.answer = [](const SeenRequest&) { return reply_with(503, "", "Retry-After: 9\r\n"); };
  EXPECT_EQ(runtime_.block_on(stop_while_calling(&client(), get("/x"), 50)).value(), Code::kClosed);
}

}  // namespace
}  // namespace tp::net
