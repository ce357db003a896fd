#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/store_access.h"
#include "server/config.h"

namespace tp::cli {

namespace {

using Json = nlohmann::json;

struct CacheOptions {
  StoreLocation location;
  std::string name;
  bool json = false, shared = false;
  std::string capacity, dram, model, policy, owner;  // empty: not said
  std::optional<std::string> tenant;
  std::string reserve, quota;
};

constexpr const char* kNone = "none";
/// A profile is a page of text; more is some other file.
constexpr std::streamsize kMaxProfileBytes = 32 << 10;

std::string text_of(const Json& json) { return json.is_string() ? json.get<std::string>() : std::string("-"); }
uint64_t number_of(const Json& json, const char* name) { return json.value(name, uint64_t{0}); }
std::string tenant_name(const std::string& tenant) { return tenant.empty() ? "(nobody)" : tenant; }

void print_json(const Json& json) { fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace)); }

/// The text of the file, or the word as it is: the server knows profiles by name.
Result<std::string> profile_of(const std::string& file_or_name) {
  std::ifstream file(file_or_name, std::ios::binary);
  if (!file) {
    const bool name = file_or_name.find('/') == std::string::npos && !file_or_name.ends_with(".toml");
    if (name) return file_or_name;
    return fail(Code::kNotFound, "--model: cannot read " + file_or_name);
  }
  std::string text(kMaxProfileBytes + 1, '\0');
  file.read(text.data(), kMaxProfileBytes + 1);
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaxProfileBytes) return fail(Code::kTooLarge, "--model: larger than 32 KiB: " + file_or_name);
  return text;
}

Result<Json> settings_of(const CacheOptions& options) {
  Json settings = Json::object();
  if (!options.capacity.empty()) {
    TP_TRY(settings["capacity_bytes"], server::parse_size(options.capacity));
  }
  if (!options.dram.empty()) {
    TP_TRY(settings["dram_bytes"], server::parse_size(options.dram));
  }
  if (!options.policy.empty()) settings["policy"] = options.policy;
  if (options.shared) settings["shared"] = true;
  if (!options.model.empty()) {
    TP_TRY(settings["profile"], profile_of(options.model));
  }
  return settings;
}

Result<uint64_t> share_size(const std::string& text) {
  if (text.empty() || text == kNone) return 0;
  return server::parse_size(text);
}

Result<Json> create(const CacheOptions& options) {
  Json volume = {{"name", options.name}};
  TP_TRY(volume["settings"], settings_of(options));
  if (!options.owner.empty()) volume["owner"] = options.owner;
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.add_cache_volume(volume);
}

Result<Json> set(const CacheOptions& options) {
  TP_TRY(const Json settings, settings_of(options));
  if (settings.empty()) return fail(Code::kInvalidArgument, "nothing to set: see tokenplane cache set --help");
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.set_cache_volume(options.name, settings);
}

Result<Json> share(const CacheOptions& options) {
  if (options.reserve.empty() && options.quota.empty()) {
    return fail(Code::kInvalidArgument, "nothing to set: give --reserve or --quota (a size, or none)");
  }
  Json share = {{"tenant", options.tenant.value_or("")}};
  TP_TRY(share["reserved_bytes"], share_size(options.reserve));
  TP_TRY(share["quota_bytes"], share_size(options.quota));
  TP_TRY(auto access, StoreAccess::open(options.location));
  // What is not said stays.
  TP_TRY(const Json volume, access.cache_volume(options.name));
  for (const Json& old : volume["settings"]["shares"]) {
    if (old["tenant"] != share["tenant"]) continue;
    if (options.reserve.empty()) share["reserved_bytes"] = old["reserved_bytes"];
    if (options.quota.empty()) share["quota_bytes"] = old["quota_bytes"];
  }
  const Json change = {{"share", std::move(share)}};
  return access.set_cache_volume(options.name, change);
}

Result<Json> show(const CacheOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.cache_volume(options.name);
}

Result<Json> list(const CacheOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  if (options.name.empty()) return access.cache_volumes();
  TP_TRY(auto volume, access.cache_volume(options.name));
  return Json::array({std::move(volume)});
}

Result<Json> clear(const CacheOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.clear_cache_volume(options.name, options.tenant);
}

Result<void> remove(const CacheOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.remove_cache_volume(options.name);
}

void print_shares(const Json& settings) {
  for (const Json& share : settings["shares"]) {
    const uint64_t quota = number_of(share, "quota_bytes");
    fmt::print("share      {}: reserved {}, quota {}\n", tenant_name(text_of(share["tenant"])),
               human_size(number_of(share, "reserved_bytes")), quota == 0 ? kNone : human_size(quota));
  }
}

void print_volume(const Json& volume) {
  const Json& settings = volume["settings"];
  fmt::print("volume     {}\nowner      {}\ncreated    {}\n", text_of(volume["name"]), text_of(volume["owner_name"]),
             text_of(volume["created"]));
  fmt::print("capacity   {} on flash, {} of DRAM\npolicy     {}\nshared     {}\n",
             human_size(number_of(settings, "capacity_bytes")), human_size(number_of(settings, "dram_bytes")),
             text_of(settings["policy"]), settings.value("shared", false) ? "yes" : "no");
  print_shares(settings);
  if (!volume.value("available", false)) {
    fmt::print("state      not available: {}\n", text_of(volume["trouble"]));
    return;
  }
  const Json& stats = volume["stats"];
  fmt::print("identity   {}\n", text_of(volume["identity"]));
  fmt::print("entries    {}, {} in DRAM, {} on flash ({} of it live), index {} and keys {}\n",
             number_of(stats, "entries"), human_size(number_of(stats, "dram_bytes")),
             human_size(number_of(stats, "flash_bytes")), human_size(number_of(stats, "live_flash_bytes")),
             human_size(number_of(stats, "index_bytes")), human_size(number_of(stats, "key_bytes")));
  for (const Json& space : volume["spaces"]) {
    fmt::print("space      tenant {}, {} entries, {}: {}\n", tenant_name(text_of(space["tenant"])),
               number_of(space, "entries"), human_size(number_of(space, "bytes")), text_of(space["identity"]));
  }
}

int print_result(const CacheOptions& options, const Result<Json>& volume) {
  if (!volume) return report_failure(volume.error());
  if (options.json) print_json(*volume);
  else print_volume(*volume);
  return 0;
}

int run_list(const CacheOptions& options) {
  const auto volumes = list(options);
  if (!volumes) return report_failure(volumes.error());
  if (options.json) {
    print_json(*volumes);
    return 0;
  }
  fmt::print("{:<32} {:<16} {:>12} {:>12} {:>12} {:>12} {:<10} {}\n", "VOLUME", "OWNER", "CAPACITY", "DRAM", "ENTRIES",
             "ON FLASH", "POLICY", "MODEL");
  for (const Json& volume : *volumes) {
    const Json& settings = volume["settings"];
    const Json stats = volume.value("stats", Json::object());
    fmt::print("{:<32} {:<16} {:>12} {:>12} {:>12} {:>12} {:<10} {}\n", text_of(volume["name"]),
               text_of(volume["owner_name"]), human_size(number_of(settings, "capacity_bytes")),
               human_size(number_of(settings, "dram_bytes")), number_of(stats, "entries"),
               human_size(number_of(stats, "flash_bytes")), text_of(settings["policy"]),
               volume.value("available", false) ? text_of(volume["model"]) : "not available");
  }
  return 0;
}

void print_ledger(const std::string& tenant, const Json& counts) {
  fmt::print("  {}\n", tenant);
  fmt::print("    lookups   {:>14}   hits {} (DRAM {}, flash {}), misses {}: {:.1f} %\n", number_of(counts, "lookups"),
             number_of(counts, "hits"), number_of(counts, "hits_dram"), number_of(counts, "hits_flash"),
             number_of(counts, "misses"), 100 * counts.value("hit_ratio", 0.0));
  fmt::print("    tokens    {:>14}   hit (DRAM {}, flash {}), missed {}: {:.1f} %\n", number_of(counts, "hit_tokens"),
             number_of(counts, "hit_tokens_dram"), number_of(counts, "hit_tokens_flash"),
             number_of(counts, "miss_tokens"), 100 * counts.value("token_hit_ratio", 0.0));
  fmt::print("    bytes     {:>14}   read (DRAM {}, flash {}), written {}\n",
             human_size(number_of(counts, "hit_bytes")), human_size(number_of(counts, "hit_bytes_dram")),
             human_size(number_of(counts, "hit_bytes_flash")), human_size(number_of(counts, "written_bytes")));
  fmt::print("    evicted   {:>14}   ({}), expired {}, corrupt {}, refused {}\n", number_of(counts, "evictions"),
             human_size(number_of(counts, "evicted_bytes")), number_of(counts, "expired"), number_of(counts, "corrupt"),
             number_of(counts, "refused"));
  fmt::print("    saved     {:>12.1f} s   prefill, {:.4f} $ (modelled by the profile)\n",
             counts.value("saved_seconds", 0.0), counts.value("saved_dollars", 0.0));
}

int run_stat(const CacheOptions& options) {
  const auto volumes = list(options);
  if (!volumes) return report_failure(volumes.error());
  if (options.json) {
    // Of one volume its object, of all of them an array.
    print_json(options.name.empty() ? *volumes : (*volumes)[0]);
    return 0;
  }
  for (const Json& volume : *volumes) {
    fmt::print("{}\n", text_of(volume["name"]));
    if (!volume.value("available", false)) {
      fmt::print("  not available: {}\n", text_of(volume["trouble"]));
      continue;
    }
    const Json& stats = volume["stats"];
    fmt::print("  entries {}, DRAM {}, flash {}; written to flash {}, read {}, carried over {}\n",
               number_of(stats, "entries"), human_size(number_of(stats, "dram_bytes")),
               human_size(number_of(stats, "flash_bytes")), human_size(number_of(stats, "flash_written_bytes")),
               human_size(number_of(stats, "flash_read_bytes")), human_size(number_of(stats, "carried_bytes")));
    const Json& tenants = volume["ledger"]["tenants"];
    size_t printed = 0;
    for (const auto& [tenant, counts] : tenants.items()) {
      if (number_of(counts, "lookups") + number_of(counts, "writes") == 0) continue;
      print_ledger("tenant " + tenant_name(tenant), counts);
      ++printed;
    }
    if (printed != 1) print_ledger("all tenants", volume["ledger"]["total"]);
  }
  return 0;
}

int run_clear(const CacheOptions& options) {
  const auto cleared = clear(options);
  if (!cleared) return report_failure(cleared.error());
  fmt::print("cleared {} key spaces of {}\n", number_of(*cleared, "cleared_spaces"), options.name);
  return 0;
}

int run_remove(const CacheOptions& options) {
  const auto removed = remove(options);
  if (!removed) return report_failure(removed.error());
  fmt::print("removed {}\n", options.name);
  return 0;
}

using Options = std::shared_ptr<CacheOptions>;
using Action = int (*)(const CacheOptions&);

/// A subcommand on one volume, named by its first argument.
CLI::App* add_named(CLI::App& parent, Run* run, const Options& options, const char* name, const char* help,
                    Action action) {
  auto* command = parent.add_subcommand(name, help);
  command->add_option("NAME", options->name, "The cache volume")->required();
  add_location_options(*command, &options->location);
  command->callback([options, run, action] { *run = [options, action] { return action(*options); }; });
  return command;
}

/// One that says something of all of them.
CLI::App* add_listing(CLI::App& parent, Run* run, const Options& options, const char* name, const char* help,
                      Action action) {
  auto* command = parent.add_subcommand(name, help);
  add_location_options(*command, &options->location);
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, run, action] { *run = [options, action] { return action(*options); }; });
  return command;
}

void add_sizes(CLI::App& command, CacheOptions* options) {
  command.add_option("--capacity", options->capacity, "Bytes on flash, such as 200GiB; 0: DRAM only (default 1GiB)");
  command.add_option("--dram", options->dram, "Bytes of memory for values, such as 4GiB (default 256MiB)");
  command.add_option("--model", options->model, "Profile: a TOML file, or the name of one that comes with the server");
}

void add_making(CLI::App& cache, Run* run, const Options& options) {
  auto* creating = add_named(cache, run, options, "create", "Make a cache volume",
                             [](const CacheOptions& given) { return print_result(given, create(given)); });
  add_sizes(*creating, options.get());
  creating->add_option("--policy", options->policy, "Who stays when it is full (default prefix)");
  creating->add_flag("--shared", options->shared, "Users share entries of the same identity");
  creating->add_option("--owner", options->owner, "User that it belongs to, name or id (default root)");
  creating->add_flag("--json", options->json, "Print JSON");

  auto* setting = add_named(cache, run, options, "set", "Change sizes or profile; what is not given stays",
                            [](const CacheOptions& given) { return print_result(given, set(given)); });
  add_sizes(*setting, options.get());
  setting->add_flag("--json", options->json, "Print JSON");

  auto* sharing = add_named(cache, run, options, "share", "Reserve space for a tenant, or limit it",
                            [](const CacheOptions& given) { return print_result(given, share(given)); });
  sharing->add_option("TENANT", options->tenant, "User name")->required();
  sharing->add_option("--reserve", options->reserve, "Nobody else evicts it below this; a size, or none");
  sharing->add_option("--quota", options->quota, "It evicts its own above this; a size, or none");
  sharing->add_flag("--json", options->json, "Print JSON");
}

}  // namespace

void add_cache_command(CLI::App& app, Run* run) {
  auto options = std::make_shared<CacheOptions>();
  options->location.with_cache = true;
  auto* cache = app.add_subcommand("cache", "Make, set, list, clear and remove cache volumes, and what they saved");
  cache->require_subcommand(1);
  add_making(*cache, run, options);
  add_listing(*cache, run, options, "list", "List the cache volumes", run_list);
  auto* showing = add_named(*cache, run, options, "show", "Print a volume's settings and counts",
                            [](const CacheOptions& given) { return print_result(given, show(given)); });
  showing->add_flag("--json", options->json, "Print JSON");
  auto* stating = add_listing(*cache, run, options, "stat", "Print the ledger: hits, tokens, savings", run_stat);
  stating->add_option("NAME", options->name, "One volume (default: all)");
  auto* clearing = add_named(*cache, run, options, "clear", "Remove all entries, pinned ones too", run_clear);
  clearing->add_option("--tenant", options->tenant, "Only this user's (\"\": of those without a name)");
  add_named(*cache, run, options, "remove", "Remove the volume with all it holds", run_remove);
}

}  // namespace tp::cli
