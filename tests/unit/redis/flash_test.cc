// Commands over values that lie on flash only: they wait for them, and count where they came from.
#include "cache/engine/engine.h"
#include "redis_rig.h"

namespace tp::redis::testing {
namespace {

class RedisFlash : public RedisRig {
 protected:
  RedisFlash() {
    cache::CacheSettings settings;
    settings.capacity_bytes = 64 << 20;
    settings.dram_bytes = 4 << 20;
    settings.policy = "lru";
    auto volume = runtime_.block_on(cache_->open_volume(VolumeId(3), "flash", settings));
    TP_CHECK(volume.has_value());
    engine_ = std::static_pointer_cast<cache::CacheEngine>(*volume);
    binder_.volumes["flash"] = *volume;
    EXPECT_EQ(ask("TP.BIND flash"), "+OK\r\n");
  }
  ~RedisFlash() override { engine_.reset(); }
  void flush() { EXPECT_TRUE(runtime_.block_on(engine_->flush_all())); }
  /// Nothing that was set before is left in DRAM.
  void push_out() {
    flush();
    for (int i = 0; i < 8; ++i) {
      EXPECT_EQ(peer().ask({"SET", "filler" + std::to_string(i), Bytes(1 << 20, static_cast<char>('a' + i))}),
                "+OK\r\n");
      flush();
    }
  }
  /// A number of TP.STAT.
  int64_t counted(const std::string& name) {
    const Bytes stat = ask("TP.STAT");
    const size_t at = stat.find("\r\n" + name + "\r\n:");
    return at == Bytes::npos ? -1 : std::stoll(stat.substr(at + name.size() + 5));
  }
  std::shared_ptr<cache::CacheEngine> engine_;
};

TEST_F(RedisFlash, ReadsWaitForWhatIsOnFlash) {
  EXPECT_EQ(ask("MSET a 1 b 22 c 333"), "+OK\r\n");
  EXPECT_EQ(ask("HSET h f v g w"), ":2\r\n");
  EXPECT_EQ(ask("JSON.SET j $ [1]"), "+OK\r\n");
  push_out();
  EXPECT_EQ(ask("GET a"), "$1\r\n1\r\n");
  EXPECT_EQ(ask("MGET a none b h c"), "*5\r\n$1\r\n1\r\n$-1\r\n$2\r\n22\r\n$-1\r\n$3\r\n333\r\n");
  // Some may have stayed in DRAM, but not all.
  EXPECT_EQ(counted("hits_flash") + counted("hits_dram"), 4);
  EXPECT_GE(counted("hits_flash"), 2);
  EXPECT_EQ(counted("misses"), 1);
  EXPECT_EQ(ask("HGETALL h"), "*4\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\ng\r\n$1\r\nw\r\n");
  EXPECT_EQ(ask("JSON.GET j"), "$3\r\n[1]\r\n");
  push_out();
  EXPECT_EQ(ask("STRLEN c"), ":3\r\n");
  EXPECT_EQ(ask("GETRANGE c 1 -1"), "$2\r\n33\r\n");
  EXPECT_EQ(peer().say("GET a\r\nGET b\r\nSET x 1\r\nGET c\r\nHGET h g\r\n", 5),
            "$1\r\n1\r\n$2\r\n22\r\n+OK\r\n$3\r\n333\r\n$1\r\nw\r\n");
}

TEST_F(RedisFlash, ChangesWaitForWhatIsOnFlash) {
  EXPECT_EQ(ask("MSET a 1 b 22 c 333 d 4 e 5"), "+OK\r\n");
  EXPECT_EQ(ask("HSET h f 1"), ":1\r\n");
  push_out();
  EXPECT_EQ(ask("INCR a"), ":2\r\n");
  EXPECT_EQ(ask("APPEND b x"), ":3\r\n");
  EXPECT_EQ(ask("SETRANGE c 1 y"), ":3\r\n");
  EXPECT_EQ(ask("HINCRBY h f 4"), ":5\r\n");
  EXPECT_EQ(ask("RENAME d z"), "+OK\r\n");
  EXPECT_EQ(ask("COPY e w"), ":1\r\n");
  EXPECT_EQ(ask("SET e 6 GET"), "$1\r\n5\r\n");
  EXPECT_EQ(ask("MGET a b c z w e"), "*6\r\n$1\r\n2\r\n$3\r\n22x\r\n$3\r\n3y3\r\n$1\r\n4\r\n$1\r\n5\r\n$1\r\n6\r\n");
}

TEST_F(RedisFlash, ATransactionLoadsBeforeItRuns) {
  EXPECT_EQ(ask("MSET a 1 b 22"), "+OK\r\n");
  EXPECT_EQ(ask("HSET h f 1"), ":1\r\n");
  push_out();
  EXPECT_EQ(
      peer().say("WATCH a\r\nMULTI\r\nINCR a\r\nAPPEND b x\r\nGET b\r\nHGET h f\r\nMGET a b\r\nEXEC\r\n", 8).substr(55),
      "*5\r\n:2\r\n:3\r\n$3\r\n22x\r\n$1\r\n1\r\n*2\r\n$1\r\n2\r\n$3\r\n22x\r\n");
}

}  // namespace
}  // namespace tp::redis::testing
