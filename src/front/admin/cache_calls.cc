#include "front/admin/cache_calls.h"

#include <nlohmann/json.hpp>

#include "front/admin/admin_calls.h"
#include "front/admin/admin_json.h"
#include "front/admin/cache_json.h"
#include "wire/text/uri.h"

namespace tp::admin {

namespace {

using Json = nlohmann::json;

plane::Caller root_caller() {
  plane::Caller root;
  root.user_id = plane::kRootUserId;
  root.root = true;
  return root;
}

Result<plane::VolumePtr> cache_volume(plane::Plane& plane, const std::string& name) {
  auto volume = plane.volume(name);
  if (volume && (*volume)->kind == meta::VolumeKind::kCache) return volume;
  return fail(Code::kNotFound, "there is no cache volume " + name);
}

Json volume_json(CacheCalls calls, const meta::VolumeRecord& volume) {
  const auto owner = calls.plane.users().find_user(volume.owner);
  const std::string name = owner ? owner->name : volume.owner;
  const auto engine = calls.engine(volume.name);
  if (engine) return cache_volume_json(volume, name, engine->get(), "");
  return cache_volume_json(volume, name, nullptr, engine.error().message);
}

/// The operator makes it for somebody: by name or id.
Result<plane::Caller> owner_of(plane::Plane& plane, const std::string& name_or_id) {
  if (name_or_id.empty()) return root_caller();
  auto found = plane.users().find_user(name_or_id);
  for (const auto& user : plane.users().list()) {
    if (!found && user.name == name_or_id) found = user;
  }
  if (!found) return fail(Code::kNotFound, "there is no user " + name_or_id);
  plane::Caller owner;
  owner.user_id = found->id;
  owner.name = found->name;
  owner.root = found->id == plane::kRootUserId;
  return owner;
}

struct NewVolume {
  std::string name, owner, settings = "{}";
};

Result<NewVolume> parse_new_volume(BytesView body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return fail(Code::kMalformed, "the body is not a JSON object");
  NewVolume wanted;
  for (const auto& [field, value] : json.items()) {
    if (field == "settings") {
      wanted.settings = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    } else if ((field == "name" || field == "owner") && value.is_string()) {
      (field == "name" ? wanted.name : wanted.owner) = value.get<std::string>();
    } else {
      return fail(Code::kMalformed, "there is no such field, or it is not a string: " + field);
    }
  }
  if (wanted.name.empty()) return fail(Code::kInvalidArgument, "a cache volume needs a name");
  return wanted;
}

/// ?tenant=T; nullopt: all.
Result<std::optional<Bytes>> tenant_asked(std::string_view query) {
  constexpr std::string_view kName = "tenant=";
  if (query.empty()) return std::optional<Bytes>();
  if (!query.starts_with(kName) || query.find('&') != std::string_view::npos) {
    return fail(Code::kMalformed, "only tenant=NAME may be asked for");
  }
  TP_TRY(auto tenant, wire::percent_decode(query.substr(kName.size()), wire::Plus::kSpace));
  return std::optional(std::move(tenant));
}

}  // namespace

Task<void> list_cache_volumes(net::HttpExchange& exchange, CacheCalls calls) {
  auto page = calls.plane.list_volumes(root_caller(), "", "", UINT32_MAX);
  if (!page) co_return co_await answer_error(exchange, std::move(page).error());
  Json volumes = Json::array();
  for (const auto& entry : page->volumes) {
    if (const auto volume = cache_volume(calls.plane, entry.name)) volumes.push_back(volume_json(calls, **volume));
  }
  const Json json = {{"volumes", std::move(volumes)}};
  co_return co_await answer_json(exchange, 200, dump(json));
}

Task<void> add_cache_volume(net::HttpExchange& exchange, CacheCalls calls) {
  auto body = co_await exchange.read_whole_body(kBodyLimitBytes);
  if (!body) co_return co_await answer_error(exchange, std::move(body).error());
  auto wanted = parse_new_volume(*body);
  if (!wanted) co_return co_await answer_error(exchange, std::move(wanted).error());
  auto owner = owner_of(calls.plane, wanted->owner);
  if (!owner) co_return co_await answer_error(exchange, std::move(owner).error());
  plane::CreateVolumeOptions options;
  options.kind = meta::VolumeKind::kCache;
  options.cache_settings = std::move(wanted->settings);
  options.granted = true;
  auto made = co_await calls.plane.create_volume(std::move(*owner), std::move(wanted->name), std::move(options));
  if (!made) co_return co_await answer_error(exchange, std::move(made).error());
  co_return co_await answer_json(exchange, 201, dump(volume_json(calls, **made)));
}

Task<void> get_cache_volume(net::HttpExchange& exchange, CacheCalls calls, std::string name) {
  auto volume = cache_volume(calls.plane, name);
  if (!volume) co_return co_await answer_error(exchange, std::move(volume).error());
  co_return co_await answer_json(exchange, 200, dump(volume_json(calls, **volume)));
}

Task<void> set_cache_volume(net::HttpExchange& exchange, CacheCalls calls, std::string name) {
  auto body = co_await exchange.read_whole_body(kBodyLimitBytes);
  if (!body) co_return co_await answer_error(exchange, std::move(body).error());
  auto volume = cache_volume(calls.plane, name);
  if (!volume) co_return co_await answer_error(exchange, std::move(volume).error());
  plane::VolumeChange change;
  change.cache_settings = std::move(*body);
  auto changed = co_await calls.plane.set_volume(root_caller(), name, std::move(change));
  if (!changed) co_return co_await answer_error(exchange, std::move(changed).error());
  co_return co_await answer_json(exchange, 200, dump(volume_json(calls, **changed)));
}

Task<void> remove_cache_volume(net::HttpExchange& exchange, CacheCalls calls, std::string name) {
  auto volume = cache_volume(calls.plane, name);
  if (!volume) co_return co_await answer_error(exchange, std::move(volume).error());
  auto removed = co_await calls.plane.delete_volume(root_caller(), std::move(name));
  if (!removed) co_return co_await answer_error(exchange, std::move(removed).error());
  exchange.start_response(204);
  co_return co_await exchange.finish({});
}

Task<void> clear_cache_volume(net::HttpExchange& exchange, CacheCalls calls, std::string name) {
  const auto tenant = tenant_asked(exchange.head().query);
  if (!tenant) co_return co_await answer_error(exchange, tenant.error());
  auto volume = cache_volume(calls.plane, name);
  if (!volume) co_return co_await answer_error(exchange, std::move(volume).error());
  auto engine = calls.engine(name);
  if (!engine) co_return co_await answer_error(exchange, std::move(engine).error());
  if (*tenant && (*engine)->settings().shared) {
    const Error shared(Code::kInvalidArgument, "the tenants of this volume share its entries: clear all of it");
    co_return co_await answer_error(exchange, shared);
  }
  uint64_t cleared = 0;
  for (auto& [info, space] : (*engine)->spaces()) {
    if (*tenant && info.tenant != **tenant) continue;
    auto done = co_await (*engine)->clear(*space);
    if (!done) co_return co_await answer_error(exchange, std::move(done).error());
    ++cleared;
  }
  const Json json = {{"cleared_spaces", cleared}};
  co_return co_await answer_json(exchange, 200, dump(json));
}

}  // namespace tp::admin
