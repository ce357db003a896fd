#include "front/redis/core/redis_server.h"

#include <array>

#include "front/redis/connection/redis_connection.h"
#include "front/redis/connection/redis_loop.h"
#include "rt/await.h"
#include "rt/env/rng.h"

namespace tp::redis {

RedisCore::RedisCore(rt::Runtime& runtime_in, Binder& binder_in, RedisOptions options_in)
    : runtime(runtime_in), binder(binder_in), options(std::move(options_in)), started_at(runtime_in.clock().now()) {
  std::array<char, 20> random;
  rt::secure_random(random);
  run_id = to_hex(BytesView(random.data(), random.size()));
  for (unsigned i = 0; i < runtime.loop_count(); ++i) {
    loops.push_back(
        std::make_unique<RedisLoop>(*this, runtime.loop(i), options.bytes_altogether / runtime.loop_count()));
  }
}

RedisCore::~RedisCore() = default;

RedisServer::Stats RedisCore::stats() const {
  RedisServer::Stats stats;
  for (const auto& loop : loops) {
    stats.connections += loop->opened.get() - loop->closed.get();
    stats.accepted += loop->opened.get();
    stats.commands += loop->commands.get();
    stats.errors += loop->errors.get();
    stats.malformed += loop->malformed.get();
    stats.bytes_in += loop->bytes_in.get();
    stats.bytes_out += loop->bytes_out.get();
  }
  return stats;
}

RedisServer::RedisServer(rt::Runtime& runtime, Binder& binder, RedisOptions options)
    : core_(std::make_unique<RedisCore>(runtime, binder, std::move(options))) {}

RedisServer::~RedisServer() = default;

Task<void> RedisServer::serve(std::unique_ptr<io::Stream> stream) {
  RedisConnection connection(*core_->loops[rt::Loop::current().index()], std::move(stream));
  co_return co_await connection.run();
}

Task<void> RedisServer::begin_stop() {
  rt::Loop& home = rt::Loop::current();
  for (const auto& loop : core_->loops) {
    co_await rt::resume_on(loop->home);
    loop->begin_stop();
  }
  co_await rt::resume_on(home);
  co_return ok;
}

RedisServer::Stats RedisServer::stats() const {
  return core_->stats();
}

}  // namespace tp::redis
