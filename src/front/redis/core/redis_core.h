// RedisCore: what the connections of a server share. Owner: RedisServer.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "front/redis/core/client_registry.h"
#include "front/redis/core/redis_server.h"

namespace tp::redis {

class RedisLoop;

struct RedisCore {
  RedisCore(rt::Runtime& runtime_in, Binder& binder_in, RedisOptions options_in);
  ~RedisCore();

  RedisServer::Stats stats() const;
  int64_t wall_ms() const { return runtime.clock().wall_now() / rt::kMillisecond; }

  rt::Runtime& runtime;
  Binder& binder;
  const RedisOptions options;
  ClientRegistry clients;
  const rt::Nanos started_at;
  std::string run_id;  // 40 hexadecimal digits, new with each start
  std::vector<std::unique_ptr<RedisLoop>> loops;
  // CONFIG RESETSTAT: what INFO subtracts.
  std::atomic<uint64_t> commands_before{0}, accepted_before{0}, errors_before{0};
};

}  // namespace tp::redis
