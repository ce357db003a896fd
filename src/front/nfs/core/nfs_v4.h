// NfsV4: what the front needs of NFSv4: one COMPOUND at a time, and the clock of leases. Behind it are front/nfs/v4
// (operations) and front/nfs/state (clients, sessions, opens, locks).
#pragma once

#include <memory>

#include "front/nfs/core/nfs_front.h"

namespace tp::nfs {

class NfsV4 {
 public:
  static Task<std::unique_ptr<NfsV4>> open(NfsCore& core);
  virtual ~NfsV4() = default;
  /// Procedure COMPOUND; `arguments` stands at COMPOUND4args. Writes the reply with its head.
  virtual Task<void> compound(net::RpcCall call, net::RpcReply* reply) = 0;
  virtual void on_closed(net::RpcPeer& peer) = 0;
  virtual Task<void> stop() = 0;
};

}  // namespace tp::nfs
