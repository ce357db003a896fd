#include "plane/rights/posix_owner.h"

namespace tp::plane {

PosixOwner posix_owner(const Core& core, const meta::VolumeRecord& volume, const meta::InodeRecord& record) {
  if (record.posix) return {record.uid, record.gid, record.mode};
  const bool directory = record.type == meta::InodeType::kDirectory;
  const meta::ExportRules& rules = volume.exports;
  PosixOwner owner{rules.default_uid, rules.default_gid, directory ? rules.directory_mode : rules.file_mode};
  const PosixIds ids = core.users.posix_ids(record.owner.empty() ? volume.owner : record.owner);
  if (ids.uid) owner.uid = *ids.uid;
  if (ids.gid) owner.gid = *ids.gid;
  return owner;
}

std::string s3_owner_of(const Core& core, const meta::VolumeRecord& volume, uint32_t uid) {
  std::string user = core.users.user_id_of(uid);
  return user.empty() ? volume.owner : user;
}

}  // namespace tp::plane
