#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/store_access.h"

namespace tp::cli {

namespace {

using Json = nlohmann::json;

struct UserOptions {
  StoreLocation location;
  std::string name, id, email, access_key, secret_key;
  std::string uid, gid;  // empty: not said; "none"
  bool json = false;
};

/// A number, or "none", which is null.
Result<Json> id_of(const char* option, const std::string& text) {
  if (text == "none") return Json(nullptr);
  uint32_t id = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return fail(Code::kInvalidArgument, fmt::format("{}: not a number: {}", option, text));
  }
  return Json(id);
}

Result<void> put_ids(const UserOptions& options, Json* user) {
  if (!options.uid.empty()) {
    TP_TRY((*user)["uid"], id_of("--uid", options.uid));
  }
  if (!options.gid.empty()) {
    TP_TRY((*user)["gid"], id_of("--gid", options.gid));
  }
  return ok;
}

Result<Json> add(const UserOptions& options) {
  Json user = {{"name", options.name}};
  if (!options.id.empty()) user["id"] = options.id;
  if (!options.email.empty()) user["email"] = options.email;
  if (!options.access_key.empty()) user["access_key"] = options.access_key;
  if (!options.secret_key.empty()) user["secret_key"] = options.secret_key;
  TP_TRY_VOID(put_ids(options, &user));
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.add_user(user);
}

std::string id_text(const Json& id) { return id.is_number() ? std::to_string(id.get<uint32_t>()) : "-"; }

int run_add(const UserOptions& options) {
  auto added = add(options);
  if (!added) return report_failure(added.error());
  const Json& user = *added;
  if (options.json) {
    fmt::print("{}\n", user.dump(2));
    return 0;
  }
  fmt::print("user        {}\nid          {}\naccess key  {}\nsecret key  {}\n", user["name"].get<std::string>(),
             user["id"].get<std::string>(), user["access_key"].get<std::string>(),
             user["secret_key"].get<std::string>());
  return 0;
}

Result<Json> list(const UserOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.users();
}

int run_list(const UserOptions& options) {
  auto users = list(options);
  if (!users) return report_failure(users.error());
  if (options.json) {
    fmt::print("{}\n", users->dump(2));
    return 0;
  }
  fmt::print("{:<24} {:<66} {:<28} {:>10} {:>10} {}\n", "NAME", "ID", "EMAIL", "UID", "GID", "ACCESS KEYS");
  for (const auto& user : *users) {
    std::string keys;
    for (const auto& key : user["access_keys"]) keys += (keys.empty() ? "" : " ") + key.get<std::string>();
    fmt::print("{:<24} {:<66} {:<28} {:>10} {:>10} {}\n", user["name"].get<std::string>(),
               user["id"].get<std::string>(), user["email"].get<std::string>(), id_text(user["uid"]),
               id_text(user["gid"]), keys);
  }
  return 0;
}

Result<Json> set(const UserOptions& options) {
  Json change = Json::object();
  TP_TRY_VOID(put_ids(options, &change));
  if (change.empty()) return fail(Code::kInvalidArgument, "nothing to set: give --uid or --gid");
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.set_user(options.name, change);
}

int run_set(const UserOptions& options) {
  auto user = set(options);
  if (!user) return report_failure(user.error());
  if (options.json) {
    fmt::print("{}\n", user->dump(2));
    return 0;
  }
  fmt::print("user        {}\nid          {}\nuid         {}\ngid         {}\n", (*user)["name"].get<std::string>(),
             (*user)["id"].get<std::string>(), id_text((*user)["uid"]), id_text((*user)["gid"]));
  return 0;
}

Result<void> remove(const UserOptions& options) {
  TP_TRY(auto access, StoreAccess::open(options.location));
  return access.remove_user(options.name);
}

int run_remove(const UserOptions& options) {
  auto removed = remove(options);
  if (!removed) return report_failure(removed.error());
  fmt::print("removed {}\n", options.name);
  return 0;
}

}  // namespace

void add_user_command(CLI::App& app, Run* run) {
  auto options = std::make_shared<UserOptions>();
  auto* user = app.add_subcommand("user", "Add, list, change and remove users and their key pairs");
  user->require_subcommand(1);

  auto* adding = user->add_subcommand("add", "Add a user; prints its key pair");
  adding->add_option("NAME", options->name, "Display name, unique")->required();
  add_location_options(*adding, &options->location);
  adding->add_option("--id", options->id, "Canonical id (made up if not given)");
  adding->add_option("--email", options->email, "E-mail address, for ACL grants by e-mail");
  auto* access = adding->add_option("--access-key", options->access_key, "Access key (made up if not given)");
  auto* secret = adding->add_option("--secret-key", options->secret_key, "Secret key (made up if not given)");
  adding->add_option("--uid", options->uid, "Whose files these are over NFS: one user a uid");
  adding->add_option("--gid", options->gid, "Their group");
  access->needs(secret);
  secret->needs(access);
  adding->add_flag("--json", options->json, "Print JSON");
  adding->callback([options, run] { *run = [options] { return run_add(*options); }; });

  auto* listing = user->add_subcommand("list", "List the users");
  add_location_options(*listing, &options->location);
  listing->add_flag("--json", options->json, "Print JSON");
  listing->callback([options, run] { *run = [options] { return run_list(*options); }; });

  auto* setting = user->add_subcommand("set", "Change who a user is over NFS");
  setting->add_option("NAME", options->name, "Name or canonical id")->required();
  add_location_options(*setting, &options->location);
  setting->add_option("--uid", options->uid, "A number that no other user has, or none");
  setting->add_option("--gid", options->gid, "A number, or none");
  setting->add_flag("--json", options->json, "Print JSON");
  setting->callback([options, run] { *run = [options] { return run_set(*options); }; });

  auto* removing = user->add_subcommand("remove", "Remove a user that owns no volumes");
  removing->add_option("NAME", options->name, "Name or canonical id")->required();
  add_location_options(*removing, &options->location);
  removing->callback([options, run] { *run = [options] { return run_remove(*options); }; });
}

}  // namespace tp::cli
