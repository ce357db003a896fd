// Connections: pipelines, long values, bad input, clients that do not read, stopping.
#include "redis_rig.h"
#include "rt/await.h"

namespace tp::redis::testing {
namespace {

class RedisProtocol : public RedisRig {};

TEST_F(RedisProtocol, PipelinesInAnySplit) {
  Bytes sent, wanted;
  for (int i = 0; i < 200; ++i) {
    const std::string key = "k" + std::to_string(i), value(i, 'v');
    sent += request({"SET", key, value}) + request({"GET", key}) + "EXISTS " + key + "\r\n";
    wanted += "+OK\r\n$" + std::to_string(i) + "\r\n" + value + "\r\n:1\r\n";
  }
  for (const size_t piece : {0, 1, 7, 1000}) {
    memory::MemoryStreamOptions options;
    options.max_read_bytes = piece;
    EXPECT_EQ(connect(options)->say(sent, 600), wanted) << piece;
  }
}

TEST_F(RedisProtocol, LongValuesGoThroughWhole) {
  for (const size_t size : {16'384, 32'768, 65'536, 1 << 20, 3'000'001}) {
    Bytes value(size, '\0');
    for (size_t i = 0; i < size; ++i) value[i] = static_cast<char>(i * 31 + i / 251);
    const Bytes wanted = "+OK\r\n$" + std::to_string(size) + "\r\n" + value + "\r\n";
    for (const size_t piece : {0, 100'000, 9'999}) {
      memory::MemoryStreamOptions options;
      options.max_read_bytes = piece;
      ASSERT_TRUE(connect(options)->say(request({"SET", "big", value}) + request({"GET", "big"}), 2) == wanted) << size;
    }
    ASSERT_TRUE(peer().say(request({"MSET", "a", value, "b", "x", "c", value}) + request({"MGET", "a", "b", "c"}), 2) ==
                "+OK\r\n*3\r\n" + wanted.substr(5) + "$1\r\nx\r\n" + wanted.substr(5));
  }
}

TEST_F(RedisProtocol, LongValuesWithinATransaction) {
  const Bytes value(200'000, 'q');
  EXPECT_EQ(ask("MULTI"), "+OK\r\n");
  EXPECT_EQ(peer().ask({"SET", "big", value}), "+QUEUED\r\n");
  EXPECT_EQ(peer().ask({"SET", "small", "x"}), "+QUEUED\r\n");
  EXPECT_EQ(ask("EXEC"), "*2\r\n+OK\r\n+OK\r\n");
  EXPECT_TRUE(ask("GET big") == "$200000\r\n" + value + "\r\n");
}

TEST_F(RedisProtocol, WhatIsNoRequestEndsTheConnection) {
  for (const auto& [sent, wanted] : std::vector<std::pair<Bytes, Bytes>>{
           {"*1\r\n!4\r\nPING\r\n", "-ERR Protocol error: expected '$', got '!'\r\n"},
           {"*a\r\n", "-ERR Protocol error: invalid multibulk length\r\n"},
           {"PING\r\n*1\r\n$-5\r\n", "+PONG\r\n-ERR Protocol error: invalid bulk length\r\n"},
           {Bytes(70'000, 'x'), "-ERR Protocol error: too big inline request\r\n"}}) {
    const auto one = connect();
    EXPECT_EQ(one->say(sent, 9), wanted);
    EXPECT_TRUE(one->ended());
  }
  EXPECT_EQ(server_->stats().malformed, 4u);
}

TEST_F(RedisProtocol, StrangersMaySendLittle) {
  binder_.open = false;
  EXPECT_EQ(connect()->say(request({"AUTH", Bytes(20'000, 'x')}), 9),
            "-ERR Protocol error: unauthenticated bulk length\r\n");
  EXPECT_EQ(connect()->say(request(std::vector<std::string>(11, "x")), 9),
            "-ERR Protocol error: unauthenticated multibulk length\r\n");
}

TEST_F(RedisProtocol, ManyArguments) {
  std::vector<std::string> set = {"MSET"}, get = {"EXISTS"};
  for (int i = 0; i < 10'000; ++i) {
    set.insert(set.end(), {"key" + std::to_string(i), "value"});
    get.push_back("key" + std::to_string(i));
  }
  EXPECT_EQ(peer().ask(set), "+OK\r\n");
  EXPECT_EQ(peer().ask(get), ":10000\r\n");
  get[0] = "DEL";
  EXPECT_EQ(peer().ask(get), ":10000\r\n");
  EXPECT_EQ(peer().ask(std::vector<std::string>(70'000, "EXISTS")),
            "-ERR too many keys in one command: at most 65536\r\n");
  EXPECT_EQ(peer().ask({"SET", Bytes(1025, 'k'), "v"}), "-ERR a key is longer than 1024 bytes\r\n");
  EXPECT_EQ(peer().ask({"SET", Bytes(1024, 'k'), "v"}), "+OK\r\n");
}

TEST_F(RedisProtocol, AClientThatDoesNotReadIsNotServedFurther) {
  EXPECT_EQ(peer().ask({"SET", "big", Bytes(100'000, 'x')}), "+OK\r\n");
  Bytes sent;
  for (int i = 0; i < 100'000; ++i) sent += request({"GET", "big"});
  const auto greedy = connect();
  EXPECT_FALSE(greedy->send_only(std::move(sent), 20'000));
  // It had some megabytes of replies made for it, not ten gigabytes.
  EXPECT_LT(server_->stats().commands, 200u);
  EXPECT_EQ(ask("PING"), "+PONG\r\n");
}

TEST_F(RedisProtocol, HalfARequestIsNone) {
  const auto half = connect();
  EXPECT_TRUE(half->send_only("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$100000\r\nhalf", 100));
  EXPECT_EQ(ask("GET a"), "$-1\r\n");
}

TEST_F(RedisProtocol, StoppingEndsConnectionsThatWait) {
  const auto waiting = connect();
  EXPECT_EQ((*waiting)("PING"), "+PONG\r\n");
  EXPECT_TRUE(runtime_.block_on(server_->begin_stop()));
  EXPECT_TRUE(waiting->ended());
  EXPECT_EQ(connect()->say("PING\r\n", 1), "");
}

}  // namespace
}  // namespace tp::redis::testing
