// NFS version 3: one call. Spec: RFC 1813 §3.
#pragma once

#include "front/nfs/core/nfs_front.h"
#include "front/nfs/v3/replies/reply_cache.h"

namespace tp::nfs::v3 {

/// Answers `call`, of program NFS version 3, with its reply's head: PROC_UNAVAIL, GARBAGE_ARGS and SYSTEM_ERR where it
/// comes to that. One that was answered before and must not run twice gets the answer that `replies` has.
Task<void> serve(NfsCore& core, ReplyCache& replies, net::RpcCall call, net::RpcReply* reply);

}  // namespace tp::nfs::v3
