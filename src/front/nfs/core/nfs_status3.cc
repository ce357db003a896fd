#include "front/nfs/core/nfs_status3.h"

#include "plane/reason.h"

namespace tp::nfs {

namespace {

// The front's own errors carry kOwnReasons + Status3: a range that no floor below uses.
constexpr uint16_t kOwnReasons = 0xC000;
static_assert(static_cast<uint32_t>(Status3::kJukebox) + kOwnReasons <= UINT16_MAX);

// kOk: the reason says nothing of files; the code decides.
Status3 of_reason(plane::Reason reason) {
  using plane::Reason;
  switch (reason) {
    case Reason::kNone: return Status3::kOk;
    case Reason::kNoSuchVolume: return Status3::kStale;
    case Reason::kNoSuchKey: return Status3::kNoEnt;
    case Reason::kNoSuchUpload:
    case Reason::kNoSuchUser:
    case Reason::kVolumeExists:
    case Reason::kVolumeOwnedByCaller:
    case Reason::kVolumeNotEmpty:
    case Reason::kInvalidVolumeName: return Status3::kOk;
    // Names whose path is longer than S3's keys, or has no key.
    case Reason::kInvalidKey: return Status3::kInval;
    case Reason::kAccessDenied: return Status3::kAcces;
    case Reason::kAclNotSupported:
    case Reason::kInvalidPart:
    case Reason::kInvalidPartOrder:
    case Reason::kPartTooSmall:
    case Reason::kBadDigest:
    case Reason::kContentSha256Mismatch:
    case Reason::kChecksumMismatch:
    case Reason::kIncompleteBody: return Status3::kOk;
    case Reason::kEntityTooLarge: return Status3::kFbig;
    case Reason::kWriteOffset:
    case Reason::kTooManyParts:
    case Reason::kUploadSizeMismatch:
    case Reason::kInvalidChecksumType:
    case Reason::kCopyOntoItself:
    case Reason::kSourceConditionFailed:
    case Reason::kTooManyVolumes:
    case Reason::kUserExists:
    case Reason::kMalformedPolicy: return Status3::kOk;
    case Reason::kStale: return Status3::kStale;
    case Reason::kNotDirectory: return Status3::kNotDir;
    case Reason::kIsDirectory: return Status3::kIsDir;
    case Reason::kNotFile: return Status3::kInval;
    case Reason::kNameTooLong: return Status3::kNameTooLong;
    case Reason::kInvalidName: return Status3::kInval;
    case Reason::kTooManyLinks: return Status3::kMlink;
    case Reason::kCrossVolume: return Status3::kXdev;
    case Reason::kNotOwner: return Status3::kPerm;
    case Reason::kReadOnlyVolume: return Status3::kRofs;
    case Reason::kQuota: return Status3::kDquot;
    case Reason::kBadCookie: return Status3::kBadCookie;
    case Reason::kNoAttribute: return Status3::kNoEnt;
    case Reason::kAttributesTooLarge: return Status3::kNoSpc;
    case Reason::kFileTooLarge: return Status3::kFbig;
    case Reason::kNotSynchronized: return Status3::kNotSync;
    case Reason::kNotExported: return Status3::kAcces;
    case Reason::kNoSuchVersion:
    case Reason::kInvalidVersion:
    case Reason::kDeleteMarker:
    case Reason::kLockNotEnabled:
    case Reason::kVersioningState:
    case Reason::kInvalidRetention:
    case Reason::kRestoreInProgress:
    case Reason::kInvalidStorageClass: return Status3::kOk;
    // As of an immutable file: no right of the caller's would help.
    case Reason::kLocked: return Status3::kPerm;
    // Not kJukebox: clients would ask again until somebody restores it.
    case Reason::kOffline: return Status3::kIo;
    case Reason::kNoSuchSnapshot: return Status3::kNoEnt;
    case Reason::kSnapshotExists: return Status3::kExist;
    case Reason::kSnapshotInUse: return Status3::kNotEmpty;
  }
  return Status3::kOk;  // another floor's reason
}

Status3 of_code(Code code) {
  switch (code) {
    case Code::kInvalidArgument: return Status3::kInval;
    case Code::kMalformed: return Status3::kInval;
    case Code::kNotFound: return Status3::kNoEnt;
    case Code::kAlreadyExists: return Status3::kExist;
    case Code::kNotEmpty: return Status3::kNotEmpty;
    case Code::kPreconditionFailed: return Status3::kInval;
    case Code::kNotModified: return Status3::kServerFault;
    case Code::kPermissionDenied: return Status3::kAcces;
    case Code::kUnauthenticated: return Status3::kAcces;
    case Code::kOutOfRange: return Status3::kInval;
    case Code::kTooLarge: return Status3::kFbig;
    case Code::kNoSpace: return Status3::kNoSpc;
    case Code::kReadOnly: return Status3::kRofs;
    case Code::kIo: return Status3::kIo;
    case Code::kCorruption: return Status3::kIo;
    case Code::kConflict:
    case Code::kBusy:
    case Code::kUnavailable:
    case Code::kTimeout:
    case Code::kCancelled:
    case Code::kWouldBlock: return Status3::kJukebox;
    case Code::kClosed: return Status3::kIo;
    case Code::kNotImplemented: return Status3::kNotSupp;
    case Code::kInternal: return Status3::kServerFault;
  }
  return Status3::kServerFault;
}

}  // namespace

std::unexpected<Error> fail3(Status3 status, std::string message) {
  // Retryability must survive the journey for whoever looks at Code alone.
  Error error(status == Status3::kJukebox ? Code::kBusy : Code::kInvalidArgument, std::move(message));
  error.reason = static_cast<uint16_t>(kOwnReasons + static_cast<uint16_t>(status));
  return std::unexpected<Error>(std::move(error));
}

Status3 status3_of(const Error& error) {
  if (error.reason >= kOwnReasons) {
    const auto status = static_cast<Status3>(error.reason - kOwnReasons);
    return status3_name(status).empty() || status == Status3::kOk ? Status3::kServerFault : status;
  }
  // Busy is busy, whatever the reason says beside it.
  if (error.retryable()) return Status3::kJukebox;
  const Status3 finer = of_reason(static_cast<plane::Reason>(error.reason));
  return finer == Status3::kOk ? of_code(error.code) : finer;
}

std::string_view status3_name(Status3 status) {
  switch (status) {
    case Status3::kOk: return "NFS3_OK";
    case Status3::kPerm: return "NFS3ERR_PERM";
    case Status3::kNoEnt: return "NFS3ERR_NOENT";
    case Status3::kIo: return "NFS3ERR_IO";
    case Status3::kNxio: return "NFS3ERR_NXIO";
    case Status3::kAcces: return "NFS3ERR_ACCES";
    case Status3::kExist: return "NFS3ERR_EXIST";
    case Status3::kXdev: return "NFS3ERR_XDEV";
    case Status3::kNoDev: return "NFS3ERR_NODEV";
    case Status3::kNotDir: return "NFS3ERR_NOTDIR";
    case Status3::kIsDir: return "NFS3ERR_ISDIR";
    case Status3::kInval: return "NFS3ERR_INVAL";
    case Status3::kFbig: return "NFS3ERR_FBIG";
    case Status3::kNoSpc: return "NFS3ERR_NOSPC";
    case Status3::kRofs: return "NFS3ERR_ROFS";
    case Status3::kMlink: return "NFS3ERR_MLINK";
    case Status3::kNameTooLong: return "NFS3ERR_NAMETOOLONG";
    case Status3::kNotEmpty: return "NFS3ERR_NOTEMPTY";
    case Status3::kDquot: return "NFS3ERR_DQUOT";
    case Status3::kStale: return "NFS3ERR_STALE";
    case Status3::kRemote: return "NFS3ERR_REMOTE";
    case Status3::kBadHandle: return "NFS3ERR_BADHANDLE";
    case Status3::kNotSync: return "NFS3ERR_NOT_SYNC";
    case Status3::kBadCookie: return "NFS3ERR_BAD_COOKIE";
    case Status3::kNotSupp: return "NFS3ERR_NOTSUPP";
    case Status3::kTooSmall: return "NFS3ERR_TOOSMALL";
    case Status3::kServerFault: return "NFS3ERR_SERVERFAULT";
    case Status3::kBadType: return "NFS3ERR_BADTYPE";
    case Status3::kJukebox: return "NFS3ERR_JUKEBOX";
  }
  return {};
}

}  // namespace tp::nfs
