#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/store_access.h"
#include "rt/env/clock.h"
#include "wire/text/timestamp.h"
#include "wire/text/uri.h"

namespace tp::cli {

namespace {

using Json = nlohmann::json;

struct SnapshotOptions {
  StoreLocation location;
  std::vector<std::string> names;
  std::string volume, name, to, path, new_volume, schedule;
  std::optional<std::string> target;
  bool json = false;
};

std::string text_of(const Json& json, const char* name) {
  return json.value(name, std::string());
}
uint64_t number_of(const Json& json, const char* name) {
  return json.value(name, uint64_t{0});
}
std::string encoded(const std::string& name) {
  return wire::percent_encode(name, wire::Slash::kEncode);
}
void print_json(const Json& json) {
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

std::string path_of(const std::string& volume, const std::string& snapshot = {}, const char* verb = "") {
  std::string path = "/v1/volumes/" + encoded(volume) + "/snapshots";
  if (!snapshot.empty()) path += "/" + encoded(snapshot);
  return path + verb;
}

void print_snapshots(const Json& snapshots) {
  fmt::print("{:<32} {:<40} {:<24} {:>12} {:>12} {:>7} {}\n", "VOLUME", "SNAPSHOT", "CREATED", "FILES", "SIZE",
             "CLONES", "SCHEDULE");
  for (const Json& snapshot : snapshots) {
    fmt::print("{:<32} {:<40} {:<24} {:>12} {:>12} {:>7} {}\n", text_of(snapshot, "volume"), text_of(snapshot, "name"),
               text_of(snapshot, "created"), number_of(snapshot, "objects"), human_size(number_of(snapshot, "bytes")),
               number_of(snapshot, "clones"), text_of(snapshot, "schedule"));
  }
}

int print_result(const SnapshotOptions& options, const Result<Json>& snapshots) {
  if (!snapshots) return report_failure(snapshots.error());
  if (options.json)
    print_json(*snapshots);
  else
    print_snapshots(*snapshots);
  return 0;
}

/// "2026-11-23T17-05-09": of a snapshot that nobody named.
std::string name_of_now() {
  std::string name = wire::iso8601(rt::SystemClock::instance().wall_now()).substr(0, 19);
  std::ranges::replace(name, ':', '-');
  return name;
}

Result<Json> create(const SnapshotOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  Json volumes = Json::array();
  for (size_t at = 0; at <= options.volume.size();) {
    const size_t comma = std::min(options.volume.find(',', at), options.volume.size());
    volumes.push_back(options.volume.substr(at, comma - at));
    at = comma + 1;
  }
  const Json wish = {{"volumes", std::move(volumes)}, {"name", options.name.empty() ? name_of_now() : options.name}};
  TP_TRY(Json made, access.call("POST", "/v1/snapshots", wish.dump(), 201));
  return made["snapshots"];
}

Result<Json> list(const SnapshotOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  TP_TRY(Json listed, access.call("GET", path_of(options.volume), {}, 200));
  return listed["snapshots"];
}

void print_difference(const Json& difference) {
  const std::string kind = text_of(difference, "kind");
  const char mark = kind == "created" ? '+' : kind == "removed" ? '-' : kind == "renamed" ? 'R' : 'M';
  if (mark == 'R')
    fmt::print("R {} -> {}\n", text_of(difference, "key"), text_of(difference, "new_key"));
  else
    fmt::print("{} {}\n", mark, text_of(difference, "key"));
}

Result<void> diff(const SnapshotOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  std::string after;
  do {
    const std::string path =
        path_of(options.volume, options.name, "/diff") + "?to=" + encoded(options.to) + "&after=" + encoded(after);
    TP_TRY(const Json page, access.call("GET", path, {}, 200));
    for (const Json& difference : page["differences"]) {
      if (options.json)
        fmt::print("{}\n", difference.dump(-1, ' ', false, Json::error_handler_t::replace));
      else
        print_difference(difference);
    }
    after = text_of(page, "next");
  } while (!after.empty());
  return ok;
}

int run_diff(const SnapshotOptions& options) {
  const auto done = diff(options);
  return done ? 0 : report_failure(done.error());
}

/// "/" is all of it, and nobody's key begins with one by mistake.
std::string key_of(const std::string& path) {
  return path.starts_with('/') ? path.substr(1) : path;
}

Result<Json> restore(const SnapshotOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  Json wish = {{"path", key_of(options.path)}};
  if (options.target) wish["target"] = key_of(*options.target);
  return access.call("POST", path_of(options.volume, options.name, "/restore"), wish.dump(), 200);
}

int run_restore(const SnapshotOptions& options) {
  const auto report = restore(options);
  if (!report) return report_failure(report.error());
  if (options.json) {
    print_json(*report);
    return 0;
  }
  fmt::print("restored {}, removed {}, unchanged {}\n", number_of(*report, "restored"), number_of(*report, "removed"),
             number_of(*report, "unchanged"));
  return 0;
}

Result<void> remove(const SnapshotOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  for (const std::string& name : options.names) {
    TP_TRY_VOID(access.call("DELETE", path_of(options.volume, name), {}, 204));
    fmt::print("deleted {} of {}\n", name, options.volume);
  }
  return ok;
}

int run_remove(const SnapshotOptions& options) {
  const auto removed = remove(options);
  return removed ? 0 : report_failure(removed.error());
}

Result<Json> clone(const SnapshotOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  const Json wish = {{"name", options.new_volume}};
  return access.call("POST", path_of(options.volume, options.name, "/clone"), wish.dump(), 201);
}

int run_clone(const SnapshotOptions& options) {
  const auto made = clone(options);
  if (!made) return report_failure(made.error());
  if (options.json)
    print_json(*made);
  else
    fmt::print("{} begins as {}@{}\n", options.new_volume, options.volume, options.name);
  return 0;
}

Result<Json> schedule(const SnapshotOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  if (options.schedule.empty()) return access.volume(options.volume);
  const Json change = {{"snapshot_schedule", options.schedule == "none" ? std::string() : options.schedule}};
  return access.set_volume(options.volume, change);
}

int run_schedule(const SnapshotOptions& options) {
  const auto volume = schedule(options);
  if (!volume) return report_failure(volume.error());
  const std::string rules = text_of(*volume, "snapshot_schedule");
  fmt::print("{}\n", rules.empty() ? "none" : rules);
  return 0;
}

using Options = std::shared_ptr<SnapshotOptions>;
using Action = int (*)(const SnapshotOptions&);

CLI::App* add(CLI::App& parent, Run* run, const Options& options, const char* name, const char* help, Action action) {
  auto* command = parent.add_subcommand(name, help);
  add_location_options(*command, &options->location);
  command->callback([options, run, action] { *run = [options, action] { return action(*options); }; });
  return command;
}

void add_volume(CLI::App& command, const Options& options) {
  command.add_option("VOLUME", options->volume, "The volume")->required();
}
void add_snapshot(CLI::App& command, const Options& options) {
  add_volume(command, options);
  command.add_option("SNAPSHOT", options->name, "The snapshot")->required();
}
void add_json(CLI::App& command, const Options& options) {
  command.add_flag("--json", options->json, "Print JSON");
}

void add_taking(CLI::App& snapshot, Run* run, const Options& options) {
  auto* creating = add(snapshot, run, options, "create", "Take a snapshot of volumes, all at one instant",
                       [](const SnapshotOptions& given) { return print_result(given, create(given)); });
  creating->add_option("VOLUME", options->volume, "The volume, or several: A,B,...")->required();
  creating->add_option("NAME", options->name, "Its name (default: the time)");
  add_json(*creating, options);
  auto* listing = add(snapshot, run, options, "list", "List a volume's snapshots, oldest first",
                      [](const SnapshotOptions& given) { return print_result(given, list(given)); });
  add_volume(*listing, options);
  add_json(*listing, options);
  auto* deleting = add(snapshot, run, options, "delete", "Delete snapshots; what only they held is freed", run_remove);
  add_volume(*deleting, options);
  deleting->add_option("SNAPSHOTS", options->names, "The snapshots")->required();
  auto* scheduling = add(snapshot, run, options, "schedule", "Show or set when snapshots are taken", run_schedule);
  add_volume(*scheduling, options);
  scheduling->add_option("SCHEDULE", options->schedule, "Such as \"every 1h keep 24, daily keep 7\", or none");
}

}  // namespace

void add_snapshot_command(CLI::App& app, Run* run) {
  auto options = std::make_shared<SnapshotOptions>();
  auto* snapshot = app.add_subcommand("snapshot", "Take, list, compare, restore, clone and delete snapshots");
  snapshot->require_subcommand(1);
  add_taking(*snapshot, run, options);
  auto* comparing = add(*snapshot, run, options, "diff",
                        "What changed since a snapshot: + new, - gone, M changed, R moved", run_diff);
  add_snapshot(*comparing, options);
  comparing->add_option("TO", options->to, "A later snapshot (default: now)");
  add_json(*comparing, options);
  auto* restoring =
      add(*snapshot, run, options, "restore", "Make a file, a tree or all of it as it was; moves no data", run_restore);
  add_snapshot(*restoring, options);
  restoring->add_option("PATH", options->path, "A key, a directory, or / for the whole volume")->required();
  restoring->add_option("--to", options->target, "Put it there, beside what is there already");
  add_json(*restoring, options);
  auto* cloning = add(*snapshot, run, options, "clone", "Make a volume that begins as the snapshot", run_clone);
  add_snapshot(*cloning, options);
  cloning->add_option("NEW_VOLUME", options->new_volume, "Its name")->required();
  add_json(*cloning, options);
}

}  // namespace tp::cli
