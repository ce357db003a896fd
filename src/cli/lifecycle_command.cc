#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/store_access.h"

namespace tp::cli {

namespace {

using Json = nlohmann::json;

struct LifecycleOptions {
  StoreLocation location;
  bool json = false;
};

Result<Json> status_from(const StoreLocation& location) {
  TP_TRY(auto access, StoreAccess::open(location));
  return access.call("GET", "/v1/lifecycle", {}, 200);
}

int show_status(const LifecycleOptions& options) {
  const auto status = status_from(options.location);
  if (!status) return report_failure(status.error());
  if (options.json) {
    fmt::print("{}\n", status->dump(2, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  const auto number = [&status](const char* name) { return status->value(name, uint64_t{0}); };
  fmt::print("volumes with rules  {}\n", number("volumes"));
  const Json& next = (*status)["next_due"];
  fmt::print("next due            {}\n", next.is_string() ? next.get<std::string>() : "nothing");
  fmt::print("journal behind      {} changes\n", number("journal_behind"));
  fmt::print("expired             {} objects, {} versions and delete markers, {} uploads\n", number("expired"),
             number("versions_expired"), number("uploads_aborted"));
  fmt::print("transitions         {}\n", number("transitions"));
  fmt::print("put off             {}\n", number("put_off"));
  fmt::print("failures            {}\n", number("failures"));
  for (const Json& walk : (*status)["walks"]) {
    fmt::print("walking             {} {}\n", walk["volume"].get<std::string>(), walk["after"].get<std::string>());
  }
  const auto trouble = status->value("trouble", std::string());
  if (!trouble.empty()) fmt::print("trouble             {}\n", trouble);
  return 0;
}

}  // namespace

void add_lifecycle_command(CLI::App& app, Run* run) {
  auto options = std::make_shared<LifecycleOptions>();
  auto* command = app.add_subcommand("lifecycle", "What becomes of objects with time");
  command->require_subcommand(1);
  auto* status = command->add_subcommand("status", "Shows what the running server's lifecycle has done and will do");
  add_location_options(*status, &options->location);
  status->add_flag("--json", options->json, "Print JSON");
  status->callback([options, run] { *run = [options] { return show_status(*options); }; });
}

}  // namespace tp::cli
