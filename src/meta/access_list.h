// AccessList: S3 grants on a volume or an object. An empty list means the owner alone (FULL_CONTROL).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tp::meta {

enum class Permission : uint8_t { kRead = 1, kWrite = 2, kReadAcl = 4, kWriteAcl = 8, kFullControl = 15 };
enum class GranteeKind : uint8_t { kUser = 1, kAllUsers = 2, kAuthenticatedUsers = 3, kLogDelivery = 4 };

struct Grant {
  GranteeKind grantee = GranteeKind::kUser;
  std::string user_id;  // for kUser
  Permission permission = Permission::kRead;
  friend bool operator==(const Grant&, const Grant&) = default;
};

using AccessList = std::vector<Grant>;

}  // namespace tp::meta
