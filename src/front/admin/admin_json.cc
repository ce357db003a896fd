#include "front/admin/admin_json.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "wire/text/timestamp.h"

namespace tp::admin {

namespace {

using Json = nlohmann::json;

struct SquashName {
  meta::Squash squash;
  const char* name;
};
constexpr std::array<SquashName, 3> kSquashNames = {
    {{meta::Squash::kRoot, "root"}, {meta::Squash::kAll, "all"}, {meta::Squash::kNone, "none"}}};

// (uid_t)-1 stands for "no change" in every system call that takes an id.
constexpr uint64_t kMaxId = UINT32_MAX - 1;
constexpr uint32_t kMaxMode = 07777;

std::string octal(uint32_t mode) {
  std::array<char, 8> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), mode, 8);
  return "0" + std::string(digits.data(), written.ptr);
}

/// A JSON object whose fields are taken out one by one; done() refuses what is left.
class Fields {
 public:
  static Result<Fields> parse(BytesView body) {
    Json json = Json::parse(body, nullptr, false);
    if (!json.is_object()) return fail(Code::kMalformed, "the body is not a JSON object");
    return Fields(std::move(json));
  }
  explicit Fields(Json json) : json_(std::move(json)) {}

  /// nullopt if the field is not there.
  std::optional<Json> take(const char* name) {
    const auto found = json_.find(name);
    if (found == json_.end()) return std::nullopt;
    Json value = std::move(*found);
    json_.erase(found);
    return value;
  }
  bool has(const char* name) const { return json_.contains(name); }
  Result<void> text(const char* name, std::string* out) {
    const auto value = take(name);
    if (!value) return ok;
    if (!value->is_string()) return fail(Code::kMalformed, std::string(name) + " is not a string");
    *out = value->get<std::string>();
    return ok;
  }
  template <class Number>
  Result<void> number(const char* name, uint64_t most, std::optional<Number>* out) {
    const auto value = take(name);
    if (!value) return ok;
    if (!value->is_number_unsigned() || value->get<uint64_t>() > most) {
      return fail(Code::kMalformed, std::string(name) + " is not a number from 0 to " + std::to_string(most));
    }
    *out = static_cast<Number>(value->get<uint64_t>());
    return ok;
  }
  /// Null takes the number away.
  Result<void> number_or_null(const char* name, uint64_t most, std::optional<std::optional<uint32_t>>* out) {
    if (const auto found = json_.find(name); found != json_.end() && found->is_null()) {
      json_.erase(found);
      out->emplace(std::nullopt);
      return ok;
    }
    std::optional<uint32_t> value;
    TP_TRY_VOID(number(name, most, &value));
    if (value) *out = value;
    return ok;
  }
  Result<void> boolean(const char* name, std::optional<bool>* out) {
    const auto value = take(name);
    if (!value) return ok;
    if (!value->is_boolean()) return fail(Code::kMalformed, std::string(name) + " is neither true nor false");
    *out = value->get<bool>();
    return ok;
  }
  /// Octal digits, as chmod takes them.
  Result<void> mode(const char* name, std::optional<uint32_t>* out) {
    if (!json_.contains(name)) return ok;
    std::string digits;
    TP_TRY_VOID(text(name, &digits));
    uint32_t mode = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), mode, 8);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || mode > kMaxMode) {
      return fail(Code::kMalformed, std::string(name) + " is not a mode such as \"0644\"");
    }
    *out = mode;
    return ok;
  }
  Result<void> done() const {
    if (json_.empty()) return ok;
    return fail(Code::kMalformed, "there is no field " + json_.begin().key());
  }

 private:
  Json json_;
};

/// Two numbers that are one setting: both or neither.
using Pair = std::pair<uint32_t, uint32_t>;
Result<std::optional<Pair>> together(const char* names, std::optional<uint32_t> first,
                                     std::optional<uint32_t> second) {
  if (first.has_value() != second.has_value()) {
    return fail(Code::kMalformed, std::string(names) + " come together or not at all");
  }
  if (!first) return std::optional<Pair>();
  return std::optional(Pair(*first, *second));
}

Result<void> take_squash(Fields& fields, std::optional<meta::Squash>* squash) {
  const auto value = fields.take("squash");
  if (!value) return ok;
  for (const SquashName& known : kSquashNames) {
    if (*value == known.name) *squash = known.squash;
  }
  if (!*squash) return fail(Code::kMalformed, "squash is none of \"root\", \"all\" and \"none\"");
  return ok;
}

Result<void> take_networks(Fields& fields, std::optional<std::vector<std::string>>* networks) {
  const auto value = fields.take("networks");
  if (!value) return ok;
  networks->emplace();
  if (!value->is_array()) return fail(Code::kMalformed, "networks is not an array");
  for (const Json& network : *value) {
    if (!network.is_string()) return fail(Code::kMalformed, "networks holds something that is not a string");
    (*networks)->push_back(network.get<std::string>());
  }
  return ok;
}

Result<plane::ExportChange> parse_exports(Json json) {
  if (!json.is_object()) return fail(Code::kMalformed, "nfs is not a JSON object");
  Fields fields(std::move(json));
  plane::ExportChange change;
  TP_TRY_VOID(fields.boolean("read_only", &change.read_only));
  TP_TRY_VOID(take_squash(fields, &change.squash));
  TP_TRY_VOID(take_networks(fields, &change.networks));
  std::optional<uint32_t> uid, gid, default_uid, default_gid, file_mode, directory_mode;
  TP_TRY_VOID(fields.number("anonymous_uid", kMaxId, &uid));
  TP_TRY_VOID(fields.number("anonymous_gid", kMaxId, &gid));
  TP_TRY_VOID(fields.number("default_uid", kMaxId, &default_uid));
  TP_TRY_VOID(fields.number("default_gid", kMaxId, &default_gid));
  TP_TRY_VOID(fields.mode("file_mode", &file_mode));
  TP_TRY_VOID(fields.mode("directory_mode", &directory_mode));
  TP_TRY_VOID(fields.done());
  TP_TRY(change.anonymous, together("anonymous_uid and anonymous_gid", uid, gid));
  TP_TRY(change.default_owner, together("default_uid and default_gid", default_uid, default_gid));
  TP_TRY(change.modes, together("file_mode and directory_mode", file_mode, directory_mode));
  return change;
}

Json exports_json(const meta::ExportRules& rules) {
  const char* squash = "root";
  for (const SquashName& known : kSquashNames) {
    if (known.squash == rules.squash) squash = known.name;
  }
  return {{"read_only", rules.read_only},
          {"squash", squash},
          {"anonymous_uid", rules.anonymous_uid},
          {"anonymous_gid", rules.anonymous_gid},
          {"networks", rules.networks},
          {"default_uid", rules.default_uid},
          {"default_gid", rules.default_gid},
          {"file_mode", octal(rules.file_mode)},
          {"directory_mode", octal(rules.directory_mode)}};
}

Json id_json(const std::optional<uint32_t>& id) { return id ? Json(*id) : Json(nullptr); }

}  // namespace

Bytes dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json user_json(const meta::UserRecord& user, bool with_secret) {
  Json keys = Json::array();
  for (const auto& key : user.keys) keys.push_back(key.access_key);
  Json json = {{"name", user.name},          {"id", user.id},           {"email", user.email},
               {"access_keys", keys},        {"uid", id_json(user.uid)}, {"gid", id_json(user.gid)}};
  if (with_secret && !user.keys.empty()) {
    json["access_key"] = user.keys.front().access_key;
    json["secret_key"] = user.keys.front().secret_key;
  }
  return json;
}

Result<meta::UserRecord> parse_user(BytesView body) {
  TP_TRY(Fields fields, Fields::parse(body));
  meta::UserRecord user;
  std::string access_key;
  std::string secret_key;
  TP_TRY_VOID(fields.text("name", &user.name));
  TP_TRY_VOID(fields.text("id", &user.id));
  TP_TRY_VOID(fields.text("email", &user.email));
  TP_TRY_VOID(fields.text("access_key", &access_key));
  TP_TRY_VOID(fields.text("secret_key", &secret_key));
  TP_TRY_VOID(fields.number("uid", kMaxId, &user.uid));
  TP_TRY_VOID(fields.number("gid", kMaxId, &user.gid));
  TP_TRY_VOID(fields.done());
  if (user.name.empty()) return fail(Code::kInvalidArgument, "a user needs a name");
  if (access_key.empty() != secret_key.empty()) {
    return fail(Code::kInvalidArgument, "access_key and secret_key come together or not at all");
  }
  if (!access_key.empty()) user.keys.push_back({access_key, secret_key});
  return user;
}

Result<plane::UserChange> parse_user_change(BytesView body) {
  TP_TRY(Fields fields, Fields::parse(body));
  plane::UserChange change;
  TP_TRY_VOID(fields.number_or_null("uid", kMaxId, &change.uid));
  TP_TRY_VOID(fields.number_or_null("gid", kMaxId, &change.gid));
  TP_TRY_VOID(fields.done());
  return change;
}

Json volume_json(const meta::VolumeRecord& volume, const meta::VolumeCounters& counters) {
  return {{"name", volume.name},
          {"owner", volume.owner},
          {"created", wire::iso8601(volume.created)},
          {"objects", counters.objects},
          {"bytes", counters.bytes},
          {"uploads", counters.uploads},
          {"upload_bytes", counters.upload_bytes},
          {"quota_bytes", volume.quota_bytes},
          {"quota_files", volume.quota_objects},
          {"snapshot_schedule", volume.snapshot_schedule},
          {"clone", volume.base_at.value != 0},
          {"nfs", exports_json(volume.exports)}};
}

Result<plane::VolumeChange> parse_volume_change(BytesView body) {
  TP_TRY(Fields fields, Fields::parse(body));
  plane::VolumeChange change;
  TP_TRY_VOID(fields.number("quota_bytes", UINT64_MAX, &change.quota_bytes));
  TP_TRY_VOID(fields.number("quota_files", UINT64_MAX, &change.quota_objects));
  if (fields.has("snapshot_schedule")) {
    TP_TRY_VOID(fields.text("snapshot_schedule", &change.snapshot_schedule.emplace()));
  }
  if (auto exports = fields.take("nfs")) {
    TP_TRY(change.exports, parse_exports(std::move(*exports)));
  }
  TP_TRY_VOID(fields.done());
  return change;
}

}  // namespace tp::admin
