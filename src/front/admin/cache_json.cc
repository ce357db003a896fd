#include "front/admin/cache_json.h"

#include <nlohmann/json.hpp>

#include "wire/text/timestamp.h"

namespace tp::admin {

namespace {

using Json = nlohmann::json;

double ratio(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

Json stats_json(const cache::CacheVolume::Stats& stats) {
  return {{"policy", stats.policy},
          {"entries", stats.entries},
          {"dram_bytes", stats.dram_bytes},
          {"flash_bytes", stats.flash_bytes},
          {"live_flash_bytes", stats.live_flash_bytes},
          {"index_bytes", stats.index_bytes},
          {"key_bytes", stats.key_bytes},
          {"flash_written_bytes", stats.flash_written_bytes},
          {"flash_read_bytes", stats.flash_read_bytes},
          {"carried_bytes", stats.carried_bytes},
          {"pinned", stats.pinned},
          {"leases", stats.leases}};
}

Json spaces_json(const std::vector<cache::CacheVolume::SpaceInfo>& spaces) {
  Json list = Json::array();
  for (const auto& space : spaces) {
    list.push_back({{"identity", space.identity},
                    {"tenant", space.tenant},
                    {"entries", space.entries},
                    {"bytes", space.bytes}});
  }
  return list;
}

Json whole_ledger_json(const cache::LedgerPage& page) {
  Json tenants = Json::object();
  cache::LedgerCounts total;
  for (const auto& [tenant, counts] : page) {
    tenants[tenant] = ledger_json(counts);
    total += counts;
  }
  return {{"tenants", std::move(tenants)}, {"total", ledger_json(total)}};
}

}  // namespace

Json ledger_json(const cache::LedgerCounts& counts) {
  const uint64_t hits = counts.hits_dram + counts.hits_flash;
  const uint64_t tokens = counts.hit_tokens_dram + counts.hit_tokens_flash;
  return {{"lookups", counts.lookups},
          {"hits", hits},
          {"hits_dram", counts.hits_dram},
          {"hits_flash", counts.hits_flash},
          {"misses", counts.misses},
          {"hit_ratio", ratio(hits, counts.lookups)},
          {"hit_tokens", tokens},
          {"hit_tokens_dram", counts.hit_tokens_dram},
          {"hit_tokens_flash", counts.hit_tokens_flash},
          {"miss_tokens", counts.miss_tokens},
          {"token_hit_ratio", ratio(tokens, tokens + counts.miss_tokens)},
          {"hit_bytes", counts.hit_bytes_dram + counts.hit_bytes_flash},
          {"hit_bytes_dram", counts.hit_bytes_dram},
          {"hit_bytes_flash", counts.hit_bytes_flash},
          {"writes", counts.writes},
          {"written_bytes", counts.written_bytes},
          {"written_tokens", counts.written_tokens},
          {"evictions", counts.evictions},
          {"evicted_bytes", counts.evicted_bytes},
          {"evicted_tokens", counts.evicted_tokens},
          {"expired", counts.expired},
          {"corrupt", counts.corrupt},
          {"refused", counts.refused},
          {"saved_seconds", counts.saved_seconds},
          {"saved_dollars", counts.saved_dollars}};
}

Json cache_volume_json(const meta::VolumeRecord& volume, const std::string& owner_name, cache::CacheVolume* engine,
                       const std::string& trouble) {
  Json json = {{"name", volume.name},
               {"owner", volume.owner},
               {"owner_name", owner_name},
               {"created", wire::iso8601(volume.created)},
               {"available", engine != nullptr},
               {"settings", Json::parse(volume.cache_settings, nullptr, false)}};
  if (engine == nullptr) {
    json["trouble"] = trouble;
    return json;
  }
  const auto stats = engine->stats();
  json["model"] = engine->profile().name;
  json["identity"] = engine->profile().identity.text();
  json["stats"] = stats_json(stats);
  json["spaces"] = spaces_json(stats.spaces);
  json["ledger"] = whole_ledger_json(engine->ledger());
  return json;
}

}  // namespace tp::admin
