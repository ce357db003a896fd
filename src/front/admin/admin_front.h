// AdminFront: health, readiness, metrics, and the operator's calls (users, volumes, cache, check) as JSON over HTTP on
// the admin port. /healthz, /readyz and /metrics are open; /v1/* wants the store's admin token (Bearer) or root's key
// pair (Basic). Protocol: docs/protocols/admin.md.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cache/cache_volume.h"
#include "front/admin/tier_calls.h"
#include "net/http_server.h"
#include "plane/plane.h"

namespace tp::admin {

using CacheEngines = std::function<Result<std::shared_ptr<cache::CacheVolume>>(std::string_view volume)>;

class AdminFront final : public net::HttpHandler {
 public:
  struct Options {
    plane::Plane* plane = nullptr;
    /// The engine of a cache volume; kUnavailable in words. Empty: no cache runs.
    CacheEngines cache;
    std::vector<TierHandle> tiers;
    std::string token;                           // Bearer
    std::string root_access_key, root_secret_key;
    std::function<Bytes()> lifecycle;            // the JSON of GET /v1/lifecycle; empty: it does not run
    std::function<Bytes()> metrics;              // the text of /metrics
    std::function<bool(std::string*)> ready;     // false with words: not ready
  };
  explicit AdminFront(Options options) : options_(std::move(options)) {}

  Task<void> handle(net::HttpExchange& exchange) override;
  Bytes malformed_answer(int status, const Error& error, std::string* content_type) override;

 private:
  bool authorized(const net::HttpExchange& exchange) const;
  Task<void> route_v1(net::HttpExchange& exchange);
  Task<void> route_cache(net::HttpExchange& exchange);
  Task<void> route_tiers(net::HttpExchange& exchange);
  Task<void> health(net::HttpExchange& exchange);
  Task<void> readiness(net::HttpExchange& exchange);

  Options options_;
};

}  // namespace tp::admin
