// RedisEndpoint: the RESP front on its ports, plain and TLS: listeners, connections, orderly stop.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "backend/local/tcp_listener.h"
#include "front/redis/core/redis_server.h"
#include "server/cache/cache_binder.h"

namespace tp::server {

class RedisEndpoint {
 public:
  struct Options {
    rt::Runtime* runtime = nullptr;
    CacheBinder::Options binder;
    redis::RedisOptions redis;             // its ports are filled in
    std::string address;
    uint16_t port = 0;
    std::optional<uint16_t> tls_port;
    local::TcpListener::Wrap tls;          // where there is a TLS port
    size_t max_connections = 16384;
  };
  /// Listens when it succeeds. Not from a loop's thread.
  static Result<std::unique_ptr<RedisEndpoint>> open(Options options);
  ~RedisEndpoint();

  uint16_t port() const { return plain_->port(); }
  /// 0: none.
  uint16_t tls_port() const { return tls_ ? tls_->port() : 0; }
  redis::RedisServer::Stats stats() const { return server_->stats(); }
  /// Accepts no more, answers what has been read within `drain`, then cuts. Once.
  void stop(rt::Nanos drain);

 private:
  RedisEndpoint() = default;
  /// Where connections go once the ports are known and the server, which tells them, is made.
  using Door = std::shared_ptr<std::atomic<redis::RedisServer*>>;
  Result<std::unique_ptr<local::TcpListener>> listen(const Options& options, uint16_t port,
                                                     local::TcpListener::Wrap wrap, Door door);

  rt::Runtime* runtime_ = nullptr;
  std::unique_ptr<CacheBinder> binder_;
  std::unique_ptr<redis::RedisServer> server_;
  std::unique_ptr<local::TcpListener> plain_, tls_;
  bool stopped_ = false;
};

}  // namespace tp::server
