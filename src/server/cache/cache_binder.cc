#include "server/cache/cache_binder.h"

#include "plane/rights/rights.h"

namespace tp::server {

namespace {

constexpr const char* kDefaultUser = "default";
/// The tenant of the operator's password. Of a user's login both names are the user's, so nobody comes to this pair.
constexpr const char* kPasswordTenant = "(operator)";

struct Rights {
  bool read = false, write = false;
};

/// Policies speak of keys; a cache's clients get the whole volume or nothing, so all keys are asked for.
Rights rights_of(const plane::Caller& caller, const meta::VolumeRecord& record) {
  const auto volume = plane::make_volume_entry(record);
  if (!volume) return {};
  const auto may = [&](plane::Action action) { return plane::may_on_object(caller, **volume, action, "", nullptr); };
  return {may(plane::Action::kGetObject), may(plane::Action::kPutObject) && may(plane::Action::kDeleteObject)};
}

std::unexpected<Error> wrong() { return fail(Code::kUnauthenticated, "invalid username-password pair"); }

}  // namespace

uint64_t CacheBinder::generation() const {
  return options_.volumes->generation() + static_cast<uint64_t>(options_.clock->now() / rt::kSecond);
}

std::optional<redis::Login> CacheBinder::anonymous() {
  if (options_.anonymous_volume.empty()) return std::nullopt;
  redis::Login login;
  login.user = kDefaultUser;
  login.default_volume = options_.anonymous_volume;
  return login;
}

std::shared_ptr<const plane::Credential> CacheBinder::credential(std::string_view user,
                                                                 std::string_view password) const {
  const auto& users = options_.plane->users();
  const auto matches = [&](const std::shared_ptr<const plane::Credential>& found) {
    return found != nullptr && equal_constant_time(found->secret_key, password);
  };
  if (auto found = users.find_access_key(user); matches(found)) return found;
  if (user == "root") {
    auto root = users.find_access_key(options_.root_access_key);
    return matches(root) ? root : nullptr;
  }
  for (const auto& record : users.list()) {
    if (record.name != user) continue;
    for (const auto& key : record.keys) {
      if (auto found = users.find_access_key(key.access_key); matches(found)) return found;
    }
  }
  return nullptr;
}

std::string CacheBinder::only_volume(const plane::Caller& caller) const {
  std::string only;
  for (const auto& engine : options_.volumes->cache().list()) {
    const auto record = options_.plane->volume(engine->name());
    if (!record || !rights_of(caller, **record).read) continue;
    if (!only.empty()) return {};
    only = engine->name();
  }
  return only;
}

Task<redis::Login> CacheBinder::authenticate(std::string user, std::string password, std::string peer_address) {
  (void)peer_address;
  redis::Login login;
  auto found = credential(user, password);
  if (found == nullptr) {
    // "alice@kv-volume": what stands behind the last '@' is the volume.
    if (const size_t at = user.rfind('@'); at != std::string::npos) {
      login.default_volume = user.substr(at + 1);
      user.resize(at);
      found = credential(user, password);
    }
  }
  if (found == nullptr) {
    const bool operators =
        user == kDefaultUser && !options_.password.empty() && equal_constant_time(options_.password, password);
    if (!operators) co_return wrong();
    plane::Caller root;
    root.root = true;
    login.user = kDefaultUser;
    login.tenant = kPasswordTenant;
    if (login.default_volume.empty()) login.default_volume = options_.anonymous_volume;
    if (login.default_volume.empty()) login.default_volume = only_volume(root);
    co_return login;
  }
  login.user = login.tenant = found->caller.name;
  if (login.default_volume.empty()) login.default_volume = only_volume(found->caller);
  if (login.default_volume.empty()) login.default_volume = options_.anonymous_volume;
  const std::lock_guard lock(mutex_);
  ids_[login.user] = found->caller.user_id;
  co_return login;
}

std::optional<plane::Caller> CacheBinder::caller_of(const redis::Login& login) const {
  plane::Caller caller;
  if (login.user == kDefaultUser && login.tenant == kPasswordTenant) {
    caller.root = true;
    return caller;
  }
  {
    const std::lock_guard lock(mutex_);
    const auto id = ids_.find(login.user);
    if (id == ids_.end()) return caller;  // who has not said AUTH
    caller.user_id = id->second;
  }
  const auto record = options_.plane->users().find_user(caller.user_id);
  if (!record) return std::nullopt;
  caller.name = record->name;
  caller.root = caller.user_id == plane::kRootUserId;
  return caller;
}

Task<redis::Binding> CacheBinder::bind(redis::Login login, std::string volume) {
  const auto record = options_.plane->volume(volume);
  if (!record || (*record)->kind != meta::VolumeKind::kCache) {
    co_return fail(Code::kNotFound, "there is no cache volume " + volume);
  }
  redis::Binding binding;
  binding.tenant = login.tenant;
  const bool open_to_all = !options_.anonymous_volume.empty() && volume == options_.anonymous_volume;
  Rights rights{open_to_all, open_to_all};
  if (!open_to_all) {
    const auto caller = caller_of(login);
    if (caller) rights = rights_of(*caller, **record);
  }
  // Who may not read it hears that it is not there: names of volumes are nobody's business.
  if (!rights.read) co_return fail(Code::kPermissionDenied, "there is no cache volume " + volume + " for this user");
  TP_CO_TRY(binding.volume, options_.volumes->engine(volume));
  binding.may_write = rights.write;
  co_return binding;
}

}  // namespace tp::server
