#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/store_access.h"

namespace tp::cli {

namespace {

using Json = nlohmann::json;

struct TierOptions {
  StoreLocation location;
  std::string name, directory;
  bool json = false;
};

uint64_t number_of(const Json& json, const char* name) { return json.value(name, uint64_t{0}); }
std::string text_of(const Json& json, const char* name) { return json.value(name, std::string()); }

void print_drives(const Json& tier) {
  fmt::print("  pieces     {} data, {} parity\n", number_of(tier, "data_pieces"), number_of(tier, "parity_pieces"));
  fmt::print("  segments   {}, {} degraded, {} lost, {} shards missing\n", number_of(tier, "segments"),
             number_of(tier, "degraded_segments"), number_of(tier, "lost_segments"),
             number_of(tier, "missing_shards"));
  if (tier.value("mending", false)) {
    fmt::print("  mending    {} of {} shards\n", number_of(tier, "mend_done"), number_of(tier, "mend_total"));
  }
  if (const std::string error = text_of(tier, "mend_error"); !error.empty()) fmt::print("  not mended {}\n", error);
  for (const Json& drive : tier.value("drives", Json::array())) {
    fmt::print("  drive      {}  {}{}  {} shards  {} free of {}\n", text_of(drive, "directory"),
               text_of(drive, "state"), drive.value("present", false) ? "" : ", NOT THERE", number_of(drive, "shards"),
               human_size(number_of(drive, "free_bytes")), human_size(number_of(drive, "total_bytes")));
  }
}

void print_tier(const Json& tier) {
  fmt::print("tier {} ({}, number {})\n", text_of(tier, "name"), text_of(tier, "kind"), number_of(tier, "number"));
  fmt::print("  stored     {}, {} on disk\n", human_size(number_of(tier, "live_bytes")),
             human_size(number_of(tier, "disk_bytes")));
  fmt::print("  written    {}, read {} since the start\n", human_size(number_of(tier, "bytes_written")),
             human_size(number_of(tier, "bytes_read")));
  if (tier.contains("drives")) print_drives(tier);
}

int print(const TierOptions& options, const Json& json) {
  if (options.json) {
    fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
  } else if (json.contains("tiers")) {
    if (json["tiers"].empty()) fmt::print("no tiers but the hot one: see [tiers] in docs/tiers.md\n");
    for (const Json& tier : json["tiers"]) print_tier(tier);
    for (const Json& one : json["storage_classes"]) {
      fmt::print("class {} is {}{}\n", text_of(one, "name"), text_of(one, "tier"),
                 one.value("offline", false) ? ", offline" : "");
    }
  } else {
    print_tier(json);
  }
  return 0;
}

Result<Json> status(const TierOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.tiers();
}

Result<Json> change(const TierOptions& options, const std::string& action) {
  Json change = {{"action", action}};
  if (!options.directory.empty()) change["directory"] = options.directory;
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.change_tier(options.name, change);
}

int show(const TierOptions& options, const Result<Json>& answer) {
  return answer ? print(options, *answer) : report_failure(answer.error());
}

}  // namespace

void add_tier_command(CLI::App& app, Run* run) {
  auto options = std::make_shared<TierOptions>();
  CLI::App* tier = app.add_subcommand("tier", "Tiers and their drives");
  tier->require_subcommand(1);
  CLI::App* shown = tier->add_subcommand("status", "Shows all tiers, their drives and the storage classes");
  add_location_options(*shown, &options->location);
  shown->add_flag("--json", options->json, "Prints JSON");
  shown->callback([options, run] { *run = [options] { return show(*options, status(*options)); }; });

  struct Action {
    const char* name;
    const char* what;
    bool directory;
  };
  for (const Action& action : {Action{"add", "Adds an empty directory to a tier", true},
                               Action{"replace", "An empty drive lies where a lost one was: fills it", true},
                               Action{"drain", "Moves what a drive has to the others, then takes it out", true},
                               Action{"mend", "Makes every missing shard again", false}}) {
    CLI::App* command = tier->add_subcommand(action.name, action.what);
    add_location_options(*command, &options->location);
    command->add_flag("--json", options->json, "Prints JSON");
    command->add_option("NAME", options->name, "The tier")->required();
    if (action.directory) command->add_option("DIRECTORY", options->directory, "The drive's directory")->required();
    command->callback([options, run, name = std::string(action.name)] {
      *run = [options, name] { return show(*options, change(*options, name)); };
    });
  }
}

}  // namespace tp::cli
