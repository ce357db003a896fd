// Transactions: MULTI, EXEC, DISCARD, WATCH.
#include "redis_rig.h"

namespace tp::redis::testing {
namespace {

class RedisMulti : public RedisRig {};

TEST_F(RedisMulti, ExecRunsWhatWasQueued) {
  EXPECT_EQ(ask("MULTI"), "+OK\r\n");
  EXPECT_EQ(ask("SET a 1"), "+QUEUED\r\n");
  EXPECT_EQ(ask("INCR a"), "+QUEUED\r\n");
  EXPECT_EQ(ask("GET a"), "+QUEUED\r\n");
  EXPECT_EQ(ask("HSET a f v"), "+QUEUED\r\n");
  EXPECT_EQ(ask("PING"), "+QUEUED\r\n");
  EXPECT_EQ(connect()->ask({"GET", "a"}), "$-1\r\n");
  EXPECT_EQ(
      ask("EXEC"),
      "*5\r\n+OK\r\n:2\r\n$1\r\n2\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n+PONG\r\n");
  EXPECT_EQ(ask("GET a"), "$1\r\n2\r\n");
}

TEST_F(RedisMulti, CommandsThatLockByThemselvesStandBetween) {
  EXPECT_EQ(peer().say("MULTI\r\nSET a 1\r\nDBSIZE\r\nFLUSHDB\r\nSET b 2\r\nDBSIZE\r\nKEYS *\r\nEXEC\r\n", 8).substr(5),
            "+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n"
            "*6\r\n+OK\r\n:1\r\n+OK\r\n+OK\r\n:1\r\n*1\r\n$1\r\nb\r\n");
}

TEST_F(RedisMulti, Mistakes) {
  EXPECT_EQ(ask("EXEC"), "-ERR EXEC without MULTI\r\n");
  EXPECT_EQ(ask("DISCARD"), "-ERR DISCARD without MULTI\r\n");
  EXPECT_EQ(ask("MULTI"), "+OK\r\n");
  EXPECT_EQ(ask("MULTI"), "-ERR MULTI calls can not be nested\r\n");
  EXPECT_EQ(ask("WATCH a"), "-ERR WATCH inside MULTI is not allowed\r\n");
  EXPECT_EQ(ask("EXEC"), "*0\r\n");
  EXPECT_EQ(ask("MULTI"), "+OK\r\n");
  EXPECT_EQ(ask("SET a"), "-ERR wrong number of arguments for 'set' command\r\n");
  EXPECT_EQ(ask("SET a 1"), "+QUEUED\r\n");
  EXPECT_EQ(ask("EXEC"), "-EXECABORT Transaction discarded because of previous errors.\r\n");
  EXPECT_EQ(ask("EXISTS a"), ":0\r\n");
  EXPECT_EQ(ask("MULTI"), "+OK\r\n");
  EXPECT_EQ(ask("NOPE"), "-ERR unknown command 'NOPE', with args beginning with: \r\n");
  EXPECT_EQ(ask("DISCARD"), "+OK\r\n");
  EXPECT_EQ(ask("PING"), "+PONG\r\n");
}

TEST_F(RedisMulti, AWatchedKeyThatChangedStopsExec) {
  const auto other = connect();
  EXPECT_EQ(ask("WATCH a b"), "+OK\r\n");
  EXPECT_EQ((*other)("SET b 1"), "+OK\r\n");
  EXPECT_EQ(ask("MULTI"), "+OK\r\n");
  EXPECT_EQ(ask("SET a 1"), "+QUEUED\r\n");
  EXPECT_EQ(ask("EXEC"), "*-1\r\n");
  EXPECT_EQ(ask("EXISTS a"), ":0\r\n");
  // The watch ended with EXEC.
  EXPECT_EQ((*other)("SET b 2"), "+OK\r\n");
  EXPECT_EQ(peer().say("MULTI\r\nSET a 1\r\nEXEC\r\n", 3), "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n");
  EXPECT_EQ(ask("WATCH a"), "+OK\r\n");
  EXPECT_EQ(ask("UNWATCH"), "+OK\r\n");
  EXPECT_EQ((*other)("SET a 3"), "+OK\r\n");
  EXPECT_EQ(peer().say("MULTI\r\nGET a\r\nEXEC\r\n", 3), "+OK\r\n+QUEUED\r\n*1\r\n$1\r\n3\r\n");
}

TEST_F(RedisMulti, UnwatchMayBeQueued) {
  EXPECT_EQ(peer().say("WATCH a b\r\nMULTI\r\nUNWATCH\r\nSET a 1\r\nUNWATCH\r\nEXEC\r\n", 6),
            "+OK\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n+OK\r\n+OK\r\n");
  EXPECT_EQ(connect()->ask({"SET", "a", "2"}), "+OK\r\n");
  EXPECT_EQ(ask("GET a"), "$1\r\n2\r\n");
}

TEST_F(RedisMulti, AWatchOnAVolumeThatIsLeftStopsExec) {
  EXPECT_EQ(ask("WATCH a"), "+OK\r\n");
  EXPECT_EQ(ask("TP.BIND other"), "+OK\r\n");
  EXPECT_EQ(peer().say("MULTI\r\nSET a 1\r\nEXEC\r\n", 3), "+OK\r\n+QUEUED\r\n*-1\r\n");
}

TEST_F(RedisMulti, ATransactionIsBounded) {
  RedisOptions options;
  options.transaction_commands = 3;
  open(options);
  EXPECT_EQ(peer().say("MULTI\r\nPING\r\nPING\r\nPING\r\nPING\r\nEXEC\r\n", 6),
            "+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n-ERR the transaction is too large\r\n"
            "-EXECABORT Transaction discarded because of previous errors.\r\n");
}

}  // namespace
}  // namespace tp::redis::testing
