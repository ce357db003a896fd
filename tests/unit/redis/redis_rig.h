// RedisRig: a RedisServer over a cache volume in memory, a binder with a few users, and clients over streams in memory.
// Time stands still until a test moves it. Owner: a test.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backend/memory/memory_file_system.h"
#include "backend/memory/memory_stream.h"
#include "cache/token_cache.h"
#include "front/redis/core/redis_server.h"
#include "rt/runtime.h"

namespace tp::redis::testing {

/// A request as an array of bulk strings.
Bytes request(const std::vector<std::string>& words);
/// Bytes of the first reply; 0 if it is not whole.
size_t reply_size(BytesView bytes);

class TestBinder final : public Binder {
 public:
  std::optional<Login> anonymous() override {
    return open ? std::optional(Login{"default", "", "cache"}) : std::nullopt;
  }
  Task<Login> authenticate(std::string user, std::string password, std::string peer_address) override;
  Task<Binding> bind(Login login, std::string volume) override;
  uint64_t generation() const override { return generation_count; }

  std::map<std::string, std::shared_ptr<cache::CacheVolume>> volumes;
  bool open = true;  // to those who do not say who they are
  bool may_write = true;
  bool refuses = false;  // every binding from now on
  std::atomic<uint64_t> generation_count{1};
};

class RedisRig : public ::testing::Test {
 protected:
  RedisRig();
  ~RedisRig() override;
  void open(RedisOptions options = {});

  /// A connection of its own.
  class Peer {
   public:
    Peer(RedisRig& rig, memory::MemoryStreamOptions options);
    ~Peer();
    /// Sends bytes and reads so many replies, or up to the end of the stream.
    Bytes say(Bytes sent, size_t replies);
    /// One command, one reply.
    Bytes ask(const std::vector<std::string>& words) { return say(request(words), 1); }
    /// The words are separated by spaces.
    Bytes operator()(const std::string& words);
    /// Sends bytes and reads nothing; false if the server does not take them all before `turns` turns of the loop.
    bool send_only(Bytes sent, unsigned turns);
    bool ended();

   private:
    friend class RedisRig;
    RedisRig& rig_;
    std::unique_ptr<io::Stream> stream_;
    rt::TaskGroup served_;
    Bytes received_;
  };
  Peer& peer() {
    if (!peer_) peer_ = connect();
    return *peer_;
  }
  std::unique_ptr<Peer> connect(memory::MemoryStreamOptions options = {}) {
    if (!server_) open();
    return std::make_unique<Peer>(*this, options);
  }
  Bytes ask(const std::string& words) { return peer()(words); }
  void advance_ms(int64_t ms) { clock_.advance(ms * rt::kMillisecond); }

  rt::ManualClock clock_;
  rt::Runtime runtime_{{.loops = 1, .clock = &clock_}};
  memory::MemoryFileSystem files_;
  std::unique_ptr<cache::TokenCache> cache_;
  TestBinder binder_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<Peer> peer_;
};

}  // namespace tp::redis::testing
