// StoreAccess: the operator's calls on a store, whether a server has it open (then over its admin port) or not (then by
// opening it here). Commands do not care which.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "cli/admin_client.h"

namespace CLI {
class App;
}
namespace tp::server {
class Store;
}

namespace tp::cli {

struct StoreLocation {
  std::string data_directory;
  std::string admin_url;
  std::string config_file;  // of a stopped store: its tiers
  bool with_cache = false;  // a stopped store's cache volumes are opened, too
};

/// --data DIR and --admin URL.
void add_location_options(CLI::App& command, StoreLocation* location);
/// "1.5 GiB".
std::string human_size(uint64_t bytes);
/// Prints the error to standard error; returns the exit status 1.
int report_failure(const Error& error);

class StoreAccess {
 public:
  /// By URL if given, else the directory: through its running server, or directly.
  static Result<StoreAccess> open(const StoreLocation& location);
  StoreAccess(StoreAccess&&) noexcept;
  ~StoreAccess();

  /// The lists and objects of front/admin's protocol.
  Result<nlohmann::json> users();
  Result<nlohmann::json> add_user(const nlohmann::json& user);
  Result<nlohmann::json> set_user(const std::string& name, const nlohmann::json& change);
  Result<void> remove_user(const std::string& name);
  Result<nlohmann::json> volumes();
  Result<nlohmann::json> volume(const std::string& name);
  Result<nlohmann::json> set_volume(const std::string& name, const nlohmann::json& change);
  Result<nlohmann::json> cache_volumes();
  Result<nlohmann::json> cache_volume(const std::string& name);
  Result<nlohmann::json> add_cache_volume(const nlohmann::json& volume);
  Result<nlohmann::json> set_cache_volume(const std::string& name, const nlohmann::json& settings);
  Result<void> remove_cache_volume(const std::string& name);
  /// Of one tenant, if given.
  Result<nlohmann::json> clear_cache_volume(const std::string& name, const std::optional<std::string>& tenant);
  Result<nlohmann::json> tiers();
  /// {"action", "directory"?}
  Result<nlohmann::json> change_tier(const std::string& name, const nlohmann::json& change);
  /// Any call of the protocol.
  Result<nlohmann::json> call(const std::string& method, const std::string& path, const Bytes& body, int wanted_status);
  /// Calls `on_line` with each {"progress"|"finding"|"report"|"error": ...}.
  Result<void> check(bool read_data, const std::function<void(const nlohmann::json&)>& on_line);

 private:
  class Direct;  // an admin front over a store opened here, called without a socket
  StoreAccess();

  std::optional<AdminClient> remote_;
  std::unique_ptr<Direct> direct_;
};

}  // namespace tp::cli
