// The commands over entries of any type, byte for byte as Redis 7.0 answers.
#include <set>

#include "redis_rig.h"

namespace tp::redis::testing {
namespace {

class RedisKeys : public RedisRig {};

/// The bulk strings of a flat array.
std::multiset<std::string> bulks(BytesView reply) {
  std::multiset<std::string> found;
  reply.remove_prefix(reply.find("\r\n") + 2);
  while (!reply.empty()) {
    const size_t size = reply_size(reply);
    const size_t line = reply.find("\r\n") + 2;
    found.insert(std::string(reply.substr(line, size - line - 2)));
    reply.remove_prefix(size);
  }
  return found;
}

TEST_F(RedisKeys, Presence) {
  EXPECT_EQ(ask("MSET a 1 b 2"), "+OK\r\n");
  EXPECT_EQ(ask("EXISTS a b a none"), ":3\r\n");
  EXPECT_EQ(ask("TOUCH a none"), ":1\r\n");
  EXPECT_EQ(ask("TYPE a"), "+string\r\n");
  EXPECT_EQ(ask("TYPE none"), "+none\r\n");
  EXPECT_EQ(ask("DBSIZE"), ":2\r\n");
  EXPECT_EQ(ask("DEL a a none"), ":1\r\n");
  EXPECT_EQ(ask("UNLINK b"), ":1\r\n");
  EXPECT_EQ(ask("DBSIZE"), ":0\r\n");
  EXPECT_EQ(ask("RANDOMKEY"), "$-1\r\n");
}

TEST_F(RedisKeys, Expiry) {
  EXPECT_EQ(ask("SET a 1"), "+OK\r\n");
  EXPECT_EQ(ask("EXPIRE a 10 XX"), ":0\r\n");
  EXPECT_EQ(ask("EXPIRE a 10 GT"), ":0\r\n");
  EXPECT_EQ(ask("EXPIRE a 10 NX"), ":1\r\n");
  EXPECT_EQ(ask("EXPIRE a 5 GT"), ":0\r\n");
  EXPECT_EQ(ask("EXPIRE a 5 LT"), ":1\r\n");
  EXPECT_EQ(ask("TTL a"), ":5\r\n");
  EXPECT_EQ(ask("PTTL a"), ":5000\r\n");
  EXPECT_EQ(ask("EXPIRETIME a"), ":1700000005\r\n");
  EXPECT_EQ(ask("PEXPIRETIME a"), ":1700000005000\r\n");
  EXPECT_EQ(ask("PERSIST a"), ":1\r\n");
  EXPECT_EQ(ask("PERSIST a"), ":0\r\n");
  EXPECT_EQ(ask("TTL none"), ":-2\r\n");
  EXPECT_EQ(ask("EXPIRE none 10"), ":0\r\n");
  EXPECT_EQ(ask("EXPIRE a 10 NX GT"), "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
  EXPECT_EQ(ask("EXPIRE a 10 GT LT"), "-ERR GT and LT options at the same time are not compatible\r\n");
  EXPECT_EQ(ask("EXPIRE a 10 abc"), "-ERR Unsupported option abc\r\n");
  EXPECT_EQ(ask("EXPIRE a 9223372036854775807"), "-ERR invalid expire time in 'expire' command\r\n");
  EXPECT_EQ(ask("PEXPIRE a 9223372036854775807"), "-ERR invalid expire time in 'pexpire' command\r\n");
  EXPECT_EQ(ask("EXPIREAT a 1700000100"), ":1\r\n");
  EXPECT_EQ(ask("TTL a"), ":100\r\n");
  EXPECT_EQ(ask("EXPIRE a -1"), ":1\r\n");
  EXPECT_EQ(ask("EXISTS a"), ":0\r\n");
  EXPECT_EQ(ask("SET a 1"), "+OK\r\n");
  EXPECT_EQ(ask("PEXPIREAT a 0"), ":1\r\n");
  EXPECT_EQ(ask("EXISTS a"), ":0\r\n");
}

TEST_F(RedisKeys, Moving) {
  EXPECT_EQ(ask("SET a 1 EX 100"), "+OK\r\n");
  EXPECT_EQ(ask("RENAME a b"), "+OK\r\n");
  EXPECT_EQ(ask("EXISTS a"), ":0\r\n");
  EXPECT_EQ(ask("TTL b"), ":100\r\n");
  EXPECT_EQ(ask("RENAME a b"), "-ERR no such key\r\n");
  EXPECT_EQ(ask("HSET h f v"), ":1\r\n");
  EXPECT_EQ(ask("RENAMENX b h"), ":0\r\n");
  EXPECT_EQ(ask("RENAMENX b c"), ":1\r\n");
  EXPECT_EQ(ask("RENAME h h"), "+OK\r\n");
  EXPECT_EQ(ask("COPY h i"), ":1\r\n");
  EXPECT_EQ(ask("HGET i f"), "$1\r\nv\r\n");
  EXPECT_EQ(ask("COPY c h"), ":0\r\n");
  EXPECT_EQ(ask("COPY c h REPLACE"), ":1\r\n");
  EXPECT_EQ(ask("GET h"), "$1\r\n1\r\n");
  EXPECT_EQ(ask("COPY none x"), ":0\r\n");
  EXPECT_EQ(ask("COPY c c"), "-ERR source and destination objects are the same\r\n");
  EXPECT_EQ(ask("COPY c d DB 9"), "-ERR DB index is out of range\r\n");
  EXPECT_EQ(ask("COPY c d WHAT"), "-ERR syntax error\r\n");
}

TEST_F(RedisKeys, ScanMeetsEveryKey) {
  std::set<std::string> all;
  for (int i = 0; i < 500; ++i) {
    const std::string key = "key:" + std::to_string(i);
    EXPECT_EQ(ask((i % 10 == 0 ? "HSET " + key + " f v" : "SET " + key + " v")), i % 10 == 0 ? ":1\r\n" : "+OK\r\n");
    all.insert(key);
  }
  const auto walk = [&](const std::string& options) {
    std::set<std::string> met;
    std::string cursor = "0";
    do {
      const Bytes reply = ask("SCAN " + cursor + options);
      const size_t first = reply_size(BytesView(reply).substr(4));
      const BytesView head = BytesView(reply).substr(4, first);
      cursor = std::string(head.substr(head.find("\r\n") + 2));
      cursor.resize(cursor.size() - 2);
      for (const std::string& key : bulks(BytesView(reply).substr(4 + first))) met.insert(key);
    } while (cursor != "0");
    return met;
  };
  EXPECT_EQ(walk(" COUNT 7"), all);
  EXPECT_EQ(walk(" COUNT 100 TYPE hash").size(), 50u);
  EXPECT_EQ(walk(" MATCH key:1?").size(), 10u);
  EXPECT_EQ(walk(" TYPE list").size(), 0u);
  EXPECT_EQ(bulks(ask("KEYS key:49[0-4]")),
            (std::multiset<std::string>{"key:490", "key:491", "key:492", "key:493", "key:494"}));
  EXPECT_EQ(ask("SCAN abc"), "-ERR invalid cursor\r\n");
  EXPECT_EQ(ask("SCAN 0 COUNT 0"), "-ERR syntax error\r\n");
  EXPECT_EQ(ask("SCAN 0 COUNT x"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(ask("SCAN 0 MATCH"), "-ERR syntax error\r\n");
  EXPECT_TRUE(all.contains(*bulks("*1\r\n" + ask("RANDOMKEY")).begin()));
  EXPECT_EQ(ask("FLUSHDB MAYBE"), "-ERR syntax error\r\n");
  EXPECT_EQ(ask("FLUSHALL ASYNC"), "+OK\r\n");
  EXPECT_EQ(ask("DBSIZE"), ":0\r\n");
}

}  // namespace
}  // namespace tp::redis::testing
