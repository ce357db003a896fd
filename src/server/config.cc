#include "server/config.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <functional>
#include <limits>
#include <toml++/toml.h>

#include "plane/rights/ip_range.h"
#include "server/config_values.h"

namespace tp::server {

namespace {

constexpr size_t kMinSecretBytes = 16;
constexpr unsigned kMaxLeaseSeconds = 3600;
constexpr uint64_t kMinWriteBufferBytes = 4 << 20;
constexpr std::array<std::string_view, 12> kKnownSecrets = {
    "minioadmin", "tokenplane", "secret", "password", "admin", "changeme", "testtest", "test",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "secretkey", "secret-key", "0123456789abcdef"};

using Take = std::function<Result<void>(const std::string&, const toml::node&)>;

std::vector<std::pair<std::string_view, Take>> settings(Config* config) {
  const auto text = [](std::string* out) {
    return Take([out](const std::string& key, const toml::node& node) { return take_string(key, node, out); });
  };
  const auto size = [](uint64_t* out) {
    return Take([out](const std::string& key, const toml::node& node) { return take_size(key, node, out); });
  };
  const auto integer = [](auto* out) {
    return Take([out](const std::string& key, const toml::node& node) { return take_integer(key, node, out); });
  };
  const auto strings = [](std::vector<std::string>* out) {
    return Take([out](const std::string& key, const toml::node& node) { return take_strings(key, node, out); });
  };
  return {
      {"data", text(&config->data_directory)},
      {"listen", text(&config->listen_address)},
      {"s3_port", integer(&config->s3_port)},
      {"admin_port", integer(&config->admin_port)},
      {"tls_certificate", text(&config->tls.certificate_file)},
      {"tls_key", text(&config->tls.key_file)},
      {"s3_domains", strings(&config->s3_domains)},
      {"region", text(&config->region)},
      {"nfs", Take([config](const std::string& key, const toml::node& node) {
         return take_bool(key, node, &config->nfs);
       })},
      {"nfs_port", integer(&config->nfs_port)},
      {"nfs_networks", strings(&config->nfs_networks)},
      {"nfs_lease_seconds", integer(&config->nfs_lease_seconds)},
      {"nfs_grace_seconds", integer(&config->nfs_grace_seconds)},
      {"nfs_write_buffer", size(&config->nfs_write_buffer_bytes)},
      {"redis", Take([config](const std::string& key, const toml::node& node) {
         return take_bool(key, node, &config->redis);
       })},
      {"redis_port", Take([config](const std::string& key, const toml::node& node) {
         return take_integer(key, node, &config->redis_port.emplace());
       })},
      {"redis_tls_port", Take([config](const std::string& key, const toml::node& node) {
         return take_integer(key, node, &config->redis_tls_port.emplace());
       })},
      {"redis_anonymous", text(&config->redis_anonymous_volume)},
      {"redis_anonymous_anywhere", Take([config](const std::string& key, const toml::node& node) {
         return take_bool(key, node, &config->redis_anonymous_anywhere);
       })},
      {"cores", integer(&config->cores)},
      {"block_cache", size(&config->block_cache_bytes)},
      {"object_cache", size(&config->object_cache_bytes)},
      {"metadata_cache", size(&config->metadata_cache_bytes)},
      {"upload_buffers", size(&config->upload_buffer_bytes)},
      {"segment_size", size(&config->segment_bytes)},
      {"min_free", size(&config->min_free_bytes)},
      {"scrub_rate", size(&config->scrub_bytes_per_second)},
      {"max_connections", integer(&config->max_connections)},
      {"drain_seconds", integer(&config->drain_seconds)},
      {"log_level", text(&config->log_level)},
      {"log_file", text(&config->log_file)},
      {"access_log", text(&config->access_log_file)},
      {"tiers", Take([config](const std::string&, const toml::node& node) {
         return take_tiers(node, &config->tiers);
       })},
      {"storage_classes", Take([config](const std::string&, const toml::node& node) {
         return take_storage_classes(node, &config->storage_classes);
       })},
      {"move_rate", size(&config->move_bytes_per_second)},
  };
}

}  // namespace

Result<uint64_t> parse_size(const std::string& text) {
  char* end = nullptr;
  if (text.empty() || text[0] < '0' || text[0] > '9') return fail(Code::kInvalidArgument, "not a size: " + text);
  const unsigned long long number = std::strtoull(text.c_str(), &end, 10);
  std::string unit(end);
  if (unit == "B") unit.clear();
  static constexpr std::array<std::pair<std::string_view, unsigned>, 9> kUnits = {{{"", 0},
                                                                                     {"K", 10},
                                                                                     {"KiB", 10},
                                                                                     {"M", 20},
                                                                                     {"MiB", 20},
                                                                                     {"G", 30},
                                                                                     {"GiB", 30},
                                                                                     {"T", 40},
                                                                                     {"TiB", 40}}};
  for (const auto& [name, shift] : kUnits) {
    if (unit != name) continue;
    if (number > std::numeric_limits<uint64_t>::max() >> shift) break;
    return static_cast<uint64_t>(number) << shift;
  }
  return fail(Code::kInvalidArgument, "not a size: " + text);
}

Result<void> load_config_file(const std::string& path, Config* config) {
  toml::table table;
  try {
    table = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    return fail(Code::kInvalidArgument,
                fmt::format("{}: line {}: {}", path, error.source().begin.line, error.description()));
  }
  const auto known = settings(config);
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    const auto* found = &known.front();
    for (found = known.data(); found != known.data() + known.size() && found->first != name;) ++found;
    if (found == known.data() + known.size()) {
      return fail(Code::kInvalidArgument,
                  fmt::format("{}: line {}: no such setting: {}", path, node.source().begin.line, name));
    }
    auto taken = found->second(name, node);
    if (!taken) return std::unexpected(std::move(taken).error().with_context(path));
  }
  return ok;
}

void load_environment(Config* config) {
  if (const char* key = std::getenv("TOKENPLANE_ACCESS_KEY")) config->root_access_key = key;
  if (const char* key = std::getenv("TOKENPLANE_SECRET_KEY")) config->root_secret_key = key;
  if (const char* password = std::getenv("TOKENPLANE_REDIS_PASSWORD")) config->redis_password = password;
}

namespace {

Result<void> validate_nfs(const Config& config) {
  for (const std::string& network : config.nfs_networks) {
    if (!plane::parse_ip_range(network)) {
      return fail(Code::kInvalidArgument, fmt::format("nfs_networks: not an address or a network: {}", network));
    }
  }
  if (config.nfs_lease_seconds < 1 || config.nfs_lease_seconds > kMaxLeaseSeconds ||
      config.nfs_grace_seconds > kMaxLeaseSeconds) {
    return fail(Code::kInvalidArgument,
                fmt::format("nfs_lease_seconds must be 1 to {0}, nfs_grace_seconds 0 to {0}", kMaxLeaseSeconds));
  }
  if (config.nfs_write_buffer_bytes < kMinWriteBufferBytes) {
    return fail(Code::kInvalidArgument, "nfs_write_buffer must be at least 4MiB");
  }
  return ok;
}

Result<void> validate_redis(const Config& config) {
  if (config.redis_tls_port && config.tls.certificate_file.empty()) {
    return fail(Code::kInvalidArgument, "redis_tls_port needs a certificate and a key: tls_certificate, tls_key");
  }
  if (is_loopback(config.listen_address)) return ok;
  if (!config.redis_anonymous_volume.empty() && !config.redis_anonymous_anywhere) {
    return fail(Code::kInvalidArgument,
                fmt::format("redis_anonymous opens a cache volume to whoever reaches {}: listen on 127.0.0.1, or say "
                            "redis_anonymous_anywhere if that is meant",
                            config.listen_address));
  }
  if (!config.redis_password.empty() && config.redis_password.size() < kMinSecretBytes) {
    return fail(Code::kInvalidArgument,
                fmt::format("TOKENPLANE_REDIS_PASSWORD is weak, which is refused on {}: use at least {} random "
                            "characters, or listen on 127.0.0.1",
                            config.listen_address, kMinSecretBytes));
  }
  return ok;
}

}  // namespace

bool is_loopback(const std::string& address) {
  return address == "localhost" || address == "::1" || address == "[::1]" || address.starts_with("127.");
}

Result<void> validate(const Config& config) {
  if (config.data_directory.empty()) return fail(Code::kInvalidArgument, "no data directory: give --data DIR");
  if (config.root_access_key.empty() || config.root_secret_key.empty()) {
    return fail(Code::kInvalidArgument,
                "no root credentials: set TOKENPLANE_ACCESS_KEY and TOKENPLANE_SECRET_KEY in the environment");
  }
  if (config.tls.certificate_file.empty() != config.tls.key_file.empty()) {
    return fail(Code::kInvalidArgument, "TLS needs both a certificate file and a key file");
  }
  TP_TRY_VOID(validate_nfs(config));
  TP_TRY_VOID(validate_redis(config));
  TP_TRY_VOID(validate_tiers(config.tiers, config.storage_classes));
  if (!is_loopback(config.listen_address)) {
    const auto& secret = config.root_secret_key;
    const bool known = std::find(kKnownSecrets.begin(), kKnownSecrets.end(), secret) != kKnownSecrets.end();
    if (known || secret.size() < kMinSecretBytes || secret == config.root_access_key) {
      return fail(
          Code::kInvalidArgument,
          fmt::format("the root secret key is weak or a well-known default, which is refused on {}: use at least "
                      "{} random characters, or listen on 127.0.0.1",
                      config.listen_address, kMinSecretBytes));
    }
  }
  return ok;
}

}  // namespace tp::server
