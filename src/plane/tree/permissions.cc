#include "plane/tree/permissions.h"

#include <algorithm>

#include "plane/reason.h"

namespace tp::plane {
namespace {

constexpr uint32_t kAnyExecute = 0111, kGroupExecute = 0010;

bool owns(const FileCaller& caller, const FileAttributes& file) {
  return caller.super_user || caller.uid == file.uid;
}

std::unexpected<Error> denied() {
  return fail(Code::kPermissionDenied, Reason::kAccessDenied, "the file's mode does not allow it");
}

std::unexpected<Error> not_owner() {
  return fail(Code::kPermissionDenied, Reason::kNotOwner, "only the file's owner may");
}

/// A change of owner must not hand on what the bits lend.
uint32_t without_lent_rights(uint32_t mode) {
  mode &= ~kSetUserId;
  return (mode & kGroupExecute) != 0 ? mode & ~kSetGroupId : mode;
}

}  // namespace

bool FileCaller::in_group(uint32_t wanted) const {
  return gid == wanted || std::ranges::find(groups, wanted) != groups.end();
}

uint32_t permissions_of(const FileCaller& caller, const FileAttributes& file) {
  if (caller.super_user) {
    const bool execute = file.type == meta::InodeType::kDirectory || (file.mode & kAnyExecute) != 0;
    return kMayRead | kMayWrite | (execute ? kMayExecute : 0u);
  }
  // The first class that the caller is in decides, though a later one may allow more.
  const unsigned shift = caller.uid == file.uid ? 6 : caller.in_group(file.gid) ? 3 : 0;
  const uint32_t bits = file.mode >> shift;
  uint32_t permissions = 0;
  if ((bits & 4) != 0) permissions |= kMayRead;
  if ((bits & 2) != 0) permissions |= kMayWrite;
  if ((bits & 1) != 0) permissions |= kMayExecute;
  return permissions;
}

Result<void> require(const FileCaller& caller, const FileAttributes& file, uint32_t wanted) {
  if ((permissions_of(caller, file) & wanted) == wanted) return ok;
  return denied();
}

Result<void> require_bytes(const FileCaller& caller, const FileAttributes& file, uint32_t wanted, AccessCheck check) {
  if (check == AccessCheck::kOpened || owns(caller, file)) return ok;
  uint32_t permissions = permissions_of(caller, file);
  if ((permissions & kMayExecute) != 0) permissions |= kMayRead;
  if ((permissions & wanted) == wanted) return ok;
  return denied();
}

Result<void> require_removal(const FileCaller& caller, const FileAttributes& directory, const FileAttributes& entry) {
  TP_TRY_VOID(require(caller, directory, kMayWrite | kMayExecute));
  if ((directory.mode & kSticky) == 0 || owns(caller, directory) || owns(caller, entry)) return ok;
  return not_owner();
}

Result<FileOwnership> ownership_of_new(const FileCaller& caller, const FileAttributes& directory, meta::InodeType type,
                                       uint32_t default_mode, const SetAttributes& set) {
  FileOwnership own{set.mode.value_or(default_mode) & kModeBits, caller.uid, caller.gid};
  const bool inherits = (directory.mode & kSetGroupId) != 0;
  if (inherits) own.gid = directory.gid;
  if (set.uid && *set.uid != own.uid) {
    if (!caller.super_user) return not_owner();
    own.uid = *set.uid;
  }
  if (set.gid && *set.gid != own.gid) {
    if (!caller.super_user && !caller.in_group(*set.gid)) return not_owner();
    own.gid = *set.gid;
  }
  if (type == meta::InodeType::kDirectory) {
    if (inherits) own.mode |= kSetGroupId;
  } else if (!caller.super_user && !caller.in_group(own.gid)) {
    own.mode &= ~kSetGroupId;
  }
  return own;
}

Result<FileOwnership> changed_ownership(const FileCaller& caller, const FileAttributes& file,
                                        const SetAttributes& set) {
  FileOwnership own{file.mode, file.uid, file.gid};
  if (set.uid || set.gid) {
    if (!owns(caller, file)) return not_owner();
    own.uid = set.uid.value_or(own.uid);
    own.gid = set.gid.value_or(own.gid);
    if (own.uid != file.uid && !caller.super_user) return not_owner();
    if (own.gid != file.gid && !caller.super_user && !caller.in_group(own.gid)) return not_owner();
    if (file.type != meta::InodeType::kDirectory) own.mode = without_lent_rights(own.mode);
  }
  if (set.mode) {
    if (!owns(caller, file)) return not_owner();
    own.mode = *set.mode & kModeBits;
    if (!caller.super_user && !caller.in_group(own.gid)) own.mode &= ~kSetGroupId;
  }
  return own;
}

Result<void> require_times(const FileCaller& caller, const FileAttributes& file, const SetAttributes& set) {
  if (owns(caller, file)) return ok;
  if (set.accessed || set.modified) return not_owner();
  if (set.accessed_now || set.modified_now) return require(caller, file, kMayWrite);
  return ok;
}

uint32_t mode_after_write(const FileCaller& caller, uint32_t mode) {
  return caller.super_user ? mode : without_lent_rights(mode);
}

}  // namespace tp::plane
