// The operator's calls behind /v1/*, one function each. Each answers the exchange. Internal to front/admin.
#pragma once

#include "net/http_exchange.h"
#include "plane/plane.h"

namespace tp::admin {

/// Answers {"error": message} with the status of the error's code.
Task<void> answer_error(net::HttpExchange& exchange, Error error);
Task<void> answer_json(net::HttpExchange& exchange, int status, Bytes json);

/// GET /v1/users: {"users": [{"name", "id", "email", "access_keys": [...]}]}
Task<void> list_users(net::HttpExchange& exchange, plane::Plane& plane);
/// POST /v1/users {"name", "id"?, "email"?, "access_key"?, "secret_key"?}: 201 with the secret, shown this once.
Task<void> add_user(net::HttpExchange& exchange, plane::Plane& plane);
/// DELETE /v1/users/NAME: 204.
Task<void> remove_user(net::HttpExchange& exchange, plane::Plane& plane, std::string name);
/// GET /v1/volumes: {"volumes": [{"name", "owner", "created", "objects", "bytes", "uploads", "upload_bytes"}]}
Task<void> list_volumes(net::HttpExchange& exchange, plane::Plane& plane);
/// POST /v1/check?data=0|1: lines of JSON: {"progress": ...}, {"finding": ...}, at the end {"report": ...}.
Task<void> check(net::HttpExchange& exchange, plane::Plane& plane);

}  // namespace tp::admin
