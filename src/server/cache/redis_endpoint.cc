#include "server/cache/redis_endpoint.h"

namespace tp::server {

namespace {

/// Who comes before the server is there: none of the ports has been told to anybody yet.
Task<void> turn_away(std::unique_ptr<io::Stream> stream) {
  stream.reset();
  co_return ok;
}

}  // namespace

Result<std::unique_ptr<local::TcpListener>> RedisEndpoint::listen(const Options& options, uint16_t port,
                                                                  local::TcpListener::Wrap wrap, Door door) {
  local::TcpListener::Options listen;
  listen.runtime = runtime_;
  listen.address = options.address;
  listen.port = port;
  listen.max_connections = options.max_connections;
  listen.wrap = std::move(wrap);
  auto handler = [door = std::move(door)](std::unique_ptr<io::Stream> stream) {
    redis::RedisServer* server = door->load(std::memory_order_acquire);
    return server != nullptr ? server->serve(std::move(stream)) : turn_away(std::move(stream));
  };
  return runtime_->block_on(local::TcpListener::open(std::move(listen), handler));
}

Result<std::unique_ptr<RedisEndpoint>> RedisEndpoint::open(Options options) {
  std::unique_ptr<RedisEndpoint> endpoint(new RedisEndpoint());
  endpoint->runtime_ = options.runtime;
  endpoint->binder_ = std::make_unique<CacheBinder>(std::move(options.binder));
  const Door door = std::make_shared<std::atomic<redis::RedisServer*>>(nullptr);
  TP_TRY(endpoint->plain_, endpoint->listen(options, options.port, {}, door));
  if (options.tls_port) {
    TP_TRY(endpoint->tls_, endpoint->listen(options, *options.tls_port, options.tls, door));
  }
  options.redis.port = endpoint->port();
  options.redis.tls_port = endpoint->tls_port();
  options.redis.max_clients = options.max_connections;
  endpoint->server_ = std::make_unique<redis::RedisServer>(*options.runtime, *endpoint->binder_, options.redis);
  door->store(endpoint->server_.get(), std::memory_order_release);
  return endpoint;
}

void RedisEndpoint::stop(rt::Nanos drain) {
  if (stopped_) return;
  stopped_ = true;
  // What fails here leaves nothing to do: what was answered is in the volumes.
  if (server_) [[maybe_unused]] const auto told = runtime_->block_on(server_->begin_stop());
  if (plain_) [[maybe_unused]] const auto joined = runtime_->block_on(plain_->stop(drain));
  if (tls_) [[maybe_unused]] const auto joined = runtime_->block_on(tls_->stop(drain));
}

RedisEndpoint::~RedisEndpoint() { stop(0); }

}  // namespace tp::server
