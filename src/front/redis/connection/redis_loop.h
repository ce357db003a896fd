// RedisLoop: what the connections of one loop share: memory, the budget of large requests, counters. Belongs to its
// loop; the counters are read from anywhere. Owner: RedisCore.
#pragma once

#include <atomic>
#include <list>

#include "front/redis/connection/input_buffer.h"
#include "front/redis/core/redis_core.h"
#include "net/rpc/rpc_budget.h"

namespace tp::redis {

class RedisConnection;

class RedisLoop {
 public:
  RedisLoop(RedisCore& core_in, rt::Loop& home_in, size_t budget_bytes)
      : core(core_in), home(home_in), budget(budget_bytes) {}
  RedisLoop(const RedisLoop&) = delete;
  RedisLoop& operator=(const RedisLoop&) = delete;

  using Place = std::list<RedisConnection*>::iterator;
  Place enter(RedisConnection* connection) {
    opened.add(1);
    return connections.insert(connections.end(), connection);
  }
  void leave(Place place) {
    closed.add(1);
    connections.erase(place);
  }
  /// Every connection here ends when what it has read is answered.
  void begin_stop();

  /// A number that one thread writes and all read.
  class Counter {
   public:
    void add(uint64_t more) { value_.store(get() + more, std::memory_order_relaxed); }
    uint64_t get() const { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<uint64_t> value_{0};
  };

  RedisCore& core;
  rt::Loop& home;
  net::RpcBudget budget;  // bytes of requests that are larger than a block
  BlockPool blocks;
  std::list<RedisConnection*> connections;
  bool stopping = false;
  Counter opened, closed, commands, errors, malformed, bytes_in, bytes_out;
};

}  // namespace tp::redis
