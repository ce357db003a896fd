// Binder: who may use which cache volume. The seam between the RESP front and whoever knows users and volumes (the
// server; tests have one in memory). The front decides no right itself. Any loop; calls may suspend.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cache/cache_volume.h"
#include "rt/task.h"

namespace tp::redis {

/// Who a connection speaks for.
struct Login {
  std::string user;            // what ACL WHOAMI says
  std::string tenant;          // whose reservation, quota and ledger page its entries count to
  std::string default_volume;  // bound at once; "": none, TP.BIND names one
};

/// A volume that a login may use.
struct Binding {
  std::shared_ptr<cache::CacheVolume> volume;
  std::string tenant;          // of the key space and the ledger
  bool may_write = false;      // false: commands that change anything answer NOPERM
};

class Binder {
 public:
  virtual ~Binder() = default;

  /// Whom a connection speaks for that has not said AUTH; nullopt: it is answered NOAUTH.
  virtual std::optional<Login> anonymous() = 0;

  /// AUTH and HELLO AUTH. `user` is "default" where the client named none; it may carry a volume: "alice@kv-volume",
  /// then the login's default volume. kUnauthenticated: unknown user or wrong secret (WRONGPASS). `peer_address` is
  /// for rules and logs.
  virtual Task<Login> authenticate(std::string user, std::string password, std::string peer_address) = 0;

  /// The volume of that name with the login's rights. kNotFound, kPermissionDenied: there is none it may use.
  virtual Task<Binding> bind(Login login, std::string volume) = 0;

  /// Grows whenever users, rights or volumes may have changed: connections then bind again before their next command,
  /// and lose what they may not use any more. Any thread; cheap.
  virtual uint64_t generation() const = 0;
};

}  // namespace tp::redis
