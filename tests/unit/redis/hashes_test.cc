// The hash commands, byte for byte as Redis 7.0 answers, and their encoding.
#include <random>

#include "front/redis/commands/hashes/hash_value.h"
#include "redis_rig.h"

namespace tp::redis::testing {
namespace {

class RedisHashes : public RedisRig {};

TEST_F(RedisHashes, FieldsAreSetAndRead) {
  EXPECT_EQ(ask("HSET h a 1 b 2 a 3"), ":2\r\n");
  EXPECT_EQ(ask("HSET h a 4 c 5"), ":1\r\n");
  EXPECT_EQ(ask("HGET h a"), "$1\r\n4\r\n");
  EXPECT_EQ(ask("HGET h none"), "$-1\r\n");
  EXPECT_EQ(ask("HGET none a"), "$-1\r\n");
  EXPECT_EQ(ask("HMGET h a none c"), "*3\r\n$1\r\n4\r\n$-1\r\n$1\r\n5\r\n");
  EXPECT_EQ(ask("HMGET none a b"), "*2\r\n$-1\r\n$-1\r\n");
  EXPECT_EQ(ask("HGETALL h"), "*6\r\n$1\r\na\r\n$1\r\n4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\nc\r\n$1\r\n5\r\n");
  EXPECT_EQ(ask("HKEYS h"), "*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n");
  EXPECT_EQ(ask("HVALS h"), "*3\r\n$1\r\n4\r\n$1\r\n2\r\n$1\r\n5\r\n");
  EXPECT_EQ(ask("HGETALL none"), "*0\r\n");
  EXPECT_EQ(ask("HLEN h"), ":3\r\n");
  EXPECT_EQ(ask("HEXISTS h a"), ":1\r\n");
  EXPECT_EQ(ask("HEXISTS h x"), ":0\r\n");
  EXPECT_EQ(ask("HSTRLEN h a"), ":1\r\n");
  EXPECT_EQ(ask("HSETNX h a 9"), ":0\r\n");
  EXPECT_EQ(ask("HSETNX h d 9"), ":1\r\n");
  EXPECT_EQ(ask("HMSET h e 1"), "+OK\r\n");
  EXPECT_EQ(ask("HSET h a"), "-ERR wrong number of arguments for 'hset' command\r\n");
  EXPECT_EQ(ask("HSET h a 1 b"), "-ERR wrong number of arguments for 'hset' command\r\n");
  EXPECT_EQ(ask("HMSET h a 1 b"), "-ERR wrong number of arguments for 'hmset' command\r\n");
}

TEST_F(RedisHashes, AHashWithoutFieldsIsGone) {
  EXPECT_EQ(ask("HSET h a 1 b 2 c 3"), ":3\r\n");
  EXPECT_EQ(ask("EXPIRE h 100"), ":1\r\n");
  EXPECT_EQ(ask("HDEL h a x a"), ":1\r\n");
  EXPECT_EQ(ask("TTL h"), ":100\r\n");
  EXPECT_EQ(ask("HDEL h b c"), ":2\r\n");
  EXPECT_EQ(ask("EXISTS h"), ":0\r\n");
  EXPECT_EQ(ask("HDEL h b"), ":0\r\n");
}

TEST_F(RedisHashes, Numbers) {
  EXPECT_EQ(ask("HINCRBY h n 5"), ":5\r\n");
  EXPECT_EQ(ask("HINCRBY h n -7"), ":-2\r\n");
  EXPECT_EQ(ask("HINCRBYFLOAT h f 1.5"), "$3\r\n1.5\r\n");
  EXPECT_EQ(ask("HSET h s text"), ":1\r\n");
  EXPECT_EQ(ask("HINCRBY h s 1"), "-ERR hash value is not an integer\r\n");
  EXPECT_EQ(ask("HINCRBYFLOAT h s 1"), "-ERR hash value is not a float\r\n");
  EXPECT_EQ(ask("HSET h m 9223372036854775807"), ":1\r\n");
  EXPECT_EQ(ask("HINCRBY h m 1"), "-ERR increment or decrement would overflow\r\n");
}

TEST_F(RedisHashes, ScanAndRandom) {
  EXPECT_EQ(ask("HSET h ab 1 cd 2"), ":2\r\n");
  EXPECT_EQ(ask("HSCAN h 0 MATCH a* COUNT 100"), "*2\r\n$1\r\n0\r\n*2\r\n$2\r\nab\r\n$1\r\n1\r\n");
  EXPECT_EQ(ask("HSCAN h x"), "-ERR invalid cursor\r\n");
  EXPECT_EQ(ask("HSCAN h 0 COUNT 0"), "-ERR syntax error\r\n");
  EXPECT_EQ(ask("HRANDFIELD none"), "$-1\r\n");
  EXPECT_EQ(ask("HRANDFIELD none 3"), "*0\r\n");
  EXPECT_EQ(ask("HRANDFIELD h -5").substr(0, 4), "*5\r\n");
  EXPECT_EQ(ask("HRANDFIELD h 5 WITHVALUES").substr(0, 4), "*4\r\n");
}

TEST_F(RedisHashes, Resp3HasMaps) {
  EXPECT_EQ(ask("HSET h a 1"), ":1\r\n");
  EXPECT_EQ(ask("HELLO 3").substr(0, 4), "%7\r\n");
  EXPECT_EQ(ask("HGETALL h"), "%1\r\n$1\r\na\r\n$1\r\n1\r\n");
  EXPECT_EQ(ask("HGETALL none"), "%0\r\n");
  EXPECT_EQ(ask("HGET h b"), "_\r\n");
  EXPECT_EQ(ask("HRANDFIELD h 1 WITHVALUES"), "*1\r\n*2\r\n$1\r\na\r\n$1\r\n1\r\n");
}

TEST_F(RedisHashes, AgreesWithAPlainMap) {
  std::mt19937 random(7);
  std::vector<std::pair<std::string, std::string>> model;  // in order of arrival
  const auto field = [&] { return "f" + std::to_string(random() % 300); };
  for (int step = 0; step < 3000; ++step) {
    const std::string name = field();
    const auto at = std::find_if(model.begin(), model.end(), [&](const auto& pair) { return pair.first == name; });
    if (random() % 3 == 0) {
      ASSERT_EQ(ask("HDEL h " + name), at == model.end() ? ":0\r\n" : ":1\r\n");
      if (at != model.end()) model.erase(at);
      continue;
    }
    const std::string value(random() % 300, static_cast<char>('a' + step % 26));
    ASSERT_EQ(peer().ask({"HSET", "h", name, value}), at == model.end() ? ":1\r\n" : ":0\r\n");
    if (at == model.end()) {
      model.emplace_back(name, value);
    } else {
      at->second = value;
    }
  }
  std::vector<std::string> flat;
  for (const auto& [name, value] : model) flat.insert(flat.end(), {name, value});
  EXPECT_EQ(ask("HGETALL h"), request(flat));
}

TEST(HashValue, BytesThatAreNoHashEndEarly) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    Bytes bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    HashReader reader(bytes);
    size_t seen = 0;
    while (const auto entry = reader.next()) seen += entry->encoded.size();
    EXPECT_LE(seen, bytes.size());
  }
}

}  // namespace
}  // namespace tp::redis::testing
