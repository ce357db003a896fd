// NfsEndpoint: the NFS front on one port, for MOUNT and every version of NFS: listener, connections, orderly stop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backend/local/tcp_listener.h"
#include "front/nfs/core/nfs_front.h"
#include "net/rpc_server.h"
#include "server/nfs/nfs_call_counter.h"

namespace tp::server {

class NfsEndpoint {
 public:
  struct Options {
    nfs::NfsOptions front;
    std::string address;
    uint16_t port = 0;
    size_t max_connections = 16384;
    net::RpcServerOptions rpc;
  };
  /// Listens, and the grace period has begun, when it succeeds. Not from a loop's thread.
  static Result<std::unique_ptr<NfsEndpoint>> open(Options options);
  ~NfsEndpoint();

  uint16_t port() const { return listener_->port(); }
  net::RpcServer::Stats stats() const { return server_->stats(); }
  std::vector<NfsCallCounter::Count> counts() const { return counter_->counts(); }
  /// Accepts no more, answers what has been asked within `drain`, then cuts. Once.
  void stop(rt::Nanos drain);

 private:
  NfsEndpoint() = default;
  rt::Runtime* runtime_ = nullptr;
  std::unique_ptr<nfs::NfsFront> front_;
  std::unique_ptr<NfsCallCounter> counter_;
  std::unique_ptr<net::RpcServer> server_;
  std::unique_ptr<local::TcpListener> listener_;
  bool stopped_ = false;
};

}  // namespace tp::server
