#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "cli/commands.h"
#include "cli/store_access.h"
#include "server/server.h"

namespace tp::cli {

namespace {

// Flags over the file: only what was given replaces what the file said.
struct ServeOptions {
  std::string config_file;
  std::optional<std::string> data, listen, tls_certificate, tls_key, region, log_level, log_file, access_log;
  std::optional<std::string> block_cache, object_cache, metadata_cache;
  std::optional<std::string> nfs_write_buffer;
  std::optional<uint16_t> s3_port, admin_port, nfs_port, redis_port, redis_tls_port;
  std::optional<std::string> redis_anonymous;
  std::optional<unsigned> cores, nfs_lease_seconds, nfs_grace_seconds;
  std::vector<std::string> s3_domains, nfs_networks;
  bool no_nfs = false, no_redis = false, redis_anonymous_anywhere = false;
};

template <class T>
void take(const std::optional<T>& given, T* setting) {
  if (given) *setting = *given;
}

Result<void> take_size(const std::optional<std::string>& given, uint64_t* setting) {
  if (!given) return ok;
  TP_TRY(*setting, server::parse_size(*given));
  return ok;
}

Result<void> take_nfs(const ServeOptions& options, server::Config* config) {
  if (options.no_nfs) config->nfs = false;
  take(options.nfs_port, &config->nfs_port);
  take(options.nfs_lease_seconds, &config->nfs_lease_seconds);
  take(options.nfs_grace_seconds, &config->nfs_grace_seconds);
  if (!options.nfs_networks.empty()) config->nfs_networks = options.nfs_networks;
  return take_size(options.nfs_write_buffer, &config->nfs_write_buffer_bytes);
}

void take_redis(const ServeOptions& options, server::Config* config) {
  if (options.no_redis) config->redis = false;
  if (options.redis_port) config->redis_port = options.redis_port;
  if (options.redis_tls_port) config->redis_tls_port = options.redis_tls_port;
  take(options.redis_anonymous, &config->redis_anonymous_volume);
  if (options.redis_anonymous_anywhere) config->redis_anonymous_anywhere = true;
}

Result<server::Config> make_config(const ServeOptions& options) {
  server::Config config;
  if (!options.config_file.empty()) TP_TRY_VOID(server::load_config_file(options.config_file, &config));
  take(options.data, &config.data_directory);
  take(options.listen, &config.listen_address);
  take(options.s3_port, &config.s3_port);
  take(options.admin_port, &config.admin_port);
  take(options.tls_certificate, &config.tls.certificate_file);
  take(options.tls_key, &config.tls.key_file);
  take(options.region, &config.region);
  take(options.cores, &config.cores);
  take(options.log_level, &config.log_level);
  take(options.log_file, &config.log_file);
  take(options.access_log, &config.access_log_file);
  TP_TRY_VOID(take_size(options.block_cache, &config.block_cache_bytes));
  TP_TRY_VOID(take_size(options.object_cache, &config.object_cache_bytes));
  TP_TRY_VOID(take_size(options.metadata_cache, &config.metadata_cache_bytes));
  TP_TRY_VOID(take_nfs(options, &config));
  take_redis(options, &config);
  if (!options.s3_domains.empty()) config.s3_domains = options.s3_domains;
  config.version = TOKENPLANE_VERSION;
  server::load_environment(&config);
  TP_TRY_VOID(server::validate(config));
  return config;
}

int run_serve(const ServeOptions& options) {
  auto config = make_config(options);
  if (!config) return report_failure(config.error());
  const auto served = server::serve(*config);
  if (!served) return report_failure(served.error());
  return 0;
}

void add_nfs_options(CLI::App* command, ServeOptions* options) {
  command->add_option("--nfs-port", options->nfs_port, "NFS and MOUNT port (default 2049; 0: a free one)");
  command->add_flag("--no-nfs", options->no_nfs, "Serve no NFS");
  command->add_option("--nfs-network", options->nfs_networks,
                      "Network that may reach volumes which name none (repeatable; default: loopback)");
  command->add_option("--nfs-lease-seconds", options->nfs_lease_seconds,
                      "How long a silent client keeps opens and locks (default 60)");
  command->add_option("--nfs-grace-seconds", options->nfs_grace_seconds,
                      "How long clients may reclaim them after a start (default 60)");
  command->add_option("--nfs-write-buffer", options->nfs_write_buffer,
                      "Memory for writes that are not stable yet (default 256MiB)");
}

void add_redis_options(CLI::App* command, ServeOptions* options) {
  command->add_option("--redis-port", options->redis_port,
                      "Redis port of cache volumes (0: a free one; default: 6379, or a free one if taken)");
  command->add_option("--redis-tls-port", options->redis_tls_port, "The same over TLS (default: none; 0: a free one)");
  command->add_flag("--no-redis", options->no_redis, "Serve no Redis port");
  command->add_option("--redis-anonymous", options->redis_anonymous,
                      "Cache volume open to everybody without AUTH, made if missing (default: none)");
  command->add_flag("--redis-anonymous-anywhere", options->redis_anonymous_anywhere,
                    "Open it also where others than this machine reach the port");
}

}  // namespace

void add_serve_command(CLI::App& app, Run* run) {
  auto options = std::make_shared<ServeOptions>();
  auto* command = app.add_subcommand(
      "serve", "Serve a store. Root credentials: TOKENPLANE_ACCESS_KEY and TOKENPLANE_SECRET_KEY in the environment");
  command->add_option("--config", options->config_file, "TOML file; flags given here override it");
  command->add_option("--data", options->data, "Data directory, made if it is not there");
  command->add_option("--listen", options->listen, "Address to listen on (default 127.0.0.1)");
  command->add_option("--s3-port", options->s3_port, "S3 port (default 9000; 0: a free one)");
  command->add_option("--admin-port", options->admin_port, "Admin port (default 9001; 0: a free one)");
  command->add_option("--tls-certificate", options->tls_certificate, "PEM file: the S3 port speaks TLS");
  command->add_option("--tls-key", options->tls_key, "PEM file of the certificate's key");
  command->add_option("--s3-domain", options->s3_domains, "Host name for bucket.HOST addressing (repeatable)");
  add_nfs_options(command, options.get());
  add_redis_options(command, options.get());
  command->add_option("--region", options->region, "Region name (default us-east-1)");
  command->add_option("--cores", options->cores, "Cores to use (default all)");
  command->add_option("--block-cache", options->block_cache,
                      "Memory for blocks of large objects (default: 1/8 of all)");
  command->add_option("--object-cache", options->object_cache, "Memory for hot small objects (default 256MiB)");
  command->add_option("--metadata-cache", options->metadata_cache, "Memory for metadata blocks (default 512MiB)");
  command->add_option("--log-level", options->log_level, "trace, debug, info, warn, error (default info)");
  command->add_option("--log-file", options->log_file, "Default: standard error");
  command->add_option("--access-log", options->access_log, "A file, or - for the log's own place (default: none)");
  command->callback([options, run] { *run = [options] { return run_serve(*options); }; });
}

}  // namespace tp::cli
