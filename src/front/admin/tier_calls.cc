#include "front/admin/tier_calls.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "front/admin/admin_calls.h"
#include "front/admin/admin_json.h"

namespace tp::admin {

namespace {

using Json = nlohmann::json;

std::string_view state_name(blob::DriveState state) {
  switch (state) {
    case blob::DriveState::kActive: return "active";
    case blob::DriveState::kDraining: return "draining";
    case blob::DriveState::kFailed: return "failed";
    case blob::DriveState::kRemoved: return "removed";
  }
  return "";
}

Json drive_json(const blob::DriveStatus& drive) {
  return {{"directory", drive.directory},
          {"state", state_name(drive.state)},
          {"present", drive.present},
          {"shards", drive.shards},
          {"read_errors", drive.read_errors},
          {"write_errors", drive.write_errors},
          {"total_bytes", drive.total_bytes},
          {"free_bytes", drive.free_bytes}};
}

Json tier_json(const TierHandle& handle) {
  const blob::TierStats stats = handle.tier->stats();
  Json json = {{"name", handle.name},
               {"number", handle.number},
               {"kind", handle.kind},
               {"segments", stats.segments},
               {"live_bytes", stats.live_bytes},
               {"disk_bytes", stats.disk_bytes},
               {"bytes_written", stats.bytes_written},
               {"bytes_read", stats.bytes_read},
               {"reads", stats.reads},
               {"writes", stats.writes},
               {"checksum_failures", stats.checksum_failures},
               {"degraded_reads", stats.degraded_reads},
               {"retries", stats.retries}};
  if (handle.drives == nullptr) return json;
  const blob::ErasureStatus status = handle.drives->status();
  json["data_pieces"] = status.data_pieces;
  json["parity_pieces"] = status.parity_pieces;
  json["degraded_segments"] = status.degraded_segments;
  json["lost_segments"] = status.lost_segments;
  json["missing_shards"] = status.missing_shards;
  json["mending"] = status.mending;
  json["mend_done"] = status.mend_done;
  json["mend_total"] = status.mend_total;
  json["mended_bytes"] = status.mended_bytes;
  if (!status.mend_error.empty()) json["mend_error"] = status.mend_error;
  for (const blob::DriveStatus& drive : status.drives) json["drives"].push_back(drive_json(drive));
  return json;
}

struct Change {
  std::string action, directory;
};

Result<Change> parse_change(BytesView body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return fail(Code::kMalformed, "the body is not a JSON object");
  Change change;
  for (const auto& [field, value] : json.items()) {
    if ((field != "action" && field != "directory") || !value.is_string()) {
      return fail(Code::kMalformed, "there is no such field, or it is not a string: " + field);
    }
    (field == "action" ? change.action : change.directory) = value.get<std::string>();
  }
  if ((change.action != "mend") == change.directory.empty()) {
    return fail(Code::kInvalidArgument, "add, replace and drain need a directory, mend has none");
  }
  return change;
}

Task<void> apply(blob::ErasureControl& drives, Change change) {
  if (change.action == "add") co_return co_await drives.add(std::move(change.directory));
  if (change.action == "replace") co_return co_await drives.replace(std::move(change.directory));
  if (change.action == "drain") co_return co_await drives.drain(std::move(change.directory));
  if (change.action == "mend") co_return co_await drives.mend();
  co_return fail(Code::kInvalidArgument, "there is no such action: " + change.action);
}

}  // namespace

Task<void> list_tiers(net::HttpExchange& exchange, std::vector<TierHandle> tiers,
                      std::vector<plane::StorageClass> classes) {
  Json json = {{"tiers", Json::array()}, {"storage_classes", Json::array()}};
  for (const TierHandle& tier : tiers) json["tiers"].push_back(tier_json(tier));
  for (const plane::StorageClass& one : classes) {
    const auto found = std::ranges::find(tiers, one.tier, &TierHandle::number);
    json["storage_classes"].push_back({{"name", one.name},
                                       {"tier", found == tiers.end() ? std::string("hot") : found->name},
                                       {"offline", one.offline}});
  }
  co_return co_await answer_json(exchange, 200, dump(json));
}

Task<void> change_tier(net::HttpExchange& exchange, std::vector<TierHandle> tiers, std::string name) {
  auto body = co_await exchange.read_whole_body(kBodyLimitBytes);
  if (!body) co_return co_await answer_error(exchange, std::move(body).error());
  const auto found = std::ranges::find(tiers, name, &TierHandle::name);
  if (found == tiers.end()) {
    co_return co_await answer_error(exchange, Error(Code::kNotFound, "there is no tier " + name));
  }
  if (found->drives == nullptr) {
    co_return co_await answer_error(exchange, Error(Code::kInvalidArgument, "an archive has no drives"));
  }
  auto change = parse_change(*body);
  if (!change) co_return co_await answer_error(exchange, std::move(change).error());
  auto applied = co_await apply(*found->drives, std::move(*change));
  if (!applied) co_return co_await answer_error(exchange, std::move(applied).error());
  co_return co_await answer_json(exchange, 200, dump(tier_json(*found)));
}

}  // namespace tp::admin
