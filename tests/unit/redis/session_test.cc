// Who a connection is and what it says of itself: AUTH, HELLO, CLIENT, the binder's rights, the server's commands.
#include "redis_rig.h"

namespace tp::redis::testing {
namespace {

class RedisSession : public RedisRig {};

TEST_F(RedisSession, SmallTalk) {
  EXPECT_EQ(ask("PING"), "+PONG\r\n");
  EXPECT_EQ(ask("ping hello"), "$5\r\nhello\r\n");
  EXPECT_EQ(ask("PING a b"), "-ERR wrong number of arguments for 'ping' command\r\n");
  EXPECT_EQ(ask("ECHO x"), "$1\r\nx\r\n");
  EXPECT_EQ(ask("SELECT 0"), "+OK\r\n");
  EXPECT_EQ(ask("SELECT 1"), "-ERR DB index is out of range\r\n");
  EXPECT_EQ(ask("SELECT x"), "-ERR value is not an integer or out of range\r\n");
  EXPECT_EQ(ask("LPUSH l a b"), "-ERR unknown command 'LPUSH', with args beginning with: 'l' 'a' 'b' \r\n");
  EXPECT_EQ(ask("GET"), "-ERR wrong number of arguments for 'get' command\r\n");
  EXPECT_EQ(ask("TIME"), "*2\r\n$10\r\n1700000000\r\n$1\r\n0\r\n");
  EXPECT_EQ(ask("QUIT"), "+OK\r\n");
  EXPECT_TRUE(peer().ended());
}

TEST_F(RedisSession, WithoutAuthNothingIsServed) {
  binder_.open = false;
  EXPECT_EQ(ask("GET a"), "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(ask("PING"), "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(ask("HELLO 3").substr(0, 40), "-NOAUTH HELLO must be called with the cl");
  EXPECT_EQ(ask("AUTH alice wrong"), "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
  EXPECT_EQ(ask("AUTH alice secret"), "+OK\r\n");
  EXPECT_EQ(ask("ACL WHOAMI"), "$5\r\nalice\r\n");
  EXPECT_EQ(ask("SET a 1"), "+OK\r\n");
  EXPECT_EQ(ask("RESET"), "+RESET\r\n");
  EXPECT_EQ(ask("GET a"), "-NOAUTH Authentication required.\r\n");
  EXPECT_EQ(ask("AUTH a b c"), "-ERR syntax error\r\n");
}

TEST_F(RedisSession, HelloChangesTheProtocol) {
  binder_.open = false;
  const Bytes hello = ask("HELLO 3 AUTH bob secret SETNAME worker-1");
  EXPECT_TRUE(hello.starts_with("%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n")) << hello;
  EXPECT_NE(hello.find("$5\r\nproto\r\n:3\r\n"), Bytes::npos);
  EXPECT_EQ(ask("CLIENT GETNAME"), "$8\r\nworker-1\r\n");
  EXPECT_EQ(ask("GET none"), "_\r\n");
  EXPECT_EQ(ask("HELLO 4"), "-NOPROTO unsupported protocol version\r\n");
  EXPECT_EQ(ask("HELLO x"), "-ERR Protocol version is not an integer or out of range\r\n");
  EXPECT_EQ(ask("HELLO 3 WHAT"), "-ERR Syntax error in HELLO option 'WHAT'\r\n");
  EXPECT_EQ(ask("HELLO 2").substr(0, 5), "*14\r\n");
  EXPECT_EQ(ask("GET none"), "$-1\r\n");
}

TEST_F(RedisSession, UsersHaveTheirOwnEntries) {
  const auto other = connect();
  EXPECT_EQ((*other)("AUTH alice secret"), "+OK\r\n");
  EXPECT_EQ(ask("AUTH bob secret"), "+OK\r\n");
  EXPECT_EQ(ask("SET k bob"), "+OK\r\n");
  EXPECT_EQ((*other)("GET k"), "$-1\r\n");
  EXPECT_EQ((*other)("AUTH bob secret"), "+OK\r\n");
  EXPECT_EQ((*other)("GET k"), "$3\r\nbob\r\n");
  EXPECT_EQ((*other)("AUTH bob@other secret"), "+OK\r\n");
  EXPECT_EQ((*other)("GET k"), "$-1\r\n");
  EXPECT_EQ((*other)("AUTH bob@nowhere secret"), "+OK\r\n");
  EXPECT_EQ((*other)("GET k"), "-ERR no cache volume is bound: AUTH user@volume or TP.BIND volume\r\n");
  EXPECT_EQ((*other)("PING"), "+PONG\r\n");
}

TEST_F(RedisSession, RightsThatChangeHoldFromTheNextCommandOn) {
  EXPECT_EQ(ask("SET k v"), "+OK\r\n");
  binder_.may_write = false;
  ++binder_.generation_count;
  EXPECT_EQ(ask("SET k w"), "-NOPERM this user has no permissions to run the 'set' command\r\n");
  EXPECT_EQ(ask("GET k"), "$1\r\nv\r\n");
  binder_.refuses = true;
  ++binder_.generation_count;
  EXPECT_EQ(ask("GET k"), "-ERR no cache volume is bound: AUTH user@volume or TP.BIND volume\r\n");
  binder_.refuses = false;
  binder_.may_write = true;
  ++binder_.generation_count;
  EXPECT_EQ(ask("SET k w"), "+OK\r\n");
}

TEST_F(RedisSession, Client) {
  EXPECT_EQ(ask("CLIENT GETNAME"), "$-1\r\n");
  EXPECT_EQ(ask("CLIENT SETNAME me"), "+OK\r\n");
  EXPECT_EQ(peer().ask({"CLIENT", "SETNAME", "a b"}),
            "-ERR Client names cannot contain spaces, newlines or special characters.\r\n");
  EXPECT_EQ(ask("CLIENT SETINFO LIB-NAME lib"), "+OK\r\n");
  EXPECT_EQ(ask("CLIENT SETINFO LIB-VER 1.0"), "+OK\r\n");
  EXPECT_EQ(ask("CLIENT ID"), ":1\r\n");
  EXPECT_NE(ask("CLIENT INFO").find(" name=me "), Bytes::npos);
  const auto other = connect();
  const Bytes list = (*other)("CLIENT LIST");
  EXPECT_NE(list.find("id=1 "), Bytes::npos);
  EXPECT_NE(list.find("lib-name=lib"), Bytes::npos);
  EXPECT_NE(list.find("id=2 "), Bytes::npos);
  EXPECT_EQ(ask("CLIENT NO-EVICT on"), "+OK\r\n");
  EXPECT_EQ(ask("CLIENT NO-TOUCH maybe"), "-ERR syntax error\r\n");
  EXPECT_EQ(ask("CLIENT WHAT"), "-ERR unknown subcommand 'WHAT'. Try CLIENT HELP.\r\n");
  EXPECT_EQ(ask("CLIENT SETNAME"), "-ERR wrong number of arguments for 'client|setname' command\r\n");
  EXPECT_EQ(peer().say("CLIENT REPLY OFF\r\nSET a 1\r\nCLIENT REPLY ON\r\nGET a\r\n", 2), "+OK\r\n$1\r\n1\r\n");
  EXPECT_EQ(peer().say("CLIENT REPLY SKIP\r\nPING\r\nECHO x\r\n", 1), "$1\r\nx\r\n");
}

TEST_F(RedisSession, WhatClientsAskOfTheServer) {
  EXPECT_EQ(ask("SET k v"), "+OK\r\n");
  EXPECT_EQ(ask("GET k"), "$1\r\nv\r\n");
  const Bytes info = ask("INFO");
  for (const char* part : {"# Server\r\nredis_version:7.0.15\r\n", "connected_clients:1\r\n", "role:master\r\n",
                           "keyspace_hits:1\r\n", "db0:keys=1,expires=0,avg_ttl=0\r\n", "loading:0\r\n"}) {
    EXPECT_NE(info.find(part), Bytes::npos) << part;
  }
  EXPECT_EQ(ask("INFO keyspace"), "$44\r\n# Keyspace\r\ndb0:keys=1,expires=0,avg_ttl=0\r\n\r\n");
  EXPECT_EQ(ask("CONFIG GET save"), "*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
  EXPECT_EQ(ask("CONFIG GET appendonly"), "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n");
  EXPECT_EQ(ask("CONFIG GET none"), "*0\r\n");
  EXPECT_EQ(ask("CONFIG SET appendonly no"), "+OK\r\n");
  EXPECT_EQ(ask("CONFIG SET nothing no"), "-ERR Unknown option or number of arguments for CONFIG SET - 'nothing'\r\n");
  EXPECT_EQ(ask("CONFIG RESETSTAT"), "+OK\r\n");
  EXPECT_EQ(ask("MODULE LIST"), "*0\r\n");
  EXPECT_EQ(ask("MEMORY USAGE k"), ":42\r\n");
  EXPECT_EQ(ask("MEMORY USAGE none"), "$-1\r\n");
  EXPECT_TRUE(ask("COMMAND INFO get")
                  .starts_with("*1\r\n*10\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n"));
  EXPECT_EQ(ask("COMMAND INFO nothing"), "*1\r\n*-1\r\n");
  EXPECT_EQ(ask("COMMAND GETKEYS MSET a 1 b 2"), "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  EXPECT_NE(ask("COMMAND DOCS get").find("Get the value of a key"), Bytes::npos);
  EXPECT_GT(reply_size(ask("COMMAND")), 1000u);
}

}  // namespace
}  // namespace tp::redis::testing
