#include "front/nfs/core/credentials.h"

namespace tp::nfs {

std::optional<wire::RpcAuthStatus> refused_credential(const wire::RpcCallHead& head) {
  if (head.bad_credential) return wire::RpcAuthStatus::kBadCredential;
  switch (head.flavor) {
    case wire::RpcFlavor::kNone: return std::nullopt;
    case wire::RpcFlavor::kSys:
      if (!head.sys) return wire::RpcAuthStatus::kBadCredential;
      return std::nullopt;
    case wire::RpcFlavor::kShort:
    case wire::RpcFlavor::kDh:
    case wire::RpcFlavor::kGss: break;
  }
  return wire::RpcAuthStatus::kTooWeak;  // also of a flavor that has no name here
}

plane::ClaimedIdentity claimed_identity(const net::RpcCall& call) {
  plane::ClaimedIdentity claimed;
  if (call.peer) claimed.source_ip = call.peer->host;
  if (call.head.sys) {
    claimed.uid = call.head.sys->uid;
    claimed.gid = call.head.sys->gid;
    claimed.groups = call.head.sys->groups;
  } else {
    claimed.anonymous = true;
  }
  return claimed;
}

}  // namespace tp::nfs
