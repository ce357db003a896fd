// Who may do what with a file, and what becomes of owners and modes: POSIX's rules (IEEE Std 1003.1, chmod, chown,
// open, unlink, utimensat), where it leaves a choice as Linux has them. Pure. Errors are kPermissionDenied: with
// Reason::kAccessDenied (EACCES) where mode bits say no, kNotOwner (EPERM) where only an owner or root may.
#pragma once

#include "base/result.h"
#include "plane/file_types.h"

namespace tp::plane {

inline constexpr uint32_t kModeBits = 07777;
inline constexpr uint32_t kSetUserId = 04000, kSetGroupId = 02000, kSticky = 01000;

/// The Permission bits that the caller has.
uint32_t permissions_of(const FileCaller& caller, const FileAttributes& file);
Result<void> require(const FileCaller& caller, const FileAttributes& file, uint32_t wanted);
/// To read or write bytes: a protocol without opens lets the owner, whom open() let in before a chmod, and reads what
/// may be executed.
Result<void> require_bytes(const FileCaller& caller, const FileAttributes& file, uint32_t wanted, AccessCheck check);
/// To take the name of `entry` out of `directory`, also by renaming it or over it: sticky directories.
Result<void> require_removal(const FileCaller& caller, const FileAttributes& directory, const FileAttributes& entry);

struct FileOwnership {
  uint32_t mode = 0, uid = 0, gid = 0;
};
/// What a new file has: `set`'s mode, else `default_mode`; the caller's ids, or the group of a setgid directory.
/// kNotOwner if `set` gives it away.
Result<FileOwnership> ownership_of_new(const FileCaller& caller, const FileAttributes& directory, meta::InodeType type,
                                       uint32_t default_mode, const SetAttributes& set);
/// What the file has once `set` is applied: kNotOwner.
Result<FileOwnership> changed_ownership(const FileCaller& caller, const FileAttributes& file, const SetAttributes& set);
/// To set times: the owner; to now, also who may write.
Result<void> require_times(const FileCaller& caller, const FileAttributes& file, const SetAttributes& set);
/// A write or truncation by others than root takes setuid away, and setgid where the group may execute.
uint32_t mode_after_write(const FileCaller& caller, uint32_t mode);

}  // namespace tp::plane
