#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/store_access.h"
#include "server/config.h"
#include "wire/text/uri.h"

namespace tp::cli {

namespace {

using Json = nlohmann::json;

struct VolumeOptions {
  StoreLocation location;
  std::string name;
  bool json = false;
  // What to set; empty: leave it.
  std::string read_only, squash, anonymous, networks, owner, modes, quota_bytes, quota_files;
};

constexpr const char* kNone = "none";

std::unexpected<Error> bad_option(const char* option, const std::string& wanted) {
  return fail(Code::kInvalidArgument, fmt::format("{}: wanted {}", option, wanted));
}

/// "A:B" -> "A" and "B".
Result<std::pair<std::string, std::string>> halves(const char* option, const std::string& text, const char* wanted) {
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return bad_option(option, wanted);
  return std::pair(text.substr(0, colon), text.substr(colon + 1));
}

Result<uint64_t> number(const char* option, const std::string& text, const char* wanted) {
  uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return bad_option(option, wanted);
  return value;
}

Result<void> put_ids(const char* option, const std::string& text, const char* uid, const char* gid, Json* nfs) {
  if (text.empty()) return ok;
  TP_TRY(const auto ids, halves(option, text, "UID:GID"));
  TP_TRY((*nfs)[uid], number(option, ids.first, "UID:GID"));
  TP_TRY((*nfs)[gid], number(option, ids.second, "UID:GID"));
  return ok;
}

Json split(const std::string& text) {
  Json parts = Json::array();
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

Result<Json> nfs_change(const VolumeOptions& options) {
  Json nfs = Json::object();
  if (!options.read_only.empty()) nfs["read_only"] = options.read_only == "on";
  if (!options.squash.empty()) nfs["squash"] = options.squash;
  TP_TRY_VOID(put_ids("--nfs-anonymous", options.anonymous, "anonymous_uid", "anonymous_gid", &nfs));
  TP_TRY_VOID(put_ids("--nfs-owner", options.owner, "default_uid", "default_gid", &nfs));
  if (options.networks == "default") nfs["networks"] = Json::array();
  else if (!options.networks.empty()) nfs["networks"] = split(options.networks);
  if (!options.modes.empty()) {
    TP_TRY(const auto modes, halves("--nfs-modes", options.modes, "FILE:DIRECTORY in octal, such as 0644:0755"));
    nfs["file_mode"] = modes.first;
    nfs["directory_mode"] = modes.second;
  }
  return nfs;
}

Result<Json> change_of(const VolumeOptions& options) {
  Json change = Json::object();
  TP_TRY(Json nfs, nfs_change(options));
  if (!nfs.empty()) change["nfs"] = std::move(nfs);
  if (options.quota_bytes == kNone) {
    change["quota_bytes"] = 0;
  } else if (!options.quota_bytes.empty()) {
    TP_TRY(change["quota_bytes"], server::parse_size(options.quota_bytes));
  }
  if (options.quota_files == kNone) {
    change["quota_files"] = 0;
  } else if (!options.quota_files.empty()) {
    TP_TRY(change["quota_files"], number("--quota-files", options.quota_files, "a number or none"));
  }
  if (change.empty()) return fail(Code::kInvalidArgument, "nothing to set: see tokenplane volume set --help");
  return change;
}

std::string networks_text(const Json& nfs) {
  std::string text;
  for (const auto& network : nfs["networks"]) text += (text.empty() ? "" : ",") + network.get<std::string>();
  return text.empty() ? "default" : text;
}

std::string quota_text(const Json& volume) {
  const auto bytes = volume["quota_bytes"].get<uint64_t>();
  return bytes == 0 ? kNone : human_size(bytes);
}

std::string files_quota_text(const Json& volume) {
  const auto files = volume["quota_files"].get<uint64_t>();
  return files == 0 ? kNone : std::to_string(files);
}

std::string pair_text(const Json& nfs, const char* first, const char* second) {
  return fmt::format("{}:{}", nfs[first].get<uint32_t>(), nfs[second].get<uint32_t>());
}

std::string text_of(const Json& json) { return json.get<std::string>(); }

void print_json(const Json& json) { fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace)); }

void print_volume(const Json& volume) {
  const Json& nfs = volume["nfs"];
  fmt::print("volume         {}\nowner          {}\ncreated        {}\n", text_of(volume["name"]),
             text_of(volume["owner"]), text_of(volume["created"]));
  fmt::print("files          {} of {}\n", volume["objects"].get<uint64_t>(), files_quota_text(volume));
  fmt::print("size           {} of {}\n", human_size(volume["bytes"].get<uint64_t>()), quota_text(volume));
  fmt::print("in uploads     {}, {}\n", volume["uploads"].get<uint64_t>(),
             human_size(volume["upload_bytes"].get<uint64_t>()));
  fmt::print("nfs read-only  {}\nnfs squash     {}\nnfs anonymous  {}\nnfs networks   {}\n",
             nfs["read_only"].get<bool>() ? "on" : "off", text_of(nfs["squash"]),
             pair_text(nfs, "anonymous_uid", "anonymous_gid"), networks_text(nfs));
  fmt::print("nfs owner      {}\nnfs modes      {}:{}\n", pair_text(nfs, "default_uid", "default_gid"),
             text_of(nfs["file_mode"]), text_of(nfs["directory_mode"]));
}

Result<Json> list(const VolumeOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.volumes();
}

int run_list(const VolumeOptions& options) {
  const auto volumes = list(options);
  if (!volumes) return report_failure(volumes.error());
  if (options.json) {
    print_json(*volumes);
    return 0;
  }
  fmt::print("{:<40} {:>12} {:>12} {:>12} {:>12} {:<5} {:<6} {}\n", "VOLUME", "FILES", "QUOTA", "SIZE", "QUOTA", "NFS",
             "SQUASH", "NETWORKS");
  for (const auto& volume : *volumes) {
    const Json& nfs = volume["nfs"];
    fmt::print("{:<40} {:>12} {:>12} {:>12} {:>12} {:<5} {:<6} {}\n", text_of(volume["name"]),
               volume["objects"].get<uint64_t>(), files_quota_text(volume),
               human_size(volume["bytes"].get<uint64_t>()), quota_text(volume),
               nfs["read_only"].get<bool>() ? "ro" : "rw", text_of(nfs["squash"]), networks_text(nfs));
  }
  return 0;
}

int print_result(const VolumeOptions& options, const Result<Json>& volume) {
  if (!volume) return report_failure(volume.error());
  if (options.json) print_json(*volume);
  else print_volume(*volume);
  return 0;
}

Result<Json> show(const VolumeOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.volume(options.name);
}

int run_remove_clone(const VolumeOptions& options) {
  auto removed = [&]() -> Result<void> {
    TP_TRY(auto access, StoreAccess::open(options.location));
    const std::string path = "/v1/volumes/" + wire::percent_encode(options.name, wire::Slash::kEncode) + "/clone";
    TP_TRY_VOID(access.call("DELETE", path, {}, 204));
    return ok;
  }();
  if (!removed) return report_failure(removed.error());
  fmt::print("removed {}\n", options.name);
  return 0;
}

Result<Json> set(const VolumeOptions& options) {
  TP_TRY(const Json change, change_of(options));
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.set_volume(options.name, change);
}

void add_set_options(CLI::App& command, VolumeOptions* options) {
  command.add_option("--nfs-read-only", options->read_only, "Refuse changes over NFS")
      ->check(CLI::IsMember({"on", "off"}));
  command.add_option("--nfs-squash", options->squash, "Whose identity is not taken from the client")
      ->check(CLI::IsMember({"root", "all", "none"}));
  command.add_option("--nfs-anonymous", options->anonymous, "UID:GID that the squashed become");
  command.add_option("--nfs-networks", options->networks,
                     "Networks that may mount it, CIDR,...; default: those of the server's setting");
  command.add_option("--nfs-owner", options->owner, "UID:GID of what S3 users without a uid wrote");
  command.add_option("--nfs-modes", options->modes, "FILE:DIRECTORY modes of what S3 users wrote, in octal");
  command.add_option("--quota-bytes", options->quota_bytes, "Most bytes, such as 10GiB, or none");
  command.add_option("--quota-files", options->quota_files, "Most files, or none");
}

}  // namespace

void add_volume_command(CLI::App& app, Run* run) {
  auto options = std::make_shared<VolumeOptions>();
  auto* volume = app.add_subcommand("volume", "List, show and set volumes: exports and quotas");
  volume->require_subcommand(1);

  auto* listing = volume->add_subcommand("list", "List the volumes");
  add_location_options(*listing, &options->location);
  listing->add_flag("--json", options->json, "Print JSON");
  listing->callback([options, run] { *run = [options] { return run_list(*options); }; });

  auto* showing = volume->add_subcommand("show", "Print a volume's counts and settings");
  showing->add_option("NAME", options->name, "The volume")->required();
  add_location_options(*showing, &options->location);
  showing->add_flag("--json", options->json, "Print JSON");
  showing->callback([options, run] { *run = [options] { return print_result(*options, show(*options)); }; });

  auto* setting = volume->add_subcommand("set", "Change a volume's export rules and quotas; what is not given stays");
  setting->add_option("NAME", options->name, "The volume")->required();
  add_location_options(*setting, &options->location);
  add_set_options(*setting, options.get());
  setting->add_flag("--json", options->json, "Print JSON");
  setting->callback([options, run] { *run = [options] { return print_result(*options, set(*options)); }; });

  auto* removing = volume->add_subcommand("remove-clone", "Remove a clone of a snapshot with all that is in it");
  removing->add_option("NAME", options->name, "The clone")->required();
  add_location_options(*removing, &options->location);
  removing->callback([options, run] { *run = [options] { return run_remove_clone(*options); }; });
}

}  // namespace tp::cli
