#include "server/nfs/nfs_endpoint.h"

namespace tp::server {

Result<std::unique_ptr<NfsEndpoint>> NfsEndpoint::open(Options options) {
  std::unique_ptr<NfsEndpoint> endpoint(new NfsEndpoint());
  rt::Runtime& runtime = *options.front.runtime;
  endpoint->runtime_ = &runtime;
  TP_TRY(endpoint->front_, runtime.block_on(nfs::NfsFront::open(std::move(options.front))));
  endpoint->counter_ = std::make_unique<NfsCallCounter>(*endpoint->front_, runtime.loop_count());
  endpoint->server_ = std::make_unique<net::RpcServer>(runtime, *endpoint->counter_, options.rpc);
  local::TcpListener::Options listen;
  listen.runtime = &runtime;
  listen.address = options.address;
  listen.port = options.port;
  listen.max_connections = options.max_connections;
  net::RpcServer* server = endpoint->server_.get();
  auto handler = [server](std::unique_ptr<io::Stream> stream) { return server->serve(std::move(stream)); };
  TP_TRY(endpoint->listener_, runtime.block_on(local::TcpListener::open(std::move(listen), handler)));
  return endpoint;
}

void NfsEndpoint::stop(rt::Nanos drain) {
  if (stopped_) return;
  stopped_ = true;
  // What fails here leaves nothing to do: clients reclaim what they had from the next start.
  if (listener_) {
    [[maybe_unused]] const auto told = runtime_->block_on(server_->begin_stop());
    [[maybe_unused]] const auto joined = runtime_->block_on(listener_->stop(drain));
  }
  if (front_) [[maybe_unused]]
    const auto ended = runtime_->block_on(front_->stop());
}

NfsEndpoint::~NfsEndpoint() {
  stop(0);
}

}  // namespace tp::server
