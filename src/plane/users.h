// UserDirectory: every principal and key pair, in memory, written through to the shard. Root's keys come from the
// environment and are never stored. Lookups are lock-free for readers and may run on any loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "meta/meta_store.h"
#include "meta/user_record.h"
#include "plane/caller.h"

namespace tp::plane {

inline constexpr const char* kRootUserId = "root";

struct Credential {
  Caller caller;
  std::string secret_key;
};

/// What set() changes; only what is set.
struct UserChange {
  std::optional<std::optional<uint32_t>> uid, gid;  // an empty one takes it away
};

class UserDirectory {
 public:
  virtual ~UserDirectory() = default;
  virtual std::shared_ptr<const Credential> find_access_key(std::string_view access_key) const = 0;
  virtual std::optional<meta::UserRecord> find_user(std::string_view user_id) const = 0;  // root included, without keys
  virtual std::optional<meta::UserRecord> find_email(std::string_view email) const = 0;
  virtual std::optional<meta::UserRecord> find_uid(uint32_t uid) const = 0;
  virtual std::vector<meta::UserRecord> list() const = 0;  // by name; root is not among them
  /// Missing id and keys are made up. kAlreadyExists with Reason::kUserExists for a name, id, email, uid or access
  /// key in use.
  virtual Task<meta::UserRecord> add(meta::UserRecord user) = 0;
  /// By name or id. kNotFound with Reason::kNoSuchUser (root has no record); kAlreadyExists with kUserExists for a uid
  /// in use.
  virtual Task<meta::UserRecord> set(std::string name_or_id, UserChange change) = 0;
  /// By name or id. Refused (kNotEmpty) while the user owns volumes.
  virtual Task<void> remove(std::string name_or_id) = 0;
};

}  // namespace tp::plane
