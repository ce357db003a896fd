// The part of /metrics that tells of cache volumes and the Redis port. Names and labels: docs/operations.md.
#pragma once

#include <memory>
#include <vector>

#include "cache/cache_volume.h"
#include "server/cache/redis_endpoint.h"

namespace tp::server {

/// Of a volume's tenants so many are named, those with the most lookups; the others are counted together.
inline constexpr size_t kNamedTenants = 50;

/// `redis` is null where it is off.
Bytes cache_metrics(const std::vector<std::shared_ptr<cache::CacheVolume>>& volumes, const RedisEndpoint* redis);

}  // namespace tp::server
