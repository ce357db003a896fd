// Our own commands: volumes and identities, chains, pins, the ledger; and JSON documents.
#include "front/redis/commands/tokens/json_text.h"
#include "redis_rig.h"

namespace tp::redis::testing {
namespace {

class RedisTokens : public RedisRig {};

TEST_F(RedisTokens, AnotherIdentityIsAnotherKeySpace) {
  EXPECT_EQ(ask("SET k v"), "+OK\r\n");
  EXPECT_EQ(ask("TP.BIND cache rank=1"), "+OK\r\n");
  EXPECT_EQ(ask("GET k"), "$-1\r\n");
  EXPECT_EQ(ask("SET k w"), "+OK\r\n");
  EXPECT_EQ(ask("TP.BIND cache"), "+OK\r\n");
  EXPECT_EQ(ask("GET k"), "$1\r\nv\r\n");
  EXPECT_EQ(ask("TP.BIND nowhere"), "-ERR no such cache volume\r\n");
  EXPECT_EQ(ask("GET k"), "$1\r\nv\r\n");
  EXPECT_EQ(ask("TP.BIND cache colour=red").substr(0, 5), "-ERR ");
  EXPECT_EQ(ask("TP.WHERE").substr(0, 39), "*6\r\n$6\r\nvolume\r\n$5\r\ncache\r\n$8\r\nidentity");
}

TEST_F(RedisTokens, APrefixIsTheLeadingRunOfKeysThatAreThere) {
  EXPECT_EQ(ask("TP.SET b0 x TOKENS 512"), "+OK\r\n");
  EXPECT_EQ(ask("TP.SET b1 x PARENT b0 TOKENS 512 EX 100"), "+OK\r\n");
  EXPECT_EQ(ask("TP.SET b3 x TOKENS 512"), "+OK\r\n");
  EXPECT_EQ(ask("TP.PREFIX b0 b1 b2 b3"), ":2\r\n");
  EXPECT_EQ(ask("TP.PREFIX LEASE 1000 TOKENS 2048 b0 b1 b2 b3"), ":2\r\n");
  EXPECT_EQ(ask("TP.PREFIX none b0"), ":0\r\n");
  // KEYS ends the options: what follows are keys, whatever they are called.
  ask("TP.SET lease x");
  ask("TP.SET 5 x PARENT lease");
  EXPECT_EQ(ask("TP.PREFIX KEYS lease 5 none"), ":2\r\n");
  EXPECT_EQ(ask("TP.PREFIX LEASE 1000 KEYS lease"), ":1\r\n");
  EXPECT_EQ(ask("TP.PREFIX LEASE 1000 KEYS"), "-ERR wrong number of arguments for 'tp.prefix' command\r\n");
  EXPECT_EQ(ask("TP.PREFIX LEASE 1000"), "-ERR wrong number of arguments for 'tp.prefix' command\r\n");
  EXPECT_EQ(ask("TP.PREFIX LEASE 60001 b0"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(ask("TP.GET b0"), "$1\r\nx\r\n");
  EXPECT_EQ(ask("TTL b1"), ":100\r\n");
  EXPECT_EQ(ask("TP.SET b4 x TOKENS -1"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(ask("TP.SET b4 x WHAT 1"), "-ERR syntax error\r\n");
}

TEST_F(RedisTokens, PinsAndTheLedger) {
  EXPECT_EQ(ask("TP.SET a xyz TOKENS 100"), "+OK\r\n");
  EXPECT_EQ(ask("TP.PIN a none"), ":1\r\n");
  EXPECT_EQ(ask("TP.PIN a"), ":0\r\n");
  EXPECT_EQ(ask("TP.UNPIN a"), ":1\r\n");
  EXPECT_EQ(ask("GET a"), "$3\r\nxyz\r\n");
  EXPECT_EQ(ask("GET none"), "$-1\r\n");
  EXPECT_EQ(ask("MGET a none none"), "*3\r\n$3\r\nxyz\r\n$-1\r\n$-1\r\n");
  EXPECT_EQ(ask("EXISTS a none"), ":1\r\n");
  const Bytes stat = ask("TP.STAT");
  for (const char* part : {"$7\r\nlookups\r\n:5\r\n", "$9\r\nhits_dram\r\n:2\r\n", "$6\r\nmisses\r\n:3\r\n",
                           "$15\r\nhit_tokens_dram\r\n:200\r\n", "$6\r\nwrites\r\n:1\r\n"}) {
    EXPECT_NE(stat.find(part), Bytes::npos) << part << stat;
  }
  EXPECT_EQ(ask("TP.CLEAR"), "+OK\r\n");
  EXPECT_EQ(ask("EXISTS a"), ":0\r\n");
}

TEST_F(RedisTokens, JsonAtTheRoot) {
  EXPECT_EQ(peer().ask({"JSON.SET", "j", "$", "{ \"a\" : [1, 2.50],\n \"b\": \"x y\" }"}), "+OK\r\n");
  EXPECT_EQ(ask("JSON.GET j"), "$24\r\n{\"a\":[1,2.50],\"b\":\"x y\"}\r\n");
  EXPECT_EQ(ask("TYPE j"), "+ReJSON-RL\r\n");
  EXPECT_EQ(ask("GET j"), "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n");
  EXPECT_EQ(ask("JSON.SET j $ 7 NX"), "$-1\r\n");
  EXPECT_EQ(ask("JSON.SET j . 7 XX"), "+OK\r\n");
  EXPECT_EQ(ask("JSON.GET j $"), "$3\r\n[7]\r\n");
  EXPECT_EQ(ask("JSON.GET none"), "$-1\r\n");
  EXPECT_EQ(ask("JSON.SET j $ {bad"), "-ERR the value is not valid JSON\r\n");
  EXPECT_EQ(ask("JSON.SET j $.a 1"), "-ERR only the root path is supported: $ or .\r\n");
  EXPECT_EQ(ask("JSON.GET j $.a"), "-ERR only the root path is supported: $ or .\r\n");
  EXPECT_EQ(peer().ask({"JSON.SET", "d", "$", Bytes(5000, '[')}), "-ERR the JSON value is nested too deep\r\n");
}

TEST(JsonText, SpacesAreMadeAndTakenAway) {
  const auto compact = compact_json(" { \"a\\\" b\" : [ ] , \"c\" : [ 1 , { } ] } ");
  ASSERT_TRUE(compact);
  EXPECT_EQ(*compact, "{\"a\\\" b\":[],\"c\":[1,{}]}");
  const JsonSpacing spacing{"  ", "\n", " "};
  const auto spaced = spaced_json(*compact, spacing, 1000);
  ASSERT_TRUE(spaced);
  EXPECT_EQ(*spaced, "{\n  \"a\\\" b\": [],\n  \"c\": [\n    1,\n    {}\n  ]\n}");
  EXPECT_FALSE(spaced_json(*compact, spacing, 10));
  EXPECT_FALSE(compact_json("{\"a\":1}}"));
  EXPECT_FALSE(compact_json(""));
}

}  // namespace
}  // namespace tp::redis::testing
