#include "front/nfs/v4/nfs_status4.h"

#include "front/nfs/core/nfs_status3.h"
#include "plane/reason.h"

namespace tp::nfs::v4 {

namespace {

// This folder's own errors carry kOwnReasons + Status: a range that no floor below uses.
constexpr uint32_t kOwnReasons = 0x8000;
constexpr uint32_t kLastStatus = 10096;

// What both versions say has the same number in both.
static_assert(static_cast<uint32_t>(Status::kPerm) == static_cast<uint32_t>(Status3::kPerm));
static_assert(static_cast<uint32_t>(Status::kAccess) == static_cast<uint32_t>(Status3::kAcces));
static_assert(static_cast<uint32_t>(Status::kStale) == static_cast<uint32_t>(Status3::kStale));
static_assert(static_cast<uint32_t>(Status::kBadCookie) == static_cast<uint32_t>(Status3::kBadCookie));
static_assert(static_cast<uint32_t>(Status::kDelay) == static_cast<uint32_t>(Status3::kJukebox));

/// What version 4 says with more words than version 3; kOk for all else.
Status said_finer(plane::Reason reason) {
  using plane::Reason;
  switch (reason) {
    case Reason::kNotFile: return Status::kWrongType;
    case Reason::kInvalidName: return Status::kBadName;
    case Reason::kNoAttribute: return Status::kNoXattr;
    case Reason::kAttributesTooLarge: return Status::kXattrTooBig;
    case Reason::kNotSynchronized: return Status::kInval;  // there is no guard to speak of
    default: return Status::kOk;
  }
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
  if (!error.retryable()) {
    const Status finer = said_finer(static_cast<plane::Reason>(error.reason));
    if (finer != Status::kOk) return finer;
  }
  return static_cast<Status>(status3_of(error));
}

bool is_server_failure(Status status) {
  return status == Status::kIo || status == Status::kServerFault;
}

}  // namespace tp::nfs::v4
