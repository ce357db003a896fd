#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "front/redis/commands/server/server.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

/// What the sections are written from.
struct Facts {
  const RedisCore& core;
  RedisServer::Stats server;
  cache::CacheVolume* volume = nullptr;  // null: none is bound
  cache::CacheVolume::Stats stats;
  cache::CacheSettings settings;
  cache::LedgerCounts ledger;            // of the client's tenant
  uint64_t keys = 0;
  std::string identity, tenant;
};

std::string human(uint64_t bytes) {
  constexpr std::string_view kUnits = "KMGT";
  if (bytes < 1024) return fmt::format("{}B", bytes);
  double size = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (size >= 1024 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  return fmt::format("{:.2f}{}", size, kUnits[unit]);
}

std::string server_section(const Facts& facts) {
  const RedisOptions& options = facts.core.options;
  const int64_t uptime = (facts.core.runtime.clock().now() - facts.core.started_at) / rt::kSecond;
  return fmt::format(
      "redis_version:7.0.15\r\nredis_git_sha1:00000000\r\nredis_git_dirty:0\r\nredis_build_id:0\r\n"
      "redis_mode:standalone\r\nos:Linux\r\narch_bits:64\r\nmonotonic_clock:POSIX clock_gettime\r\n"
      "multiplexing_api:epoll\r\nprocess_id:{}\r\nprocess_supervised:no\r\nrun_id:{}\r\ntcp_port:{}\r\n"
      "server_time_usec:{}\r\nuptime_in_seconds:{}\r\nuptime_in_days:{}\r\nhz:10\r\nconfigured_hz:10\r\n"
      "executable:tokenplane\r\nconfig_file:\r\ntokenplane_version:{}\r\n",
      ::getpid(), facts.core.run_id, options.port, facts.core.runtime.clock().wall_now() / 1000, uptime,
      uptime / 86400, options.server_version);
}

std::string clients_section(const Facts& facts) {
  return fmt::format(
      "connected_clients:{}\r\ncluster_connections:0\r\nmaxclients:{}\r\nclient_recent_max_input_buffer:0\r\n"
      "client_recent_max_output_buffer:0\r\nblocked_clients:0\r\ntracking_clients:0\r\nclients_in_timeout_table:0\r\n",
      facts.core.clients.count(), facts.core.options.max_clients);
}

std::string memory_section(const Facts& facts) {
  const uint64_t used = facts.stats.dram_bytes + facts.stats.index_bytes + facts.stats.key_bytes;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto resident = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
  return fmt::format(
      "used_memory:{}\r\nused_memory_human:{}\r\nused_memory_rss:{}\r\nused_memory_rss_human:{}\r\n"
      "used_memory_peak:{}\r\nused_memory_peak_human:{}\r\nused_memory_dataset:{}\r\nmaxmemory:{}\r\n"
      "maxmemory_human:{}\r\nmaxmemory_policy:allkeys-lru\r\nmem_allocator:libc\r\n",
      used, human(used), resident, human(resident), used, human(used), facts.stats.dram_bytes,
      facts.settings.dram_bytes, human(facts.settings.dram_bytes));
}

std::string persistence_section(const Facts&) {
  return "loading:0\r\nasync_loading:0\r\nrdb_changes_since_last_save:0\r\nrdb_bgsave_in_progress:0\r\n"
         "rdb_last_bgsave_status:ok\r\naof_enabled:0\r\naof_rewrite_in_progress:0\r\naof_last_write_status:ok\r\n";
}

std::string stats_section(const Facts& facts) {
  const cache::LedgerCounts& ledger = facts.ledger;
  const uint64_t commands = facts.server.commands - facts.core.commands_before;
  return fmt::format(
      "total_connections_received:{}\r\ntotal_commands_processed:{}\r\ninstantaneous_ops_per_sec:0\r\n"
      "total_net_input_bytes:{}\r\ntotal_net_output_bytes:{}\r\nrejected_connections:0\r\nexpired_keys:{}\r\n"
      "evicted_keys:{}\r\nkeyspace_hits:{}\r\nkeyspace_misses:{}\r\npubsub_channels:0\r\npubsub_patterns:0\r\n"
      "latest_fork_usec:0\r\ntotal_error_replies:{}\r\n",
      facts.server.accepted - facts.core.accepted_before, commands, facts.server.bytes_in, facts.server.bytes_out,
      ledger.expired, ledger.evictions, ledger.hits_dram + ledger.hits_flash, ledger.misses,
      facts.server.errors - facts.core.errors_before);
}

std::string replication_section(const Facts& facts) {
  return fmt::format(
      "role:master\r\nconnected_slaves:0\r\nmaster_failover_state:no-failover\r\nmaster_replid:{}\r\n"
      "master_replid2:{:0>40}\r\nmaster_repl_offset:0\r\nsecond_repl_offset:-1\r\nrepl_backlog_active:0\r\n",
      facts.core.run_id, 0);
}

std::string cpu_section(const Facts&) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return fmt::format("used_cpu_sys:{}.{:06}\r\nused_cpu_user:{}.{:06}\r\n", usage.ru_stime.tv_sec,
                     usage.ru_stime.tv_usec, usage.ru_utime.tv_sec, usage.ru_utime.tv_usec);
}

std::string cluster_section(const Facts&) {
  return "cluster_enabled:0\r\n";
}

std::string keyspace_section(const Facts& facts) {
  return facts.keys == 0 ? "" : fmt::format("db0:keys={},expires=0,avg_ttl=0\r\n", facts.keys);
}

std::string cache_section(const Facts& facts) {
  if (facts.volume == nullptr) return "volume:\r\n";
  const cache::LedgerCounts& ledger = facts.ledger;
  return fmt::format(
      "volume:{}\r\nidentity:{}\r\ntenant:{}\r\npolicy:{}\r\nentries:{}\r\ndram_bytes:{}\r\nflash_bytes:{}\r\n"
      "hits_dram:{}\r\nhits_flash:{}\r\nmisses:{}\r\nhit_tokens:{}\r\nmiss_tokens:{}\r\nsaved_seconds:{:.3f}\r\n",
      facts.volume->name(), facts.identity, facts.tenant, facts.stats.policy, facts.stats.entries,
      facts.stats.dram_bytes, facts.stats.flash_bytes, ledger.hits_dram, ledger.hits_flash, ledger.misses,
      ledger.hit_tokens_dram + ledger.hit_tokens_flash, ledger.miss_tokens, ledger.saved_seconds);
}

struct Section {
  std::string_view name, title;
  std::string (*write)(const Facts&);
};
constexpr Section kSections[] = {
    {"server", "Server", server_section},
    {"clients", "Clients", clients_section},
    {"memory", "Memory", memory_section},
    {"persistence", "Persistence", persistence_section},
    {"stats", "Stats", stats_section},
    {"replication", "Replication", replication_section},
    {"cpu", "CPU", cpu_section},
    {"cluster", "Cluster", cluster_section},
    {"keyspace", "Keyspace", keyspace_section},
    {"cache", "Cache", cache_section},
};

bool wanted(const Call& call, std::string_view section) {
  if (call.count() == 1) return true;
  for (size_t i = 1; i < call.count(); ++i) {
    if (is_word(call[i], section) || is_word(call[i], "all") || is_word(call[i], "default") ||
        is_word(call[i], "everything")) {
      return true;
    }
  }
  return false;
}

}  // namespace

void run_info(Call& call) {
  const Client& client = call.client;
  Facts facts{client.core, client.core.stats(), nullptr, {}, {}, {}, 0, {}, {}};
  if (client.space() != nullptr) {
    facts.volume = &client.volume();
    facts.stats = facts.volume->stats();
    facts.settings = facts.volume->settings();
    facts.ledger = facts.volume->ledger()[client.binding().tenant];
    facts.keys = facts.volume->size(*client.space());
    facts.identity = client.identity().text();
    facts.tenant = client.binding().tenant;
  }
  std::string text;
  for (const Section& section : kSections) {
    if (!wanted(call, section.name)) continue;
    if (!text.empty()) text += "\r\n";
    text += "# " + std::string(section.title) + "\r\n" + section.write(facts);
  }
  call.reply.verbatim(text);
}

}  // namespace tp::redis
