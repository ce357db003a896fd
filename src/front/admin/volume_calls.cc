// The operator's calls on volumes.
#include <nlohmann/json.hpp>

#include "front/admin/admin_calls.h"
#include "front/admin/admin_json.h"

namespace tp::admin {

namespace {

using Json = nlohmann::json;

plane::Caller root_caller() {
  plane::Caller root;
  root.user_id = plane::kRootUserId;
  root.root = true;
  return root;
}

}  // namespace

Task<void> list_volumes(net::HttpExchange& exchange, plane::Plane& plane) {
  auto page = plane.list_volumes(root_caller(), "", "", UINT32_MAX);
  if (!page) co_return co_await answer_error(exchange, std::move(page).error());
  Json volumes = Json::array();
  for (const auto& entry : page->volumes) {
    auto volume = plane.volume(entry.name);
    auto counters = co_await plane.counters(entry.name);
    if (!volume || !counters) continue;  // deleted meanwhile
    volumes.push_back(volume_json(**volume, *counters));
  }
  const Json json = {{"volumes", volumes}};
  co_return co_await answer_json(exchange, 200, dump(json));
}

Task<void> get_volume(net::HttpExchange& exchange, plane::Plane& plane, std::string name) {
  auto volume = plane.volume(name);
  if (!volume) co_return co_await answer_error(exchange, std::move(volume).error());
  auto counters = co_await plane.counters(std::move(name));
  if (!counters) co_return co_await answer_error(exchange, std::move(counters).error());
  co_return co_await answer_json(exchange, 200, dump(volume_json(**volume, *counters)));
}

Task<void> set_volume(net::HttpExchange& exchange, plane::Plane& plane, std::string name) {
  auto body = co_await exchange.read_whole_body(kBodyLimitBytes);
  if (!body) co_return co_await answer_error(exchange, std::move(body).error());
  auto change = parse_volume_change(*body);
  if (!change) co_return co_await answer_error(exchange, std::move(change).error());
  auto changed = co_await plane.set_volume(root_caller(), name, std::move(*change));
  if (!changed) co_return co_await answer_error(exchange, std::move(changed).error());
  co_return co_await get_volume(exchange, plane, std::move(name));
}

}  // namespace tp::admin
