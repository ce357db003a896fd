#include "plane/state/user_table.h"

#include <algorithm>

#include "meta/keys.h"
#include "meta/volume_record.h"
#include "plane/reason.h"
#include "rt/env/rng.h"

namespace tp::plane {
namespace {

std::string random_text(size_t size, std::string_view alphabet) {
  Bytes random(size, '\0');
  rt::secure_random({random.data(), random.size()});
  // The alphabets have 32 and 64 letters, so the low bits choose evenly.
  for (char& letter : random) letter = alphabet[static_cast<uint8_t>(letter) % alphabet.size()];
  return random;
}
std::string new_access_key() { return "TP" + random_text(18, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"); }
std::string new_secret_key() {
  return random_text(40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}
std::string new_user_id() {
  Bytes random(32, '\0');
  rt::secure_random({random.data(), random.size()});
  return to_hex(random);
}

meta::UserRecord root_user() {
  meta::UserRecord root;
  root.id = kRootUserId;
  root.name = "root";
  return root;
}

Error user_exists(std::string_view what) {
  return Error(Code::kAlreadyExists, Reason::kUserExists, std::string(what) + " is in use");
}

// (uid_t)-1 stands for "no change" in every system call that takes an id.
Result<void> check_ids(const std::optional<uint32_t>& uid, const std::optional<uint32_t>& gid) {
  if (uid != UINT32_MAX && gid != UINT32_MAX) return ok;
  return fail(Code::kInvalidArgument, "4294967295 is nobody's uid or gid");
}

meta::Change user_change(const meta::UserRecord& user, rt::Nanos time) {
  meta::Change change;
  change.kind = meta::ChangeKind::kUserChanged;
  change.key = user.id;
  change.time = time;
  return change;
}

Result<std::vector<meta::UserRecord>> read_users(meta::RecordSource& source) {
  std::vector<meta::UserRecord> users;
  Result<void> parsed;
  TP_TRY_VOID(source.scan(kv::Space::kMeta, meta::users_begin(), meta::users_end(), [&](BytesView, BytesView value) {
    auto user = meta::decode_user(value);
    if (user) users.push_back(std::move(*user));
    else parsed = std::unexpected(std::move(user.error()));
    return parsed.has_value();
  }));
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return users;
}

std::vector<meta::UserRecord>::iterator find_named(std::vector<meta::UserRecord>& users, std::string_view name_or_id) {
  auto found = std::ranges::find(users, name_or_id, &meta::UserRecord::id);
  return found != users.end() ? found : std::ranges::find(users, name_or_id, &meta::UserRecord::name);
}

Result<void> refuse_owner(meta::RecordSource& source, const std::string& user_id) {
  bool owner = false;
  Result<void> parsed;
  TP_TRY_VOID(
      source.scan(kv::Space::kMeta, meta::volumes_begin(), meta::volumes_end(), [&](BytesView, BytesView value) {
        auto volume = meta::decode_volume(value);
        if (!volume)
          parsed = std::unexpected(std::move(volume.error()));
        else
          owner = volume->owner == user_id;
        return parsed.has_value() && !owner;
      }));
  if (!parsed) return parsed;
  if (owner) return fail(Code::kNotEmpty, "the user still owns volumes");
  return ok;
}

}  // namespace

UserTable::UserTable(meta::MetaStore& meta, std::string root_access_key, std::string root_secret_key)
    : meta_(meta), snapshot_(std::make_shared<Snapshot>()) {
  auto root = std::make_shared<Credential>();
  root->caller.user_id = kRootUserId;
  root->caller.name = root_user().name;
  root->caller.root = true;
  root->secret_key = std::move(root_secret_key);
  // Without root keys (a command on a stopped store) nobody can sign as root.
  if (!root_access_key.empty()) {
    root_access_key_ = std::move(root_access_key);
    root_ = std::move(root);
  }
}

Task<void> UserTable::load() {
  TP_CO_TRY(auto users, co_await meta_.read([](meta::ReadView& view) { return read_users(view); }));
  auto fresh = std::make_shared<Snapshot>();
  for (const meta::UserRecord& user : users) index(*fresh, user);
  std::lock_guard lock(mutex_);
  snapshot_ = std::move(fresh);
  co_return ok;
}

std::shared_ptr<const UserTable::Snapshot> UserTable::snapshot() const {
  std::lock_guard lock(mutex_);
  return snapshot_;
}

void UserTable::publish(const std::function<void(Snapshot&)>& edit) {
  auto fresh = std::make_shared<Snapshot>(*snapshot());
  edit(*fresh);
  std::lock_guard lock(mutex_);
  snapshot_ = std::move(fresh);
}

void UserTable::index(Snapshot& snapshot, const meta::UserRecord& user) {
  snapshot.by_id.insert_or_assign(user.id, user);
  if (user.uid) snapshot.by_uid.insert_or_assign(*user.uid, user.id);
  for (const meta::AccessKey& key : user.keys) {
    auto credential = std::make_shared<Credential>();
    credential->caller.user_id = user.id;
    credential->caller.name = user.name;
    credential->secret_key = key.secret_key;
    snapshot.by_access_key.insert_or_assign(key.access_key, std::move(credential));
  }
}

void UserTable::forget(Snapshot& snapshot, const std::string& user_id) {
  std::erase_if(snapshot.by_access_key, [&](const auto& entry) { return entry.second->caller.user_id == user_id; });
  std::erase_if(snapshot.by_uid, [&](const auto& entry) { return entry.second == user_id; });
  snapshot.by_id.erase(user_id);
}

std::shared_ptr<const Credential> UserTable::find_access_key(std::string_view access_key) const {
  if (root_ != nullptr && access_key == root_access_key_) return root_;
  auto users = snapshot();
  auto found = users->by_access_key.find(access_key);
  return found == users->by_access_key.end() ? nullptr : found->second;
}

std::optional<meta::UserRecord> UserTable::find_user(std::string_view user_id) const {
  if (user_id == kRootUserId) return root_user();
  auto users = snapshot();
  auto found = users->by_id.find(user_id);
  if (found == users->by_id.end()) return std::nullopt;
  return found->second;
}

std::optional<meta::UserRecord> UserTable::find_email(std::string_view email) const {
  if (email.empty()) return std::nullopt;
  auto users = snapshot();
  for (const auto& [id, user] : users->by_id) {
    if (user.email == email) return user;
  }
  return std::nullopt;
}

std::optional<meta::UserRecord> UserTable::find_uid(uint32_t uid) const {
  auto users = snapshot();
  auto found = users->by_uid.find(uid);
  if (found == users->by_uid.end()) return std::nullopt;
  return users->by_id.find(found->second)->second;
}

PosixIds UserTable::posix_ids(std::string_view user_id) const {
  auto users = snapshot();
  auto found = users->by_id.find(user_id);
  if (found == users->by_id.end()) return {};
  return {found->second.uid, found->second.gid};
}

std::string UserTable::user_id_of(uint32_t uid) const {
  auto users = snapshot();
  auto found = users->by_uid.find(uid);
  return found == users->by_uid.end() ? std::string() : found->second;
}

std::vector<meta::UserRecord> UserTable::list() const {
  auto users = snapshot();
  std::vector<meta::UserRecord> all;
  for (const auto& [id, user] : users->by_id) all.push_back(user);
  std::ranges::sort(all, {}, &meta::UserRecord::name);
  return all;
}

Result<void> UserTable::refuse_duplicates(const std::vector<meta::UserRecord>& users,
                                          const meta::UserRecord& user) const {
  if (user.id == kRootUserId || user.name == root_user().name) {
    return std::unexpected(user_exists("the name or id of root"));
  }
  for (const meta::AccessKey& key : user.keys) {
    if (root_ != nullptr && key.access_key == root_access_key_) return std::unexpected(user_exists("the access key"));
  }
  for (const meta::UserRecord& other : users) {
    if (other.id == user.id) return std::unexpected(user_exists("the id"));
    if (other.name == user.name) return std::unexpected(user_exists("the name"));
    if (!user.email.empty() && other.email == user.email) return std::unexpected(user_exists("the email"));
    if (user.uid && other.uid == user.uid) return std::unexpected(user_exists("the uid"));
    for (const meta::AccessKey& key : user.keys) {
      if (std::ranges::find(other.keys, key.access_key, &meta::AccessKey::access_key) != other.keys.end()) {
        return std::unexpected(user_exists("the access key"));
      }
    }
  }
  return ok;
}

Task<meta::UserRecord> UserTable::add(meta::UserRecord user) {
  TP_CO_TRY_VOID(check_ids(user.uid, user.gid));
  if (user.name.empty()) co_return fail(Code::kInvalidArgument, "a user needs a name");
  if (user.id.empty()) user.id = new_user_id();
  if (user.keys.empty()) user.keys.emplace_back();
  for (meta::AccessKey& key : user.keys) {
    if (key.access_key.empty()) key.access_key = new_access_key();
    if (key.secret_key.empty()) key.secret_key = new_secret_key();
  }
  auto body = [this, &user](meta::Txn& txn) -> Result<meta::UserRecord> {
    // Out of the transaction, which sees those before it in the same group; the snapshot does not yet.
    TP_TRY(auto users, read_users(txn));
    TP_TRY_VOID(refuse_duplicates(users, user));
    user.created = txn.wall_now();
    txn.put(kv::Space::kMeta, meta::user_key(user.id), meta::encode_user(user));
    txn.journal(user_change(user, txn.wall_now()));
    txn.after_commit([this, added = user] { publish([&](Snapshot& users_now) { index(users_now, added); }); });
    return user;
  };
  co_return co_await meta_.transact(std::move(body));
}

Task<meta::UserRecord> UserTable::set(std::string name_or_id, UserChange change) {
  auto body = [this, &name_or_id, &change](meta::Txn& txn) -> Result<meta::UserRecord> {
    TP_TRY(auto users, read_users(txn));
    auto found = find_named(users, name_or_id);
    if (found == users.end()) return fail(Code::kNotFound, Reason::kNoSuchUser, "there is no such user");
    meta::UserRecord user = std::move(*found);
    users.erase(found);
    if (change.uid) user.uid = *change.uid;
    if (change.gid) user.gid = *change.gid;
    TP_TRY_VOID(check_ids(user.uid, user.gid));
    TP_TRY_VOID(refuse_duplicates(users, user));
    txn.put(kv::Space::kMeta, meta::user_key(user.id), meta::encode_user(user));
    txn.journal(user_change(user, txn.wall_now()));
    txn.after_commit([this, changed = user] {
      publish([&](Snapshot& users_now) {
        forget(users_now, changed.id);
        index(users_now, changed);
      });
    });
    return user;
  };
  co_return co_await meta_.transact(std::move(body));
}

Task<void> UserTable::remove(std::string name_or_id) {
  auto body = [this, &name_or_id](meta::Txn& txn) -> Result<void> {
    TP_TRY(auto users, read_users(txn));
    auto found = find_named(users, name_or_id);
    if (found == users.end()) return fail(Code::kNotFound, Reason::kNoSuchUser, "there is no such user");
    TP_TRY_VOID(refuse_owner(txn, found->id));
    txn.erase(kv::Space::kMeta, meta::user_key(found->id));
    txn.journal(user_change(*found, txn.wall_now()));
    txn.after_commit([this, id = found->id] { publish([&](Snapshot& users_now) { forget(users_now, id); }); });
    return ok;
  };
  co_return co_await meta_.transact(std::move(body));
}

}  // namespace tp::plane
