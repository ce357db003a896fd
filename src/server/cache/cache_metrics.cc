#include "server/cache/cache_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>

namespace tp::server {

namespace {

using Labels = prometheus::Labels;
using Counts = cache::LedgerCounts;

class Page {
 public:
  template <class Number>
  void counter(const std::string& name, const std::string& help, const Labels& labels, Number value) {
    prometheus::BuildCounter()
        .Name("tokenplane_cache_" + name + "_total")
        .Help(help)
        .Register(registry_)
        .Add(labels)
        .Increment(static_cast<double>(value));
  }
  void gauge(const std::string& name, const std::string& help, const Labels& labels, uint64_t value) {
    prometheus::BuildGauge().Name("tokenplane_" + name).Help(help).Register(registry_).Add(labels).Set(
        static_cast<double>(value));
  }
  Bytes text() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

 private:
  prometheus::Registry registry_;
};

Labels with(Labels labels, const char* name, const char* value) {
  labels[name] = value;
  return labels;
}

void add_tenant(Page& page, const Labels& of, const Counts& counts) {
  const Labels dram = with(of, "tier", "dram"), flash = with(of, "tier", "flash");
  page.counter("hits", "Lookups that found their entry", dram, counts.hits_dram);
  page.counter("hits", "", flash, counts.hits_flash);
  page.counter("misses", "Lookups that did not", of, counts.misses);
  page.counter("hit_tokens", "Tokens of what was found", dram, counts.hit_tokens_dram);
  page.counter("hit_tokens", "", flash, counts.hit_tokens_flash);
  page.counter("miss_tokens", "Tokens of what was not", of, counts.miss_tokens);
  page.counter("hit_bytes", "Bytes of what was found", dram, counts.hit_bytes_dram);
  page.counter("hit_bytes", "", flash, counts.hit_bytes_flash);
  page.counter("writes", "Entries written", of, counts.writes);
  page.counter("written_bytes", "Bytes of them", of, counts.written_bytes);
  page.counter("written_tokens", "Tokens of them", of, counts.written_tokens);
  page.counter("evictions", "Entries that made room", of, counts.evictions);
  page.counter("evicted_bytes", "Bytes of them", of, counts.evicted_bytes);
  page.counter("evicted_tokens", "Tokens of them", of, counts.evicted_tokens);
  page.counter("expired", "Entries whose time was over", of, counts.expired);
  page.counter("corrupt", "Entries that failed their checksum", of, counts.corrupt);
  page.counter("refused", "Writes refused by a quota", of, counts.refused);
  page.counter("saved_seconds", "Prefill seconds saved, by the volume's profile", of, counts.saved_seconds);
  page.counter("saved_dollars", "Money saved, by the volume's profile", of, counts.saved_dollars);
}

void add_ledger(Page& page, const std::string& volume, const cache::LedgerPage& ledger) {
  std::vector<const cache::LedgerPage::value_type*> tenants;
  for (const auto& tenant : ledger) tenants.push_back(&tenant);
  std::ranges::sort(tenants, std::ranges::greater(), [](const auto* tenant) { return tenant->second.lookups; });
  Counts others;
  for (size_t i = 0; i < tenants.size(); ++i) {
    if (i < kNamedTenants) add_tenant(page, {{"volume", volume}, {"tenant", tenants[i]->first}}, tenants[i]->second);
    else others += tenants[i]->second;
  }
  if (tenants.size() > kNamedTenants) add_tenant(page, {{"volume", volume}, {"tenant", "(others)"}}, others);
}

void add_volume(Page& page, const cache::CacheVolume& volume) {
  const Labels of = {{"volume", volume.name()}};
  const auto stats = volume.stats();
  page.gauge("cache_entries", "Entries", of, stats.entries);
  page.gauge("cache_dram_bytes", "Bytes of values in memory", of, stats.dram_bytes);
  page.gauge("cache_flash_bytes", "Bytes of segment files", of, stats.flash_bytes);
  page.gauge("cache_live_flash_bytes", "Bytes of them that entries need", of, stats.live_flash_bytes);
  page.gauge("cache_index_bytes", "Memory of the index, without keys", of, stats.index_bytes);
  page.gauge("cache_key_bytes", "Memory of the keys", of, stats.key_bytes);
  page.gauge("cache_pinned_entries", "Entries that are pinned", of, stats.pinned);
  page.gauge("cache_leases", "Leases that hold", of, stats.leases);
  page.counter("flash_written_bytes", "Bytes written to flash", of, stats.flash_written_bytes);
  page.counter("flash_read_bytes", "Bytes read from flash", of, stats.flash_read_bytes);
  page.counter("flash_carried_bytes", "Bytes written again when their segment went", of, stats.carried_bytes);
  add_ledger(page, volume.name(), volume.ledger());
}

void add_redis(Page& page, const RedisEndpoint& redis) {
  const auto stats = redis.stats();
  page.gauge("redis_connections", "Open connections", {}, stats.connections);
  page.gauge("redis_accepted", "Connections since the start", {}, stats.accepted);
  page.gauge("redis_commands", "Commands answered", {}, stats.commands);
  page.gauge("redis_errors", "Error replies", {}, stats.errors);
  page.gauge("redis_malformed", "Connections ended over what is no request", {}, stats.malformed);
  page.gauge("redis_received_bytes", "Bytes of requests", {}, stats.bytes_in);
  page.gauge("redis_sent_bytes", "Bytes of replies", {}, stats.bytes_out);
}

}  // namespace

Bytes cache_metrics(const std::vector<std::shared_ptr<cache::CacheVolume>>& volumes, const RedisEndpoint* redis) {
  Page page;
  page.gauge("cache_volumes", "Cache volumes that are open", {}, volumes.size());
  for (const auto& volume : volumes) add_volume(page, *volume);
  if (redis != nullptr) add_redis(page, *redis);
  return page.text();
}

}  // namespace tp::server
