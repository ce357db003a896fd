#include "cli/store_access.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "server/admin_endpoint.h"
#include "server/logging.h"
#include "wire/text/uri.h"

namespace tp::cli {

using Json = nlohmann::json;

// A stopped store: opened here, served to ourselves on loopback for the length of the command.
class StoreAccess::Direct {
 public:
  static Result<std::unique_ptr<Direct>> open(const StoreLocation& location) {
    std::unique_ptr<Direct> direct(new Direct());
    server::Config config;
    if (!location.config_file.empty()) TP_TRY_VOID(server::load_config_file(location.config_file, &config));
    config.data_directory = location.data_directory;
    config.block_cache_bytes = 64 << 20;
    // Standard output is the command's own.
    TP_TRY_VOID(server::set_up_logging("warn", ""));
    server::Store::Hooks hooks;
    hooks.background = false;
    hooks.cache = location.with_cache;
    TP_TRY(direct->store_, server::Store::open(config, std::move(hooks)));
    server::AdminEndpoint::Options options;
    options.token = server::make_admin_token();
    direct->token_ = options.token;
    TP_TRY(direct->endpoint_, server::AdminEndpoint::open(*direct->store_, std::move(options)));
    return direct;
  }
  ~Direct() {
    endpoint_.reset();
    store_.reset();
    server::shut_down_logging();
  }
  std::string url() const { return endpoint_->url(); }
  const std::string& token() const { return token_; }

 private:
  Direct() = default;
  std::unique_ptr<server::Store> store_;
  std::unique_ptr<server::AdminEndpoint> endpoint_;
  std::string token_;
};

StoreAccess::StoreAccess() = default;
StoreAccess::StoreAccess(StoreAccess&&) noexcept = default;
StoreAccess::~StoreAccess() = default;

void add_location_options(CLI::App& command, StoreLocation* location) {
  auto* data = command.add_option("--data", location->data_directory, "The store's data directory");
  auto* admin = command.add_option("--admin", location->admin_url, "A running server's admin URL, http://host:port");
  command.add_option("--config", location->config_file, "A stopped server's configuration: where its tiers are");
  data->envname("TOKENPLANE_DATA");
  admin->excludes(data);
}

std::string human_size(uint64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  size_t unit = 0;
  auto value = static_cast<double>(bytes);
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

int report_failure(const Error& error) {
  fmt::print(stderr, "tokenplane: {}\n", error.message);
  return 1;
}

Result<StoreAccess> StoreAccess::open(const StoreLocation& location) {
  StoreAccess access;
  if (!location.admin_url.empty()) {
    TP_TRY(access.remote_, AdminClient::from_url(location.admin_url));
    return access;
  }
  if (location.data_directory.empty()) return fail(Code::kInvalidArgument, "give --data DIR or --admin URL");
  TP_TRY(access.remote_, AdminClient::from_data_directory(location.data_directory));
  if (access.remote_) return access;
  TP_TRY(access.direct_, Direct::open(location));
  TP_TRY(access.remote_, AdminClient::with_token(access.direct_->url(), access.direct_->token()));
  return access;
}

Result<Json> StoreAccess::call(const std::string& method, const std::string& path, const Bytes& body,
                               int wanted_status) {
  TP_TRY(auto answer, remote_->call(method, path, body));
  auto json = Json::parse(answer.body, nullptr, false);
  if (answer.status == wanted_status) return json;
  if (answer.status == 401) return fail(Code::kUnauthenticated, "the server refused these admin credentials");
  if (json.is_object() && json.contains("error") && json["error"].is_string()) {
    return fail(Code::kInvalidArgument, json["error"].get<std::string>());
  }
  return fail(Code::kUnavailable, fmt::format("the server answered {}", answer.status));
}

Result<Json> StoreAccess::users() {
  TP_TRY(auto json, call("GET", "/v1/users", {}, 200));
  return json["users"];
}

Result<Json> StoreAccess::add_user(const Json& user) { return call("POST", "/v1/users", user.dump(), 201); }

namespace {
std::string path_of(const char* collection, const std::string& name) {
  return collection + wire::percent_encode(name, wire::Slash::kEncode);
}
}  // namespace

Result<Json> StoreAccess::set_user(const std::string& name, const Json& change) {
  return call("PATCH", path_of("/v1/users/", name), change.dump(), 200);
}

Result<void> StoreAccess::remove_user(const std::string& name) {
  TP_TRY(auto ignored, call("DELETE", path_of("/v1/users/", name), {}, 204));
  return ok;
}

Result<Json> StoreAccess::volumes() {
  TP_TRY(auto json, call("GET", "/v1/volumes", {}, 200));
  return json["volumes"];
}

Result<Json> StoreAccess::volume(const std::string& name) {
  return call("GET", path_of("/v1/volumes/", name), {}, 200);
}

Result<Json> StoreAccess::set_volume(const std::string& name, const Json& change) {
  return call("PATCH", path_of("/v1/volumes/", name), change.dump(), 200);
}

Result<Json> StoreAccess::tiers() { return call("GET", "/v1/tiers", {}, 200); }

Result<Json> StoreAccess::change_tier(const std::string& name, const Json& change) {
  return call("POST", path_of("/v1/tiers/", name), change.dump(), 200);
}

Result<Json> StoreAccess::cache_volumes() {
  TP_TRY(auto json, call("GET", "/v1/cache", {}, 200));
  return json["volumes"];
}

Result<Json> StoreAccess::cache_volume(const std::string& name) {
  return call("GET", path_of("/v1/cache/", name), {}, 200);
}

Result<Json> StoreAccess::add_cache_volume(const Json& volume) { return call("POST", "/v1/cache", volume.dump(), 201); }

Result<Json> StoreAccess::set_cache_volume(const std::string& name, const Json& settings) {
  return call("PATCH", path_of("/v1/cache/", name), settings.dump(), 200);
}

Result<void> StoreAccess::remove_cache_volume(const std::string& name) {
  TP_TRY(auto ignored, call("DELETE", path_of("/v1/cache/", name), {}, 204));
  return ok;
}

Result<Json> StoreAccess::clear_cache_volume(const std::string& name, const std::optional<std::string>& tenant) {
  std::string path = path_of("/v1/cache/", name) + "/clear";
  if (tenant) path += "?tenant=" + wire::percent_encode(*tenant, wire::Slash::kEncode);
  return call("POST", path, {}, 200);
}

Result<void> StoreAccess::check(bool read_data, const std::function<void(const Json&)>& on_line) {
  const auto parse_line = [&](BytesView line) {
    const auto json = Json::parse(line, nullptr, false);
    if (json.is_object()) on_line(json);
  };
  TP_TRY(const int status,
         remote_->call_lines("POST", read_data ? "/v1/check?data=1" : "/v1/check?data=0", parse_line));
  if (status == 401) return fail(Code::kUnauthenticated, "the server refused these admin credentials");
  if (status != 200) return fail(Code::kUnavailable, fmt::format("the server answered {}", status));
  return ok;
}

}  // namespace tp::cli
