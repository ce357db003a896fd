// The operator's calls on cache volumes behind /v1/cache, one function each. Each answers the exchange. Internal to
// front/admin. Protocol: docs/protocols/admin.md, cache volumes.
#pragma once

#include "front/admin/admin_front.h"
#include "net/http_exchange.h"
#include "plane/plane.h"

namespace tp::admin {

struct CacheCalls {
  plane::Plane& plane;
  const CacheEngines& engine;
};

/// GET /v1/cache: {"volumes": [...]}
Task<void> list_cache_volumes(net::HttpExchange& exchange, CacheCalls calls);
/// POST /v1/cache {"name", "owner"?, "settings"?: {...}}: 201 and the volume.
Task<void> add_cache_volume(net::HttpExchange& exchange, CacheCalls calls);
/// GET /v1/cache/NAME
Task<void> get_cache_volume(net::HttpExchange& exchange, CacheCalls calls, std::string name);
/// PATCH /v1/cache/NAME {settings...}: 200 and the volume.
Task<void> set_cache_volume(net::HttpExchange& exchange, CacheCalls calls, std::string name);
/// DELETE /v1/cache/NAME: 204.
Task<void> remove_cache_volume(net::HttpExchange& exchange, CacheCalls calls, std::string name);
/// POST /v1/cache/NAME/clear?tenant=T: {"cleared_spaces": N}
Task<void> clear_cache_volume(net::HttpExchange& exchange, CacheCalls calls, std::string name);

}  // namespace tp::admin
