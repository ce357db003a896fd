// The operator's calls behind /v1/*, one function each. Each answers the exchange. Internal to front/admin.
#pragma once

#include "net/http_exchange.h"
#include "plane/plane.h"

namespace tp::admin {

/// Answers {"error": message} with the status of the error's code.
Task<void> answer_error(net::HttpExchange& exchange, Error error);
Task<void> answer_json(net::HttpExchange& exchange, int status, Bytes json);

inline constexpr size_t kBodyLimitBytes = 64 << 10;

/// GET /v1/users: {"users": [{"name", "id", "email", "access_keys": [...], "uid", "gid"}]}
Task<void> list_users(net::HttpExchange& exchange, plane::Plane& plane);
/// POST /v1/users {"name", "id"?, "email"?, "access_key"?, "secret_key"?, "uid"?, "gid"?}: 201 with the secret, shown
/// this once.
Task<void> add_user(net::HttpExchange& exchange, plane::Plane& plane);
/// PATCH /v1/users/NAME {"uid"?, "gid"?}: 200 and the user; null takes one away.
Task<void> set_user(net::HttpExchange& exchange, plane::Plane& plane, std::string name);
/// DELETE /v1/users/NAME: 204.
Task<void> remove_user(net::HttpExchange& exchange, plane::Plane& plane, std::string name);
/// GET /v1/volumes: {"volumes": [{"name", "owner", "created", "objects", "bytes", "uploads", "upload_bytes",
/// "quota_bytes", "quota_files", "nfs": {...}}]} (docs/protocols/admin.md)
Task<void> list_volumes(net::HttpExchange& exchange, plane::Plane& plane);
/// GET /v1/volumes/NAME: one of these.
Task<void> get_volume(net::HttpExchange& exchange, plane::Plane& plane, std::string name);
/// PATCH /v1/volumes/NAME {"quota_bytes"?, "quota_files"?, "nfs"?: {...}}: 200 and the volume.
Task<void> set_volume(net::HttpExchange& exchange, plane::Plane& plane, std::string name);
/// POST /v1/check?data=0|1: lines of JSON: {"progress": ...}, {"finding": ...}, at the end {"report": ...}.
Task<void> check(net::HttpExchange& exchange, plane::Plane& plane);

}  // namespace tp::admin
