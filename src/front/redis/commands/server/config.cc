#include <fmt/format.h>

#include <map>

#include "front/redis/commands/server/server.h"
#include "front/redis/commands/words.h"

namespace tp::redis {

namespace {

/// The parameters that clients ask for, with what holds here.
std::map<std::string, std::string> parameters(const Call& call) {
  const RedisOptions& options = call.client.core.options;
  uint64_t dram_bytes = 0;
  if (call.client.space() != nullptr) dram_bytes = call.client.volume().settings().dram_bytes;
  return {
      {"appendfsync", "everysec"},
      {"appendonly", "no"},
      {"bind", ""},
      {"client-query-buffer-limit", std::to_string(options.limits.max_request_bytes)},
      {"cluster-enabled", "no"},
      {"databases", "1"},
      {"dir", ""},
      {"hash-max-listpack-entries", "0"},
      {"hash-max-listpack-value", "0"},
      {"lazyfree-lazy-user-del", "no"},
      {"loglevel", "notice"},
      {"maxclients", std::to_string(options.max_clients)},
      {"maxmemory", std::to_string(dram_bytes)},
      {"maxmemory-policy", "allkeys-lru"},
      {"notify-keyspace-events", ""},
      {"port", std::to_string(options.port)},
      {"proto-max-bulk-len", std::to_string(options.limits.max_bulk_bytes)},
      {"save", ""},
      {"slave-read-only", "yes"},
      {"replica-read-only", "yes"},
      {"slowlog-log-slower-than", "-1"},
      {"slowlog-max-len", "0"},
      {"tcp-keepalive", "300"},
      {"timeout", std::to_string(options.idle_timeout / rt::kSecond)},
      {"tls-port", std::to_string(options.tls_port)},
  };
}

void get(Call& call) {
  std::vector<std::pair<std::string, std::string>> chosen;
  for (const auto& [name, value] : parameters(call)) {
    for (size_t i = 2; i < call.count(); ++i) {
      if (!glob_matches(call[i], name, true)) continue;
      chosen.emplace_back(name, value);
      break;
    }
  }
  call.reply.map(chosen.size());
  for (const auto& [name, value] : chosen) {
    call.reply.bulk(name);
    call.reply.bulk(value);
  }
}

// What is asked for is set in the server's own configuration; a client may only confirm it.
void set(Call& call) {
  if (call.count() % 2 != 0) return call.wrong_arity();
  const std::map<std::string, std::string> known = parameters(call);
  for (size_t i = 2; i < call.count(); i += 2) {
    std::string name(call[i]);
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const auto at = known.find(name);
    if (at == known.end()) {
      return call.reply.error("ERR Unknown option or number of arguments for CONFIG SET - '" + shown(call[i], 128) +
                              "'");
    }
    if (at->second != call[i + 1]) {
      return call.reply.error("ERR CONFIG SET failed (possibly related to argument '" + name +
                              "') - can't set immutable config");
    }
  }
  call.reply.ok();
}

void reset_statistics(Call& call) {
  RedisCore& core = call.client.core;
  const RedisServer::Stats stats = core.stats();
  core.commands_before = stats.commands;
  core.accepted_before = stats.accepted;
  core.errors_before = stats.errors;
  call.reply.ok();
}

constexpr Subcommand kSubcommands[] = {
    {"get", -3, get},
    {"resetstat", 2, reset_statistics},
    {"rewrite", 2, [](Call& call) { call.reply.error("ERR The server is running without a config file"); }},
    {"set", -4, set},
};

}  // namespace

std::span<const Subcommand> config_subcommands() {
  return kSubcommands;
}

}  // namespace tp::redis
