// ClientRecords: the durable list of clients that may reclaim after a crash: notes "nfs4/client/<client id>" whose
// value is the client's owner string (docs/protocols/nfs.md, state). A record stands before its client is told of its
// first open; it goes with the client, or when the grace period is over and it was an earlier start's. Names differ
// with every client id: a removal never meets its client's next record.
#pragma once

#include "front/nfs/state/nfs_state.h"

namespace tp::nfs::state {

class ClientRecords {
 public:
  ClientRecords(plane::Files& files, NfsState& state) : files_(files), state_(state) {}

  /// Fills `reclaimers` and `old_records`: who had state when the server went. Before NfsState is made.
  static Task<void> load(plane::Files& files, NfsStateOptions* options);

  /// Durable when it returns: the removals that are due and the client's own record. ClientId{}: removals only.
  /// Safe side by side. Alive until it returns: this object.
  Task<void> settle(ClientId client);

 private:
  plane::Files& files_;
  NfsState& state_;
};

}  // namespace tp::nfs::state
