#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/store_access.h"

namespace tp::cli {

namespace {

using Json = nlohmann::json;

struct StatOptions {
  StoreLocation location;
  bool json = false;
};

Result<Json> volumes_from(const StoreLocation& location) {
  TP_TRY(auto access, StoreAccess::open(location));
  return access.volumes();
}

int run_stat(const StatOptions& options) {
  auto volumes = volumes_from(options.location);
  if (!volumes) return report_failure(volumes.error());
  if (options.json) {
    fmt::print("{}\n", volumes->dump(2, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  fmt::print("{:<40} {:<20} {:>12} {:>12} {:>9} {:>12}\n", "VOLUME", "OWNER", "OBJECTS", "SIZE", "UPLOADS",
             "IN UPLOADS");
  uint64_t objects = 0;
  uint64_t bytes = 0;
  for (const auto& volume : *volumes) {
    objects += volume["objects"].get<uint64_t>();
    bytes += volume["bytes"].get<uint64_t>();
    fmt::print("{:<40} {:<20} {:>12} {:>12} {:>9} {:>12}\n", volume["name"].get<std::string>(),
               volume["owner"].get<std::string>(), volume["objects"].get<uint64_t>(),
               human_size(volume["bytes"].get<uint64_t>()), volume["uploads"].get<uint64_t>(),
               human_size(volume["upload_bytes"].get<uint64_t>()));
  }
  fmt::print("{} volumes, {} objects, {}\n", volumes->size(), objects, human_size(bytes));
  return 0;
}

}  // namespace

void add_stat_command(CLI::App& app, Run* run) {
  auto options = std::make_shared<StatOptions>();
  auto* command = app.add_subcommand("stat", "Print the volumes with their counts and bytes");
  add_location_options(*command, &options->location);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, run] { *run = [options] { return run_stat(*options); }; });
}

}  // namespace tp::cli
