// Who a file belongs to, in the words of file protocols and of S3: the one place where the two meet. A user with a uid
// is the same principal in both.
#pragma once

#include <string>

#include "plane/core/core.h"

namespace tp::plane {

/// As a file protocol shows it.
struct PosixOwner {
  uint32_t uid = 0, gid = 0;
  uint32_t mode = 0;  // permission bits, setuid, setgid, sticky
};

/// What a file protocol set; else the uid and gid of the S3 user that owns the file (of a directory without owner: the
/// volume's), else the defaults of the volume's export rules, which also say the mode. Resolved at every call, so that
/// a user that gets a uid owns what it wrote before.
PosixOwner posix_owner(const Core& core, const meta::VolumeRecord& volume, const meta::InodeRecord& record);

/// The S3 owner of what `uid` makes: the user that has it, else the volume's owner.
std::string s3_owner_of(const Core& core, const meta::VolumeRecord& volume, uint32_t uid);

}  // namespace tp::plane
