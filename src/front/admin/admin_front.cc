#include "front/admin/admin_front.h"

#include "front/admin/admin_calls.h"
#include "front/admin/cache_calls.h"
#include "front/admin/snapshots/snapshot_calls.h"
#include "wire/text/uri.h"

namespace tp::admin {

namespace {

constexpr std::string_view kUsersPrefix = "/v1/users/";
constexpr std::string_view kVolumesPrefix = "/v1/volumes/";
constexpr std::string_view kTiersPrefix = "/v1/tiers/";
constexpr std::string_view kCachePrefix = "/v1/cache/";
constexpr std::string_view kClearEnd = "/clear";

Task<void> answer_text(net::HttpExchange& exchange, int status, Bytes text) {
  exchange.start_response(status).header("Content-Type", "text/plain; charset=utf-8");
  co_return co_await exchange.finish(text);
}

Task<void> method_not_allowed(net::HttpExchange& exchange) {
  co_return co_await answer_json(exchange, 405, R"({"error":"method not allowed"})");
}

}  // namespace

Bytes AdminFront::malformed_answer(int status, const Error& error, std::string* content_type) {
  *content_type = "text/plain; charset=utf-8";
  return std::to_string(status) + " " + error.message + "\n";
}

bool AdminFront::authorized(const net::HttpExchange& exchange) const {
  const auto header = exchange.head().find_header("authorization");
  if (!header) return false;
  constexpr std::string_view kBearer = "Bearer ";
  constexpr std::string_view kBasic = "Basic ";
  if (header->starts_with(kBearer)) {
    return !options_.token.empty() && equal_constant_time(header->substr(kBearer.size()), options_.token);
  }
  if (!header->starts_with(kBasic)) return false;
  Bytes pair;
  if (!from_base64(header->substr(kBasic.size()), &pair)) return false;
  return equal_constant_time(pair, options_.root_access_key + ":" + options_.root_secret_key);
}

Task<void> AdminFront::health(net::HttpExchange& exchange) { co_return co_await answer_text(exchange, 200, "ok\n"); }

Task<void> AdminFront::readiness(net::HttpExchange& exchange) {
  std::string why;
  const bool ready = !options_.ready || options_.ready(&why);
  co_return co_await answer_text(exchange, ready ? 200 : 503, ready ? "ready\n" : why + "\n");
}

Task<void> AdminFront::handle(net::HttpExchange& exchange) {
  const std::string_view path = exchange.head().path;
  const auto method = exchange.head().method;
  if (path == "/healthz" || path == "/readyz" || path == "/metrics") {
    if (method != wire::HttpMethod::kGet && method != wire::HttpMethod::kHead)
      co_return co_await method_not_allowed(exchange);
    if (path == "/healthz") co_return co_await health(exchange);
    if (path == "/readyz") co_return co_await readiness(exchange);
    exchange.start_response(200).header("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    const Bytes text = options_.metrics ? options_.metrics() : Bytes();
    co_return co_await exchange.finish(text);
  }
  if (!path.starts_with("/v1/")) co_return co_await answer_json(exchange, 404, R"({"error":"no such path"})");
  if (!authorized(exchange)) {
    exchange.start_response(401).header("WWW-Authenticate", "Basic realm=\"tokenplane\"");
    co_return co_await exchange.finish({});
  }
  co_return co_await route_v1(exchange);
}

Task<void> AdminFront::route_v1(net::HttpExchange& exchange) {
  const std::string_view path = exchange.head().path;
  const auto method = exchange.head().method;
  plane::Plane& plane = *options_.plane;
  const bool get = method == wire::HttpMethod::kGet;
  const bool post = method == wire::HttpMethod::kPost;
  if (path == "/v1/users") {
    if (get) co_return co_await list_users(exchange, plane);
    if (post) co_return co_await add_user(exchange, plane);
    co_return co_await method_not_allowed(exchange);
  }
  if (path.starts_with(kUsersPrefix)) {
    auto name = wire::percent_decode(path.substr(kUsersPrefix.size()));
    if (!name) co_return co_await answer_error(exchange, std::move(name).error());
    if (method == wire::HttpMethod::kDelete) co_return co_await remove_user(exchange, plane, std::move(*name));
    if (method == wire::HttpMethod::kPatch) co_return co_await set_user(exchange, plane, std::move(*name));
    co_return co_await method_not_allowed(exchange);
  }
  if (is_snapshot_path(path)) co_return co_await answer_snapshot_call(exchange, plane);
  if (path.starts_with(kVolumesPrefix)) {
    auto name = wire::percent_decode(path.substr(kVolumesPrefix.size()));
    if (!name) co_return co_await answer_error(exchange, std::move(name).error());
    if (get) co_return co_await get_volume(exchange, plane, std::move(*name));
    if (method == wire::HttpMethod::kPatch) co_return co_await set_volume(exchange, plane, std::move(*name));
    co_return co_await method_not_allowed(exchange);
  }
  if (path == "/v1/tiers" || path.starts_with(kTiersPrefix)) co_return co_await route_tiers(exchange);
  if (path == "/v1/cache" || path.starts_with(kCachePrefix)) co_return co_await route_cache(exchange);
  if (path == "/v1/lifecycle") {
    if (!get) co_return co_await method_not_allowed(exchange);
    if (options_.lifecycle) co_return co_await answer_json(exchange, 200, options_.lifecycle());
    co_return co_await answer_error(exchange, Error(Code::kUnavailable, "lifecycle rules run in a server: start it"));
  }
  if (path == "/v1/volumes" && get) co_return co_await list_volumes(exchange, plane);
  if (path == "/v1/check" && post) co_return co_await check(exchange, plane);
  if (path == "/v1/volumes" || path == "/v1/check") co_return co_await method_not_allowed(exchange);
  co_return co_await answer_json(exchange, 404, R"({"error":"no such path"})");
}

Task<void> AdminFront::route_tiers(net::HttpExchange& exchange) {
  const std::string_view path = exchange.head().path;
  const auto method = exchange.head().method;
  if (path == "/v1/tiers") {
    if (method != wire::HttpMethod::kGet) co_return co_await method_not_allowed(exchange);
    co_return co_await list_tiers(exchange, options_.tiers, options_.plane->storage_classes().all());
  }
  auto name = wire::percent_decode(path.substr(kTiersPrefix.size()));
  if (!name) co_return co_await answer_error(exchange, std::move(name).error());
  if (method != wire::HttpMethod::kPost) co_return co_await method_not_allowed(exchange);
  co_return co_await change_tier(exchange, options_.tiers, std::move(*name));
}

Task<void> AdminFront::route_cache(net::HttpExchange& exchange) {
  const std::string_view path = exchange.head().path;
  const auto method = exchange.head().method;
  const CacheCalls calls{*options_.plane, options_.cache};
  if (!options_.cache) co_return co_await answer_error(exchange, Error(Code::kUnavailable, "the cache is not running"));
  if (path == "/v1/cache") {
    if (method == wire::HttpMethod::kGet) co_return co_await list_cache_volumes(exchange, calls);
    if (method == wire::HttpMethod::kPost) co_return co_await add_cache_volume(exchange, calls);
    co_return co_await method_not_allowed(exchange);
  }
  std::string_view rest = path.substr(kCachePrefix.size());
  const bool clear = rest.ends_with(kClearEnd);
  if (clear) rest.remove_suffix(kClearEnd.size());
  auto name = wire::percent_decode(rest);
  if (!name) co_return co_await answer_error(exchange, std::move(name).error());
  if (clear) {
    if (method != wire::HttpMethod::kPost) co_return co_await method_not_allowed(exchange);
    co_return co_await clear_cache_volume(exchange, calls, std::move(*name));
  }
  if (method == wire::HttpMethod::kGet) co_return co_await get_cache_volume(exchange, calls, std::move(*name));
  if (method == wire::HttpMethod::kPatch) co_return co_await set_cache_volume(exchange, calls, std::move(*name));
  if (method == wire::HttpMethod::kDelete) co_return co_await remove_cache_volume(exchange, calls, std::move(*name));
  co_return co_await method_not_allowed(exchange);
}

}  // namespace tp::admin
