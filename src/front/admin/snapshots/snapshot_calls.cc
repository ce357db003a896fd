#include "front/admin/snapshots/snapshot_calls.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "front/admin/admin_calls.h"
#include "front/admin/admin_json.h"
#include "wire/text/timestamp.h"
#include "wire/text/uri.h"

namespace tp::admin {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kSetPath = "/v1/snapshots", kVolumesPrefix = "/v1/volumes/";
constexpr uint32_t kDifferences = 1000;

plane::Caller root_caller() {
  plane::Caller root;
  root.user_id = plane::kRootUserId;
  root.root = true;
  return root;
}

Json info_json(const plane::SnapshotInfo& info) {
  const meta::SnapshotRecord& record = info.record;
  Json json = {{"volume", info.volume},
               {"name", record.name},
               {"created", wire::iso8601(record.created)},
               {"objects", record.counters.objects},
               {"bytes", record.counters.bytes},
               {"clones", record.clones}};
  if (record.set != 0) json["set"] = record.set;
  if (!record.schedule.empty()) json["schedule"] = record.schedule;
  return json;
}

Json infos_json(const std::vector<plane::SnapshotInfo>& infos) {
  Json list = Json::array();
  for (const plane::SnapshotInfo& info : infos) list.push_back(info_json(info));
  return {{"snapshots", std::move(list)}};
}

std::string_view kind_name(plane::DifferenceKind kind) {
  switch (kind) {
    case plane::DifferenceKind::kCreated:
      return "created";
    case plane::DifferenceKind::kRemoved:
      return "removed";
    case plane::DifferenceKind::kChanged:
      return "changed";
    case plane::DifferenceKind::kRenamed:
      return "renamed";
  }
  return "";
}

Json difference_json(const plane::Difference& difference) {
  Json json = {{"kind", kind_name(difference.kind)}, {"key", difference.key}, {"size", difference.size_bytes}};
  if (difference.kind == plane::DifferenceKind::kRenamed) json["new_key"] = difference.new_key;
  return json;
}

/// The body's fields, all of them texts that are named here.
Result<Json> parse_texts(BytesView body, std::initializer_list<std::string_view> known) {
  Json json = body.empty() ? Json::object() : Json::parse(body, nullptr, false);
  if (!json.is_object()) return fail(Code::kMalformed, "the body is not a JSON object");
  for (const auto& [field, value] : json.items()) {
    if (std::ranges::find(known, field) == known.end()) return fail(Code::kMalformed, "there is no field " + field);
    if (!value.is_string()) return fail(Code::kMalformed, field + " is not a string");
  }
  return json;
}

struct SetWish {
  std::vector<std::string> volumes;
  std::string name;
};

Result<SetWish> parse_set(BytesView body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return fail(Code::kMalformed, "the body is not a JSON object");
  SetWish wish;
  for (const auto& [field, value] : json.items()) {
    if (field == "name" && value.is_string()) {
      wish.name = value.get<std::string>();
      continue;
    }
    if (field != "volumes" || !value.is_array()) {
      return fail(Code::kMalformed, "there is no such field, or it is of another type: " + field);
    }
    for (const Json& volume : value) {
      if (!volume.is_string()) return fail(Code::kMalformed, "volumes holds something that is not a string");
      wish.volumes.push_back(volume.get<std::string>());
    }
  }
  return wish;
}

/// /v1/volumes/NAME/snapshots/SNAPSHOT/VERB in parts, decoded.
struct CallPath {
  std::string volume, snapshot, verb;
  bool clone = false;  // /v1/volumes/NAME/clone
};

Result<CallPath> parse_path(std::string_view path) {
  path.remove_prefix(kVolumesPrefix.size());
  std::vector<std::string> parts;
  for (size_t at = 0; at <= path.size();) {
    const size_t slash = std::min(path.find('/', at), path.size());
    TP_TRY(auto part, wire::percent_decode(path.substr(at, slash - at)));
    parts.push_back(std::move(part));
    at = slash + 1;
  }
  CallPath call;
  call.volume = parts[0];
  call.clone = parts.size() == 2 && parts[1] == "clone";
  if (parts.size() > 2) call.snapshot = parts[2];
  if (parts.size() > 3) call.verb = parts[3];
  const bool known = call.clone || (parts.size() >= 2 && parts.size() <= 4 && parts[1] == "snapshots");
  if (!known) return fail(Code::kNotFound, "no such path");
  return call;
}

Task<void> method_not_allowed(net::HttpExchange& exchange) {
  co_return co_await answer_json(exchange, 405, R"({"error":"method not allowed"})");
}

Task<void> answer_empty(net::HttpExchange& exchange) {
  exchange.start_response(204);
  co_return co_await exchange.finish({});
}

Task<void> create(net::HttpExchange& exchange, plane::Plane& plane) {
  if (exchange.head().method != wire::HttpMethod::kPost) co_return co_await method_not_allowed(exchange);
  auto body = co_await exchange.read_whole_body(kBodyLimitBytes);
  if (!body) co_return co_await answer_error(exchange, std::move(body).error());
  auto wish = parse_set(*body);
  if (!wish) co_return co_await answer_error(exchange, std::move(wish).error());
  auto made = co_await plane.snapshots().create(root_caller(), std::move(wish->volumes), std::move(wish->name));
  if (!made) co_return co_await answer_error(exchange, std::move(made).error());
  co_return co_await answer_json(exchange, 201, dump(infos_json(*made)));
}

Task<void> list(net::HttpExchange& exchange, plane::Plane& plane, std::string volume) {
  auto infos = co_await plane.snapshots().list(root_caller(), std::move(volume));
  if (!infos) co_return co_await answer_error(exchange, std::move(infos).error());
  co_return co_await answer_json(exchange, 200, dump(infos_json(*infos)));
}

Task<void> remove(net::HttpExchange& exchange, plane::Plane& plane, CallPath call) {
  auto removed = co_await plane.snapshots().remove(root_caller(), std::move(call.volume), std::move(call.snapshot));
  if (!removed) co_return co_await answer_error(exchange, std::move(removed).error());
  co_return co_await answer_empty(exchange);
}

struct DiffWish {
  std::string to, after;
  uint32_t limit = kDifferences;
};

Result<DiffWish> parse_diff(std::string_view query) {
  TP_TRY(const auto params, wire::parse_query(query));
  DiffWish wish;
  for (const wire::QueryParam& param : params) {
    if (param.name == "to") {
      wish.to = param.value;
    } else if (param.name == "after") {
      wish.after = param.value;
    } else if (param.name == "limit") {
      const char* end = param.value.data() + param.value.size();
      const auto read = std::from_chars(param.value.data(), end, wish.limit);
      if (read.ec != std::errc() || read.ptr != end) return fail(Code::kMalformed, "limit is not a number");
    } else {
      return fail(Code::kMalformed, "there is no parameter " + param.name);
    }
  }
  return wish;
}

Task<void> diff(net::HttpExchange& exchange, plane::Plane& plane, CallPath call) {
  auto wish = parse_diff(exchange.head().query);
  if (!wish) co_return co_await answer_error(exchange, std::move(wish).error());
  auto page = co_await plane.snapshots().diff(root_caller(), std::move(call.volume), std::move(call.snapshot),
                                              std::move(wish->to), std::move(wish->after), wish->limit);
  if (!page) co_return co_await answer_error(exchange, std::move(page).error());
  Json differences = Json::array();
  for (const plane::Difference& difference : page->differences) differences.push_back(difference_json(difference));
  const Json json = {{"differences", std::move(differences)}, {"next", page->next}};
  co_return co_await answer_json(exchange, 200, dump(json));
}

Task<void> restore(net::HttpExchange& exchange, plane::Plane& plane, CallPath call) {
  auto body = co_await exchange.read_whole_body(kBodyLimitBytes);
  if (!body) co_return co_await answer_error(exchange, std::move(body).error());
  auto wish = parse_texts(*body, {"path", "target"});
  if (!wish) co_return co_await answer_error(exchange, std::move(wish).error());
  std::optional<std::string> target;
  if (wish->contains("target")) target = (*wish)["target"].get<std::string>();
  std::string path = wish->value("path", std::string());
  auto report = co_await plane.snapshots().restore(root_caller(), std::move(call.volume), std::move(call.snapshot),
                                                   std::move(path), std::move(target));
  if (!report) co_return co_await answer_error(exchange, std::move(report).error());
  const Json json = {{"restored", report->restored}, {"removed", report->removed}, {"unchanged", report->unchanged}};
  co_return co_await answer_json(exchange, 200, dump(json));
}

Task<void> clone(net::HttpExchange& exchange, plane::Plane& plane, CallPath call) {
  auto body = co_await exchange.read_whole_body(kBodyLimitBytes);
  if (!body) co_return co_await answer_error(exchange, std::move(body).error());
  auto wish = parse_texts(*body, {"name"});
  if (!wish) co_return co_await answer_error(exchange, std::move(wish).error());
  std::string name = wish->value("name", std::string());
  auto made = co_await plane.snapshots().clone(root_caller(), std::move(call.volume), std::move(call.snapshot), name);
  if (!made) co_return co_await answer_error(exchange, std::move(made).error());
  auto counters = co_await plane.counters(std::move(name));
  if (!counters) co_return co_await answer_error(exchange, std::move(counters).error());
  co_return co_await answer_json(exchange, 201, dump(volume_json(**made, *counters)));
}

Task<void> remove_clone(net::HttpExchange& exchange, plane::Plane& plane, CallPath call) {
  if (exchange.head().method != wire::HttpMethod::kDelete) co_return co_await method_not_allowed(exchange);
  auto removed = co_await plane.snapshots().remove_clone(root_caller(), std::move(call.volume));
  if (!removed) co_return co_await answer_error(exchange, std::move(removed).error());
  co_return co_await answer_empty(exchange);
}

}  // namespace

bool is_snapshot_path(std::string_view path) {
  if (path == kSetPath) return true;
  return path.starts_with(kVolumesPrefix) && path.find('/', kVolumesPrefix.size()) != std::string_view::npos;
}

Task<void> answer_snapshot_call(net::HttpExchange& exchange, plane::Plane& plane) {
  const auto method = exchange.head().method;
  const bool get = method == wire::HttpMethod::kGet, post = method == wire::HttpMethod::kPost;
  if (exchange.head().path == kSetPath) co_return co_await create(exchange, plane);
  auto call = parse_path(exchange.head().path);
  if (!call) co_return co_await answer_error(exchange, std::move(call).error());
  if (call->clone) co_return co_await remove_clone(exchange, plane, std::move(*call));
  if (call->snapshot.empty()) {
    if (!get) co_return co_await method_not_allowed(exchange);
    co_return co_await list(exchange, plane, std::move(call->volume));
  }
  if (call->verb.empty() && method == wire::HttpMethod::kDelete) {
    co_return co_await remove(exchange, plane, std::move(*call));
  }
  if (call->verb == "diff" && get) co_return co_await diff(exchange, plane, std::move(*call));
  if (call->verb == "restore" && post) co_return co_await restore(exchange, plane, std::move(*call));
  if (call->verb == "clone" && post) co_return co_await clone(exchange, plane, std::move(*call));
  co_return co_await method_not_allowed(exchange);
}

}  // namespace tp::admin
