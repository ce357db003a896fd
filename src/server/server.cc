#include "server/server.h"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "server/cache/cache_metrics.h"
#include "server/logging.h"

namespace tp::server {

namespace {

constexpr uint16_t kUsualRedisPort = 6379;

// Replaces DIR/name with `text`, readable by the owner alone.
Result<void> write_private_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  std::error_code ignored;
  std::filesystem::remove(fresh, ignored);
  const mode_t old_mask = umask(077);
  std::FILE* file = std::fopen(fresh.c_str(), "wx");
  umask(old_mask);
  if (file == nullptr) return fail(Code::kIo, "cannot write " + fresh + ": " + std::strerror(errno));
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed || std::rename(fresh.c_str(), path.c_str()) != 0) {
    return fail(Code::kIo, "cannot write " + path + ": " + std::strerror(errno));
  }
  return ok;
}

}  // namespace

class Server::AccessLog final : public s3::AccessLogSink {
 public:
  explicit AccessLog(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}
  void on_access(const s3::AccessRecord& record) override {
    Bytes line;
    s3::append_access_line(line, record);
    logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

Server::Server(Config config) : config_(std::move(config)) {}

Result<std::unique_ptr<Server>> Server::start(const Config& config) {
  std::unique_ptr<Server> server(new Server(config));
  TP_TRY_VOID(server->start_parts());
  return server;
}

Result<void> Server::start_parts() {
  TP_TRY(auto access_log, open_access_log(config_.access_log_file));
  if (access_log) access_log_ = std::make_unique<AccessLog>(std::move(access_log));
  Store::Hooks hooks;
  hooks.on_group = [this](size_t transactions, rt::Nanos duration) { metrics_.on_group(transactions, duration); };
  TP_TRY(store_, Store::open(config_, std::move(hooks)));
  spdlog::info("store opened data={} store_id={} start={}", config_.data_directory, store_->meta().store_id(),
               store_->meta().start_number());
  TP_TRY_VOID(open_s3());
  if (config_.nfs) {
    TP_TRY_VOID(open_nfs());
  } else {
    // No client will come back for files without a name.
    TP_TRY_VOID(store_->runtime().block_on(store_->plane().files().end_of_grace()));
  }
  if (config_.redis) TP_TRY_VOID(open_redis());
  TP_TRY(lifecycle_, LifecycleEndpoint::open(*store_));
  TP_TRY_VOID(open_admin());
  TP_TRY_VOID(write_endpoints());
  spdlog::info("serving s3={} nfs={} redis={} admin={} loops={}", s3_url(), nfs_ ? nfs_address() : "off",
               redis_ ? redis_address() : "off", admin_url(), store_->runtime().loop_count());
  return ok;
}

Result<void> Server::open_s3() {
  s3::S3Front::Options front;
  front.plane = &store_->plane();
  front.runtime = &store_->runtime();
  front.domains = config_.s3_domains;
  front.region = config_.region;
  front.access_log = access_log_.get();
  front.metrics = &metrics_;
  s3_front_ = std::make_unique<s3::S3Front>(std::move(front));
  HttpEndpoint::Options http;
  http.runtime = &store_->runtime();
  http.handler = s3_front_.get();
  http.address = config_.listen_address;
  http.port = config_.s3_port;
  http.max_connections = config_.max_connections;
  if (!config_.tls.certificate_file.empty()) {
    TP_TRY(http.wrap, make_tls_wrap(config_.tls));
  }
  TP_TRY(s3_, HttpEndpoint::open(std::move(http)));
  return ok;
}

Result<void> Server::open_nfs() {
  NfsEndpoint::Options options;
  options.front.plane = &store_->plane();
  options.front.runtime = &store_->runtime();
  options.front.lease = config_.nfs_lease_seconds * rt::kSecond;
  options.front.grace = config_.nfs_grace_seconds * rt::kSecond;
  options.front.networks = config_.nfs_networks;
  options.address = config_.listen_address;
  options.port = config_.nfs_port;
  options.max_connections = config_.max_connections;
  auto opened = NfsEndpoint::open(std::move(options));
  if (!opened) return std::unexpected(std::move(opened).error().with_context("NFS (--nfs-port, --no-nfs)"));
  nfs_ = std::move(*opened);
  return ok;
}

Result<void> Server::make_anonymous_volume() {
  const std::string& name = config_.redis_anonymous_volume;
  if (const auto there = store_->plane().volume(name)) {
    if ((*there)->kind == meta::VolumeKind::kCache) return ok;
    return fail(Code::kInvalidArgument, "the volume " + name + " is no cache volume");
  }
  plane::Caller root;
  root.user_id = plane::kRootUserId;
  root.root = true;
  plane::CreateVolumeOptions options;
  options.kind = meta::VolumeKind::kCache;
  options.cache_settings = R"({"shared": true})";
  TP_TRY_VOID(store_->runtime().block_on(store_->plane().create_volume(root, name, std::move(options))));
  spdlog::info("cache volume made volume={}", name);
  return ok;
}

Result<void> Server::open_redis() {
  RedisEndpoint::Options options;
  options.runtime = &store_->runtime();
  options.binder.plane = &store_->plane();
  options.binder.volumes = store_->cache_volumes();
  options.binder.clock = &store_->runtime().clock();
  options.binder.password = config_.redis_password;
  options.binder.anonymous_volume = config_.redis_anonymous_volume;
  options.binder.root_access_key = config_.root_access_key;
  options.redis.server_version = config_.version;
  options.address = config_.listen_address;
  options.port = config_.redis_port.value_or(kUsualRedisPort);
  options.tls_port = config_.redis_tls_port;
  options.max_connections = config_.max_connections;
  if (config_.redis_tls_port) {
    TP_TRY(options.tls, make_tls_wrap(config_.tls));
  }
  Result<void> made = ok;
  if (!config_.redis_anonymous_volume.empty()) made = make_anonymous_volume();
  if (!made) return std::unexpected(std::move(made).error().with_context("--redis-anonymous"));
  auto opened = RedisEndpoint::open(options);
  if (!opened && !config_.redis_port) {
    // Nobody asked for this very port: a Redis server that has it must not keep the store from starting.
    spdlog::warn("redis port {} not to be had, taking a free one error=\"{}\"", options.port, opened.error().message);
    options.port = 0;
    opened = RedisEndpoint::open(options);
  }
  if (!opened) return std::unexpected(std::move(opened).error().with_context("Redis (--redis-port, --no-redis)"));
  redis_ = std::move(*opened);
  return ok;
}

Result<void> Server::open_admin() {
  AdminEndpoint::Options options;
  options.address = config_.listen_address;
  options.port = config_.admin_port;
  options.token = make_admin_token();
  options.root_access_key = config_.root_access_key;
  options.root_secret_key = config_.root_secret_key;
  options.metrics = [this] {
    return metrics_.page(store_.get(), s3_->stats().open, nfs_.get()) +
           cache_metrics(store_->cache_volumes()->cache().list(), redis_.get()) + lifecycle_->metrics();
  };
  options.lifecycle = [this] { return lifecycle_->json(); };
  options.ready = [this](std::string* why) {
    if (!store_->meta().read_only() && !store_->blobs().read_only()) return true;
    *why = "the store is read-only after a failed write: restart it";
    return false;
  };
  TP_TRY_VOID(write_private_file(config_.data_directory + "/admin.token", options.token + "\n"));
  TP_TRY(admin_, AdminEndpoint::open(*store_, std::move(options)));
  return ok;
}

Result<void> Server::write_endpoints() const {
  nlohmann::json json = {{"pid", getpid()}, {"s3", s3_url()}, {"admin", admin_url()}};
  if (nfs_) json["nfs"] = nfs_address();
  if (redis_) json["redis"] = redis_address();
  if (redis_ && redis_->tls_port() != 0) json["redis_tls"] = redis_tls_address();
  return write_private_file(config_.data_directory + "/server.json", json.dump(2) + "\n");
}

std::string Server::s3_url() const {
  return endpoint_url(config_.tls.certificate_file.empty() ? "http" : "https", config_.listen_address, s3_->port());
}

namespace {
std::string host_and_port(const std::string& address, uint16_t port) {
  return endpoint_url("at", address, port).substr(std::string_view("at://").size());
}
}  // namespace

std::string Server::nfs_address() const {
  return nfs_ ? host_and_port(config_.listen_address, nfs_->port()) : std::string();
}

std::string Server::redis_address() const {
  return redis_ ? host_and_port(config_.listen_address, redis_->port()) : std::string();
}

std::string Server::redis_tls_address() const {
  return redis_ && redis_->tls_port() != 0 ? host_and_port(config_.listen_address, redis_->tls_port()) : std::string();
}

Server::~Server() {
  const rt::Nanos drain = config_.drain_seconds * rt::kSecond;
  if (s3_) s3_->stop(drain);
  if (nfs_) nfs_->stop(drain);
  if (redis_) redis_->stop(drain);
  if (admin_) admin_->http().stop(rt::kSecond);
  if (store_) {
    std::error_code ignored;
    std::filesystem::remove(config_.data_directory + "/server.json", ignored);
    std::filesystem::remove(config_.data_directory + "/admin.token", ignored);
  }
  s3_.reset();
  nfs_.reset();
  redis_.reset();
  admin_.reset();
  lifecycle_.reset();
  s3_front_.reset();
  store_.reset();
}

Result<void> serve(const Config& config) {
  TP_TRY_VOID(set_up_logging(config.log_level, config.log_file));
  // Blocked before the first thread is made, so that every thread inherits it and only sigwait() sees them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  sigprocmask(SIG_BLOCK, &stop_signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  auto server = Server::start(config);
  if (!server) {
    shut_down_logging();
    return std::unexpected(std::move(server).error());
  }
  int received = 0;
  sigwait(&stop_signals, &received);
  spdlog::info("stopping signal={}", received);
  server->reset();
  spdlog::info("stopped");
  shut_down_logging();
  return ok;
}

}  // namespace tp::server
