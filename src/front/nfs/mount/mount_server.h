// MountServer: the MOUNT program, version 3: from an export's path to its first file handle. Served on the NFS port, so
// that no portmapper is needed. Its list of mounts is what clients said, in memory, bounded: it decides nothing.
// Owner: NfsFront. Safe from any loop. Spec: RFC 1813 §5 (appendix I).
#pragma once

#include "front/nfs/core/nfs_front.h"
#include "front/nfs/mount/mount_list.h"

namespace tp::nfs {

inline constexpr uint32_t kMountVersion = 3;

class MountServer {
 public:
  explicit MountServer(NfsCore& core) : core_(core) {}

  /// Answers a call of program MOUNT version 3, with its reply's head.
  Task<void> handle(net::RpcCall call, net::RpcReply* reply);

 private:
  Task<void> mount(const net::RpcCall& call, wire::XdrReader in, wire::XdrWriter& out);
  Result<void> unmount(const net::RpcCall& call, wire::XdrReader in);
  void write_mounts(wire::XdrWriter& out) const;
  Task<void> write_exports(wire::XdrWriter& out);

  NfsCore& core_;
  MountList mounts_;
};

}  // namespace tp::nfs
