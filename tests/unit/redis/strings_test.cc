// The string commands, byte for byte as Redis 7.0 answers.
#include "redis_rig.h"

namespace tp::redis::testing {
namespace {

class RedisStrings : public RedisRig {};

TEST_F(RedisStrings, SetAndGet) {
  EXPECT_EQ(ask("SET a hello"), "+OK\r\n");
  EXPECT_EQ(ask("GET a"), "$5\r\nhello\r\n");
  EXPECT_EQ(ask("GET b"), "$-1\r\n");
  EXPECT_EQ(peer().ask({"SET", "e", ""}), "+OK\r\n");
  EXPECT_EQ(ask("GET e"), "$0\r\n\r\n");
  EXPECT_EQ(ask("STRLEN a"), ":5\r\n");
  EXPECT_EQ(ask("STRLEN b"), ":0\r\n");
}

TEST_F(RedisStrings, SetOptions) {
  EXPECT_EQ(ask("SET a 1 XX"), "$-1\r\n");
  EXPECT_EQ(ask("SET a 1 NX"), "+OK\r\n");
  EXPECT_EQ(ask("SET a 2 NX"), "$-1\r\n");
  EXPECT_EQ(ask("SET a 2 NX GET"), "$1\r\n1\r\n");
  EXPECT_EQ(ask("SET a 3 GET EX 100"), "$1\r\n1\r\n");
  EXPECT_EQ(ask("TTL a"), ":100\r\n");
  EXPECT_EQ(ask("SET a 4 KEEPTTL"), "+OK\r\n");
  EXPECT_EQ(ask("TTL a"), ":100\r\n");
  EXPECT_EQ(ask("SET a 5"), "+OK\r\n");
  EXPECT_EQ(ask("TTL a"), ":-1\r\n");
  EXPECT_EQ(ask("SET a 5 PX 1500"), "+OK\r\n");
  EXPECT_EQ(ask("PTTL a"), ":1500\r\n");
  EXPECT_EQ(ask("SET a 5 EX 0"), "-ERR invalid expire time in 'set' command\r\n");
  EXPECT_EQ(ask("SET a 5 EX x"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(ask("SET a 5 EX 9223372036854775807"), "-ERR invalid expire time in 'set' command\r\n");
  EXPECT_EQ(ask("SET a 5 EX 1 PX 1"), "-ERR syntax error\r\n");
  EXPECT_EQ(ask("SET a 5 EX 1 KEEPTTL"), "-ERR syntax error\r\n");
  EXPECT_EQ(ask("SET a 5 NX XX"), "-ERR syntax error\r\n");
  EXPECT_EQ(ask("SET a 5 EX"), "-ERR syntax error\r\n");
  EXPECT_EQ(ask("SET a"), "-ERR wrong number of arguments for 'set' command\r\n");
}

TEST_F(RedisStrings, EntriesExpire) {
  EXPECT_EQ(ask("SETEX a 10 x"), "+OK\r\n");
  EXPECT_EQ(ask("PSETEX b 20000 y"), "+OK\r\n");
  advance_ms(9999);
  EXPECT_EQ(ask("GET a"), "$1\r\nx\r\n");
  advance_ms(1);
  EXPECT_EQ(ask("GET a"), "$-1\r\n");
  EXPECT_EQ(ask("EXISTS a b"), ":1\r\n");
  EXPECT_EQ(ask("SET c z PXAT 1"), "+OK\r\n");
  EXPECT_EQ(ask("GET c"), "$-1\r\n");
  EXPECT_EQ(ask("SETEX a 0 x"), "-ERR invalid expire time in 'setex' command\r\n");
  EXPECT_EQ(ask("PSETEX a -1 x"), "-ERR invalid expire time in 'psetex' command\r\n");
}

TEST_F(RedisStrings, ReadingThatChanges) {
  EXPECT_EQ(ask("SET a v"), "+OK\r\n");
  EXPECT_EQ(ask("GETEX a EX 5"), "$1\r\nv\r\n");
  EXPECT_EQ(ask("TTL a"), ":5\r\n");
  EXPECT_EQ(ask("GETEX a PERSIST"), "$1\r\nv\r\n");
  EXPECT_EQ(ask("TTL a"), ":-1\r\n");
  EXPECT_EQ(ask("GETEX a EX 5 PERSIST"), "-ERR syntax error\r\n");
  EXPECT_EQ(ask("GETEX a EX 0"), "-ERR invalid expire time in 'getex' command\r\n");
  EXPECT_EQ(ask("GETEX none EX 0"), "$-1\r\n");
  EXPECT_EQ(ask("GETSET a w"), "$1\r\nv\r\n");
  EXPECT_EQ(ask("GETSET n w"), "$-1\r\n");
  EXPECT_EQ(ask("GETDEL a"), "$1\r\nw\r\n");
  EXPECT_EQ(ask("GETDEL a"), "$-1\r\n");
}

TEST_F(RedisStrings, ManyKeys) {
  EXPECT_EQ(ask("MSET a 1 b 2 a 3"), "+OK\r\n");
  EXPECT_EQ(ask("HSET h f v"), ":1\r\n");
  EXPECT_EQ(ask("MGET a none b h"), "*4\r\n$1\r\n3\r\n$-1\r\n$1\r\n2\r\n$-1\r\n");
  EXPECT_EQ(ask("MSETNX c 1 a 9"), ":0\r\n");
  EXPECT_EQ(ask("MSETNX c 1 d 9"), ":1\r\n");
  EXPECT_EQ(ask("MSET a"), "-ERR wrong number of arguments for 'mset' command\r\n");
  EXPECT_EQ(ask("MSET a 1 b"), "-ERR wrong number of arguments for 'mset' command\r\n");
  EXPECT_EQ(ask("SETNX a 1"), ":0\r\n");
  EXPECT_EQ(ask("SETNX z 1"), ":1\r\n");
}

TEST_F(RedisStrings, Parts) {
  EXPECT_EQ(ask("SET a hello"), "+OK\r\n");
  EXPECT_EQ(ask("GETRANGE a 1 3"), "$3\r\nell\r\n");
  EXPECT_EQ(ask("GETRANGE a -3 -1"), "$3\r\nllo\r\n");
  EXPECT_EQ(ask("GETRANGE a -1 -3"), "$0\r\n\r\n");
  EXPECT_EQ(ask("GETRANGE a 0 100"), "$5\r\nhello\r\n");
  EXPECT_EQ(ask("SUBSTR a 9 10"), "$0\r\n\r\n");
  EXPECT_EQ(ask("GETRANGE none 0 1"), "$0\r\n\r\n");
  EXPECT_EQ(ask("SETRANGE a 7 xy"), ":9\r\n");
  EXPECT_EQ(ask("GET a"), Bytes("$9\r\nhello\0\0xy\r\n", 15));
  EXPECT_EQ(ask("SETRANGE a -1 x"), "-ERR offset is out of range\r\n");
  EXPECT_EQ(ask("SETRANGE a 536870912 x"),
            "-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n");
  EXPECT_EQ(peer().ask({"SETRANGE", "none", "5", ""}), ":0\r\n");
  EXPECT_EQ(ask("EXISTS none"), ":0\r\n");
  EXPECT_EQ(ask("APPEND n ab"), ":2\r\n");
  EXPECT_EQ(ask("EXPIRE n 50"), ":1\r\n");
  EXPECT_EQ(ask("APPEND n cd"), ":4\r\n");
  EXPECT_EQ(ask("GET n"), "$4\r\nabcd\r\n");
  EXPECT_EQ(ask("TTL n"), ":50\r\n");
}

TEST_F(RedisStrings, Numbers) {
  EXPECT_EQ(ask("INCR n"), ":1\r\n");
  EXPECT_EQ(ask("INCRBY n 41"), ":42\r\n");
  EXPECT_EQ(ask("DECR n"), ":41\r\n");
  EXPECT_EQ(ask("DECRBY n 50"), ":-9\r\n");
  EXPECT_EQ(ask("INCRBY n x"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(ask("SET n 9223372036854775807"), "+OK\r\n");
  EXPECT_EQ(ask("INCR n"), "-ERR increment or decrement would overflow\r\n");
  EXPECT_EQ(ask("DECRBY n -9223372036854775808"), "-ERR decrement would overflow\r\n");
  EXPECT_EQ(ask("SET n 012"), "+OK\r\n");
  EXPECT_EQ(ask("INCR n"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(ask("INCRBYFLOAT f 10.5"), "$4\r\n10.5\r\n");
  EXPECT_EQ(ask("INCRBYFLOAT f 0.1"), "$4\r\n10.6\r\n");
  EXPECT_EQ(ask("INCRBYFLOAT f -10.6"), "$1\r\n0\r\n");
  EXPECT_EQ(ask("INCRBYFLOAT f 5e3"), "$4\r\n5000\r\n");
  EXPECT_EQ(ask("INCRBYFLOAT f abc"), "-ERR value is not a valid float\r\n");
  EXPECT_EQ(ask("INCRBYFLOAT f inf"), "-ERR increment would produce NaN or Infinity\r\n");
}

TEST_F(RedisStrings, WrongTypesAreRefused) {
  EXPECT_EQ(ask("HSET h f v"), ":1\r\n");
  const Bytes wrong = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
  for (const char* words : {"GET h", "GETEX h", "GETDEL h", "GETSET h x", "SET h x GET", "STRLEN h", "APPEND h x",
                            "GETRANGE h 0 1", "SETRANGE h 0 x", "INCR h", "INCRBYFLOAT h 1"}) {
    EXPECT_EQ(ask(words), wrong) << words;
  }
  EXPECT_EQ(ask("SET h x"), "+OK\r\n");
  EXPECT_EQ(ask("TYPE h"), "+string\r\n");
}

}  // namespace
}  // namespace tp::redis::testing
