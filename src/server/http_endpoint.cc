#include "server/http_endpoint.h"

#include "backend/tls/tls_stream.h"

namespace tp::server {

Result<std::unique_ptr<HttpEndpoint>> HttpEndpoint::open(Options options) {
  std::unique_ptr<HttpEndpoint> endpoint(new HttpEndpoint());
  endpoint->runtime_ = options.runtime;
  endpoint->server_ = std::make_unique<net::HttpServer>(*options.runtime, *options.handler, options.http);
  local::TcpListener::Options listen;
  listen.runtime = options.runtime;
  listen.address = options.address;
  listen.port = options.port;
  listen.max_connections = options.max_connections;
  listen.wrap = std::move(options.wrap);
  net::HttpServer* server = endpoint->server_.get();
  auto handler = [server](std::unique_ptr<io::Stream> stream) { return server->serve(std::move(stream)); };
  TP_TRY(endpoint->listener_, options.runtime->block_on(local::TcpListener::open(std::move(listen), handler)));
  return endpoint;
}

void HttpEndpoint::stop(rt::Nanos drain) {
  if (stopped_ || !listener_) return;
  stopped_ = true;
  [[maybe_unused]] const auto idle_closed = runtime_->block_on(server_->begin_stop());
  [[maybe_unused]] const auto joined = runtime_->block_on(listener_->stop(drain));
}

HttpEndpoint::~HttpEndpoint() { stop(0); }

Result<local::TcpListener::Wrap> make_tls_wrap(const TlsConfig& config) {
  TP_TRY(auto context, tls::TlsContext::for_server(config.certificate_file, config.key_file));
  return local::TcpListener::Wrap([context](std::unique_ptr<io::Stream> stream) {
    return tls::make_tls_stream(std::move(stream), context);
  });
}

}  // namespace tp::server
