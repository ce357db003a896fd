#include "front/nfs/v4/nfs_status4.h"

#include "plane/reason.h"

namespace tp::nfs::v4 {

namespace {

// This folder's own errors carry kOwnReasons + Status: a range that no floor below uses.
constexpr uint32_t kOwnReasons = 0x8000;
constexpr uint32_t kLastStatus = 10096;

// kOk: the reason says nothing of files; the code decides.
Status of_reason(plane::Reason reason) {
  using plane::Reason;
  switch (reason) {
    case Reason::kNone: return Status::kOk;
    case Reason::kNoSuchVolume: return Status::kStale;
    case Reason::kNoSuchKey: return Status::kNoEnt;
    case Reason::kNoSuchUpload:
    case Reason::kNoSuchUser:
    case Reason::kVolumeExists:
    case Reason::kVolumeOwnedByCaller:
    case Reason::kVolumeNotEmpty:
    case Reason::kInvalidVolumeName: return Status::kOk;
    // Names whose path is longer than S3's keys, or has no key.
    case Reason::kInvalidKey: return Status::kInval;
    case Reason::kAccessDenied: return Status::kAccess;
    case Reason::kAclNotSupported:
    case Reason::kInvalidPart:
    case Reason::kInvalidPartOrder:
    case Reason::kPartTooSmall:
    case Reason::kBadDigest:
    case Reason::kContentSha256Mismatch:
    case Reason::kChecksumMismatch:
    case Reason::kIncompleteBody: return Status::kOk;
    case Reason::kEntityTooLarge: return Status::kFbig;
    case Reason::kWriteOffset:
    case Reason::kTooManyParts:
    case Reason::kUploadSizeMismatch:
    case Reason::kInvalidChecksumType:
    case Reason::kCopyOntoItself:
    case Reason::kSourceConditionFailed:
    case Reason::kTooManyVolumes:
    case Reason::kUserExists:
    case Reason::kMalformedPolicy: return Status::kOk;
    case Reason::kStale: return Status::kStale;
    case Reason::kNotDirectory: return Status::kNotDir;
    case Reason::kIsDirectory: return Status::kIsDir;
    case Reason::kNotFile: return Status::kWrongType;
    case Reason::kNameTooLong: return Status::kNameTooLong;
    case Reason::kInvalidName: return Status::kBadName;
    case Reason::kTooManyLinks: return Status::kMlink;
    case Reason::kCrossVolume: return Status::kXdev;
    case Reason::kNotOwner: return Status::kPerm;
    case Reason::kReadOnlyVolume: return Status::kRofs;
    case Reason::kQuota: return Status::kDquot;
    case Reason::kBadCookie: return Status::kBadCookie;
    case Reason::kNoAttribute: return Status::kNoXattr;
    case Reason::kAttributesTooLarge: return Status::kXattrTooBig;
    case Reason::kFileTooLarge: return Status::kFbig;
    case Reason::kNotSynchronized: return Status::kInval;
    case Reason::kNotExported: return Status::kAccess;
  }
  return Status::kOk;  // another floor's reason
}

Status of_code(Code code) {
  switch (code) {
    case Code::kInvalidArgument: return Status::kInval;
    case Code::kMalformed: return Status::kInval;
    case Code::kNotFound: return Status::kNoEnt;
    case Code::kAlreadyExists: return Status::kExist;
    case Code::kNotEmpty: return Status::kNotEmpty;
    case Code::kPreconditionFailed: return Status::kInval;
    case Code::kNotModified: return Status::kServerFault;
    case Code::kPermissionDenied: return Status::kAccess;
    case Code::kUnauthenticated: return Status::kAccess;
    case Code::kOutOfRange: return Status::kInval;
    case Code::kTooLarge: return Status::kFbig;
    case Code::kNoSpace: return Status::kNoSpc;
    case Code::kReadOnly: return Status::kRofs;
    case Code::kIo: return Status::kIo;
    case Code::kCorruption: return Status::kIo;
    case Code::kConflict:
    case Code::kBusy:
    case Code::kUnavailable:
    case Code::kTimeout:
    case Code::kCancelled:
    case Code::kWouldBlock: return Status::kDelay;
    case Code::kClosed: return Status::kIo;
    case Code::kNotImplemented: return Status::kNotSupp;
    case Code::kInternal: return Status::kServerFault;
  }
  return Status::kServerFault;
}

}  // namespace

std::unexpected<Error> fail4(Status status) {
  // Retryability must survive the journey for whoever looks at Code alone.
  Error error(status == Status::kDelay ? Code::kBusy : Code::kInvalidArgument, "an NFSv4 status");
  error.reason = static_cast<uint16_t>(kOwnReasons + static_cast<uint32_t>(status));
  return std::unexpected<Error>(std::move(error));
}

Status status4_of(const Error& error) {
  if (error.reason > kOwnReasons && error.reason <= kOwnReasons + kLastStatus) {
    return static_cast<Status>(error.reason - kOwnReasons);
  }
  // Busy is busy, whatever the reason says beside it.
  if (error.retryable()) return Status::kDelay;
  const Status finer = of_reason(static_cast<plane::Reason>(error.reason));
  return finer == Status::kOk ? of_code(error.code) : finer;
}

bool is_server_failure(Status status) {
  return status == Status::kIo || status == Status::kServerFault;
}

}  // namespace tp::nfs::v4
