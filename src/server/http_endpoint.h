// HttpEndpoint: one HTTP handler on one port: listener, connections, orderly stop.
#pragma once

#include <memory>
#include <string>

#include "backend/local/tcp_listener.h"
#include "net/http_server.h"
#include "rt/runtime.h"
#include "server/config.h"

namespace tp::server {

class HttpEndpoint {
 public:
  struct Options {
    rt::Runtime* runtime = nullptr;
    net::HttpHandler* handler = nullptr;  // outlives the endpoint
    std::string address;
    uint16_t port = 0;
    size_t max_connections = 16384;
    local::TcpListener::Wrap wrap;        // TLS
    net::HttpServerOptions http;
  };
  /// Listens when it succeeds. Not from a loop's thread.
  static Result<std::unique_ptr<HttpEndpoint>> open(Options options);
  ~HttpEndpoint();

  uint16_t port() const { return listener_->port(); }
  local::TcpListener::Stats stats() const { return listener_->stats(); }
  /// Accepts no more, closes idle connections, lets requests finish for `drain`, then cuts. Once.
  void stop(rt::Nanos drain);

 private:
  HttpEndpoint() = default;
  rt::Runtime* runtime_ = nullptr;
  std::unique_ptr<net::HttpServer> server_;
  std::unique_ptr<local::TcpListener> listener_;
  bool stopped_ = false;
};

/// TLS over each stream. kNotFound, kInvalidArgument (not PEM, or the key is not the certificate's) with the file's
/// name.
Result<local::TcpListener::Wrap> make_tls_wrap(const TlsConfig& config);

}  // namespace tp::server
