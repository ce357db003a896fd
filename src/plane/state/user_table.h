// UserTable: the UserDirectory over the shard's records: an immutable snapshot in memory, swapped when a change is
// durable.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "plane/users.h"

namespace tp::plane {

/// Who a user is to file protocols.
struct PosixIds {
  std::optional<uint32_t> uid, gid;
};

class UserTable final : public UserDirectory {
 public:
  UserTable(meta::MetaStore& meta, std::string root_access_key, std::string root_secret_key);

  Task<void> load();

  std::shared_ptr<const Credential> find_access_key(std::string_view access_key) const override;
  std::optional<meta::UserRecord> find_user(std::string_view user_id) const override;
  std::optional<meta::UserRecord> find_email(std::string_view email) const override;
  std::optional<meta::UserRecord> find_uid(uint32_t uid) const override;
  std::vector<meta::UserRecord> list() const override;
  Task<meta::UserRecord> add(meta::UserRecord user) override;
  Task<meta::UserRecord> set(std::string name_or_id, UserChange change) override;
  Task<void> remove(std::string name_or_id) override;

  /// Without copying a record: asked for every file that a listing shows. Neither for a user that is not there.
  PosixIds posix_ids(std::string_view user_id) const;
  /// Empty if no user has it.
  std::string user_id_of(uint32_t uid) const;

 private:
  struct Snapshot {
    std::map<std::string, meta::UserRecord, std::less<>> by_id;
    std::map<std::string, std::shared_ptr<const Credential>, std::less<>> by_access_key;
    std::unordered_map<uint32_t, std::string> by_uid;  // the id
  };
  std::shared_ptr<const Snapshot> snapshot() const;
  /// Shard thread: a copy changed by `edit` becomes the snapshot.
  void publish(const std::function<void(Snapshot&)>& edit);
  static void index(Snapshot& snapshot, const meta::UserRecord& user);
  static void forget(Snapshot& snapshot, const std::string& user_id);
  Result<void> refuse_duplicates(const std::vector<meta::UserRecord>& users, const meta::UserRecord& user) const;

  meta::MetaStore& meta_;
  std::string root_access_key_;
  std::shared_ptr<const Credential> root_;  // null: nobody can sign as root
  mutable std::mutex mutex_;  // held only to copy or swap the pointer
  std::shared_ptr<const Snapshot> snapshot_;
};

}  // namespace tp::plane
