#include "server/cache/redis_endpoint.h"

namespace tp::server {

Result<std::unique_ptr<local::TcpListener>> RedisEndpoint::listen(const Options& options, uint16_t port,
                                                                  local::TcpListener::Wrap wrap) {
  local::TcpListener::Options listen;
  listen.runtime = runtime_;
  listen.address = options.address;
  listen.port = port;
  listen.max_connections = options.max_connections;
  listen.wrap = std::move(wrap);
  redis::RedisServer* server = server_.get();
  auto handler = [server](std::unique_ptr<io::Stream> stream) { return server->serve(std::move(stream)); };
  return runtime_->block_on(local::TcpListener::open(std::move(listen), handler));
}

Result<std::unique_ptr<RedisEndpoint>> RedisEndpoint::open(Options options) {
  std::unique_ptr<RedisEndpoint> endpoint(new RedisEndpoint());
  endpoint->runtime_ = options.runtime;
  endpoint->binder_ = std::make_unique<CacheBinder>(std::move(options.binder));
  options.redis.port = options.port;
  options.redis.tls_port = options.tls_port.value_or(0);
  options.redis.max_clients = options.max_connections;
  endpoint->server_ = std::make_unique<redis::RedisServer>(*options.runtime, *endpoint->binder_, options.redis);
  TP_TRY(endpoint->plain_, endpoint->listen(options, options.port, {}));
  if (options.tls_port) {
    TP_TRY(endpoint->tls_, endpoint->listen(options, *options.tls_port, options.tls));
  }
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
