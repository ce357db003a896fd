// From a call's credential to whom the client claims to be. What the volume makes of the claim is the plane's
// (Files::admit). Spec: RFC 5531 §8, §14.
#pragma once

#include <optional>

#include "net/rpc_exchange.h"
#include "plane/file_types.h"

namespace tp::nfs {

/// Why the call's credential is refused before its program is looked at; nullopt if it is not: AUTH_NONE and a
/// well-formed AUTH_SYS are taken.
std::optional<wire::RpcAuthStatus> refused_credential(const wire::RpcCallHead& head);

/// Of a call whose credential is not refused.
plane::ClaimedIdentity claimed_identity(const net::RpcCall& call);

}  // namespace tp::nfs
