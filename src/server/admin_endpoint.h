// AdminEndpoint: the admin front over a store, on a port, with its token. `serve` has one for its life; a command on a
// stopped store makes one on loopback for the length of the command.
#pragma once

#include <memory>
#include <string>

#include "front/admin/admin_front.h"
#include "server/http_endpoint.h"
#include "server/store.h"

namespace tp::server {

class AdminEndpoint {
 public:
  struct Options {
    std::string address = "127.0.0.1";
    uint16_t port = 0;
    std::string token;
    std::string root_access_key, root_secret_key;
    std::function<Bytes()> metrics, lifecycle;
    std::function<bool(std::string*)> ready;
  };
  static Result<std::unique_ptr<AdminEndpoint>> open(Store& store, Options options);

  /// "http://127.0.0.1:9001"
  std::string url() const;
  HttpEndpoint& http() { return *http_; }

 private:
  AdminEndpoint() = default;
  std::string address_;
  std::unique_ptr<admin::AdminFront> front_;
  std::unique_ptr<HttpEndpoint> http_;  // after front_: destroyed before it
};

/// 32 random bytes as hex.
std::string make_admin_token();
/// "http://HOST:PORT" with brackets around IPv6 and a loopback host for wildcard addresses.
std::string endpoint_url(const std::string& scheme, const std::string& address, uint16_t port);

}  // namespace tp::server
