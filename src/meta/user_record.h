// UserRecord: a principal with its key pairs. The root user comes from the environment and has no record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "rt/env/clock.h"

namespace tp::meta {

struct AccessKey {
  std::string access_key;
  std::string secret_key;
};

struct UserRecord {
  std::string id;     // canonical id: what ACLs and owners name
  std::string name;   // display name, unique
  std::string email;
  rt::Nanos created = 0;
  std::vector<AccessKey> keys;
  /// Who this is to file protocols; no two users have the same uid.
  std::optional<uint32_t> uid, gid;
};

Bytes encode_user(const UserRecord& record);
Result<UserRecord> decode_user(BytesView value);

}  // namespace tp::meta
