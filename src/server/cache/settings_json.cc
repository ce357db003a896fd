#include "server/cache/settings_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cache/policy/policy.h"
#include "server/cache/shipped_profiles.h"
#include "server/config.h"

namespace tp::server {

namespace {

using Json = nlohmann::json;
using Settings = cache::CacheSettings;

constexpr uint64_t kMinDramBytes = 1 << 20;
constexpr uint64_t kMaxBytes = 1ull << 50;
constexpr size_t kMaxShares = 1024;
constexpr size_t kMaxTenantBytes = 256;
constexpr size_t kMaxProfileBytes = 32 << 10;

std::unexpected<Error> bad(const std::string& what) { return fail(Code::kInvalidArgument, what); }

/// A number of bytes, or text such as "4GiB".
Result<uint64_t> size_of(const std::string& name, const Json& value) {
  uint64_t size = 0;
  if (value.is_number_unsigned()) {
    size = value.get<uint64_t>();
  } else if (value.is_string()) {
    auto parsed = parse_size(value.get<std::string>());
    if (!parsed) return bad(name + " is not a size such as \"4GiB\"");
    size = *parsed;
  } else {
    return bad(name + " is not a size such as \"4GiB\"");
  }
  if (size > kMaxBytes) return bad(name + " is more than 1 PiB");
  return size;
}

Result<std::string> text_of(const std::string& name, const Json& value) {
  if (!value.is_string()) return bad(name + " is not a string");
  return value.get<std::string>();
}

Result<bool> flag_of(const std::string& name, const Json& value) {
  if (!value.is_boolean()) return bad(name + " is neither true nor false");
  return value.get<bool>();
}

Result<Settings::Share> share_of(const Json& value) {
  if (!value.is_object()) return bad("a share is not a JSON object");
  Settings::Share share;
  for (const auto& [name, field] : value.items()) {
    if (name == "tenant") {
      TP_TRY(share.tenant, text_of(name, field));
    } else if (name == "reserved_bytes") {
      TP_TRY(share.reserved_bytes, size_of(name, field));
    } else if (name == "quota_bytes") {
      TP_TRY(share.quota_bytes, size_of(name, field));
    } else {
      return bad("a share has no field " + name);
    }
  }
  if (!value.contains("tenant") || share.tenant.size() > kMaxTenantBytes) return bad("a share needs its tenant's name");
  if (share.quota_bytes != 0 && share.quota_bytes < share.reserved_bytes) {
    return bad(fmt::format("tenant {}: the quota is less than what is reserved", share.tenant));
  }
  return share;
}

/// In place of what the tenant had; nothing reserved and no quota: it has no share any more.
void put_share(Settings::Share share, Settings* settings) {
  std::erase_if(settings->shares, [&](const Settings::Share& old) { return old.tenant == share.tenant; });
  if (share.reserved_bytes != 0 || share.quota_bytes != 0) settings->shares.push_back(std::move(share));
}

Result<void> take_shares(const Json& value, Settings* settings) {
  if (!value.is_array()) return bad("shares is not an array");
  settings->shares.clear();
  for (const Json& one : value) {
    TP_TRY(auto share, share_of(one));
    put_share(std::move(share), settings);
  }
  return ok;
}

/// TOML as it is, or the name of a profile that comes with the server.
Result<std::string> profile_of(const Json& value) {
  TP_TRY(std::string text, text_of("profile", value));
  if (text.empty()) return text;
  if (text.find('=') == std::string::npos) {
    const auto shipped = shipped_profile(text);
    if (!shipped) return bad(fmt::format("there is no profile {}: known are {}", text, shipped_profile_names()));
    text = *shipped;
  }
  if (text.size() > kMaxProfileBytes) return bad("the profile is larger than 32 KiB");
  auto parsed = cache::parse_profile(text);
  if (!parsed) return bad("profile: " + parsed.error().message);
  return text;
}

Result<void> take_policy(const Json& value, bool made, Settings* settings) {
  TP_TRY(const std::string policy, text_of("policy", value));
  const auto& known = cache::policy_names();
  if (std::ranges::find(known, policy) == known.end()) {
    return bad(fmt::format("there is no policy {}: known are {}", policy, fmt::join(known, ", ")));
  }
  if (made && policy != settings->policy) return bad("the policy is chosen when the volume is made");
  settings->policy = policy;
  return ok;
}

Result<void> take_shared(const Json& value, bool made, Settings* settings) {
  TP_TRY(const bool shared, flag_of("shared", value));
  if (made && shared != settings->shared) return bad("shared is chosen when the volume is made");
  settings->shared = shared;
  return ok;
}

Result<void> take(const std::string& name, const Json& value, bool made, Settings* settings) {
  if (name == "capacity_bytes" || name == "capacity") {
    TP_TRY(settings->capacity_bytes, size_of(name, value));
  } else if (name == "dram_bytes" || name == "dram") {
    TP_TRY(settings->dram_bytes, size_of(name, value));
  } else if (name == "policy") {
    return take_policy(value, made, settings);
  } else if (name == "profile") {
    TP_TRY(settings->profile_toml, profile_of(value));
  } else if (name == "shared") {
    return take_shared(value, made, settings);
  } else if (name == "shares") {
    return take_shares(value, settings);
  } else if (name == "share") {
    TP_TRY(auto share, share_of(value));
    put_share(std::move(share), settings);
  } else {
    return bad("a cache volume has no setting " + name);
  }
  return ok;
}

Result<void> check(const Settings& settings) {
  if (settings.dram_bytes < kMinDramBytes) return bad("dram must be at least 1MiB");
  if (settings.shares.size() > kMaxShares) return bad("there are more than 1024 shares");
  uint64_t reserved = 0;
  for (const auto& share : settings.shares) reserved += share.reserved_bytes;
  if (reserved > settings.capacity_bytes + settings.dram_bytes) {
    return bad("more is reserved for tenants than the volume has");
  }
  return ok;
}

}  // namespace

cache::CacheSettings default_cache_settings() {
  Settings settings;
  settings.capacity_bytes = 1ull << 30;
  return settings;
}

Result<cache::CacheSettings> read_cache_settings(const std::string& json, const cache::CacheSettings& present,
                                                 bool made) {
  const Json fields = json.empty() ? Json::object() : Json::parse(json, nullptr, false);
  if (!fields.is_object()) return bad("the settings are not a JSON object");
  Settings settings = present;
  for (const auto& [name, value] : fields.items()) TP_TRY_VOID(take(name, value, made, &settings));
  TP_TRY_VOID(check(settings));
  return settings;
}

std::string cache_settings_json(const cache::CacheSettings& settings) {
  Json shares = Json::array();
  for (const auto& share : settings.shares) {
    shares.push_back(
        {{"tenant", share.tenant}, {"reserved_bytes", share.reserved_bytes}, {"quota_bytes", share.quota_bytes}});
  }
  const Json json = {{"capacity_bytes", settings.capacity_bytes},
                     {"dram_bytes", settings.dram_bytes},
                     {"policy", settings.policy},
                     {"profile", settings.profile_toml},
                     {"shared", settings.shared},
                     {"shares", std::move(shares)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tp::server
