// CacheBinder: who may use which cache volume over RESP: the store's users by their key pairs, the rights that the
// plane's policies give, and what the configuration lets in without a user. Owner: RedisEndpoint. Any loop.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "front/redis/core/binder.h"
#include "plane/plane.h"
#include "rt/env/clock.h"
#include "server/cache/cache_volumes.h"

namespace tp::server {

class CacheBinder final : public redis::Binder {
 public:
  struct Options {
    plane::Plane* plane = nullptr;
    CacheVolumes* volumes = nullptr;
    rt::Clock* clock = nullptr;
    std::string password;           // of the user "default"; "": there is none
    std::string anonymous_volume;   // open to those who do not say AUTH; "": none
    std::string root_access_key;
  };
  explicit CacheBinder(Options options) : options_(std::move(options)) {}

  std::optional<redis::Login> anonymous() override;
  Task<redis::Login> authenticate(std::string user, std::string password, std::string peer_address) override;
  Task<redis::Binding> bind(redis::Login login, std::string volume) override;
  /// Also every second: users and policies have no bell that rings here.
  uint64_t generation() const override;

 private:
  /// The key pair that name and password are of; null: none.
  std::shared_ptr<const plane::Credential> credential(std::string_view user, std::string_view password) const;
  /// Whom a login stands for now; nullopt: the user is gone.
  std::optional<plane::Caller> caller_of(const redis::Login& login) const;
  /// The one cache volume that the caller may use, if there is one only.
  std::string only_volume(const plane::Caller& caller) const;

  const Options options_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> ids_;  // user id by name, of those who have logged in
};

}  // namespace tp::server
