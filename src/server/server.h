// Server: `tokenplane serve`: a store, its fronts on their ports, logs and metrics, from start to a clean stop.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "front/s3/core/s3_front.h"
#include "server/admin_endpoint.h"
#include "server/cache/redis_endpoint.h"
#include "server/config.h"
#include "server/http_endpoint.h"
#include "server/lifecycle/lifecycle_endpoint.h"
#include "server/metrics.h"
#include "server/nfs/nfs_endpoint.h"
#include "server/store.h"

namespace tp::server {

class Server {
 public:
  /// Opens the store and listens on every port; DIR/server.json names the endpoints when it succeeds.
  static Result<std::unique_ptr<Server>> start(const Config& config);
  /// Stops accepting, lets requests finish within the drain time, closes the store.
  ~Server();

  std::string s3_url() const;
  std::string admin_url() const { return admin_->url(); }
  /// "127.0.0.1:2049"; empty where NFS is off.
  std::string nfs_address() const;
  /// The same of the Redis port, and of the one with TLS.
  std::string redis_address() const;
  std::string redis_tls_address() const;

 private:
  class AccessLog;
  explicit Server(Config config);
  Result<void> start_parts();
  Result<void> open_s3();
  Result<void> open_nfs();
  Result<void> make_anonymous_volume();
  Result<void> open_redis();
  Result<void> open_admin();
  Result<void> write_endpoints() const;

  Config config_;
  Metrics metrics_;
  std::unique_ptr<AccessLog> access_log_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<s3::S3Front> s3_front_;
  std::unique_ptr<HttpEndpoint> s3_;
  std::unique_ptr<NfsEndpoint> nfs_;
  std::unique_ptr<RedisEndpoint> redis_;
  std::unique_ptr<LifecycleEndpoint> lifecycle_;
  std::unique_ptr<AdminEndpoint> admin_;
};

/// Runs a server until SIGTERM or SIGINT.
Result<void> serve(const Config& config);

}  // namespace tp::server
