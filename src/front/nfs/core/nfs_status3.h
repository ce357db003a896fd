// Status3: what NFSv3 procedures answer, and the one table from errors to it, which NFSv4 shares. Spec: RFC 1813 §2.6.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tp::nfs {

enum class Status3 : uint32_t {
  kOk = 0,
  kPerm = 1,
  kNoEnt = 2,
  kIo = 5,
  kNxio = 6,
  kAcces = 13,
  kExist = 17,
  kXdev = 18,
  kNoDev = 19,
  kNotDir = 20,
  kIsDir = 21,
  kInval = 22,
  kFbig = 27,
  kNoSpc = 28,
  kRofs = 30,
  kMlink = 31,
  kNameTooLong = 63,
  kNotEmpty = 66,
  kDquot = 69,
  kStale = 70,
  kRemote = 71,
  kBadHandle = 10001,
  kNotSync = 10002,
  kBadCookie = 10003,
  kNotSupp = 10004,
  kTooSmall = 10005,
  kServerFault = 10006,
  kBadType = 10007,
  kJukebox = 10008,
};

/// An error that is to be answered with `status` (not kOk).
[[nodiscard]] std::unexpected<Error> fail3(Status3 status, std::string message);

/// Never kOk. What a later try may cure is kJukebox, which clients retry on their own.
Status3 status3_of(const Error& error);

/// "NFS3ERR_STALE" and so on; "NFS3_OK".
std::string_view status3_name(Status3 status);

}  // namespace tp::nfs
