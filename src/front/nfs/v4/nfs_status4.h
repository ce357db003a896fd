// From errors to what NFSv4 operations answer: version 3's table (core/nfs_status3.h) and what 4 says finer.
// Spec: RFC 8881 §15, RFC 7862 §11, RFC 8276 §8.5.
#pragma once

#include <string>

#include "base/result.h"
#include "front/nfs/v4/protocol.h"

namespace tp::nfs::v4 {

/// An error that is to be answered with `status` (not kOk).
[[nodiscard]] std::unexpected<Error> fail4(Status status);

/// Never kOk. What a later try may cure is kDelay, which clients retry on their own.
Status status4_of(const Error& error);

/// The server's own failure, which its operator wants to know of.
bool is_server_failure(Status status);

}  // namespace tp::nfs::v4
