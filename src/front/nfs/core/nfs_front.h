// NfsFront: the programs on the NFS port: NFS versions 3 and 4 (minor versions 1 and 2), MOUNT version 3. It translates
// between the protocols and the plane's Files and decides nothing. Spec: RFC 1813, 8881, 7862, 8276.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "front/nfs/core/file_handle.h"
#include "net/rpc_server.h"
#include "plane/plane.h"
#include "rt/runtime.h"

namespace tp::nfs {

inline constexpr uint32_t kNfsProgram = 100003, kMountProgram = 100005;
inline constexpr uint32_t kMaxIoBytes = 1 << 20;  // one READ or WRITE

struct NfsOptions {
  plane::Plane* plane = nullptr;
  rt::Runtime* runtime = nullptr;
  rt::Nanos lease = 60 * rt::kSecond;
  rt::Nanos grace = 60 * rt::kSecond;
  /// What MOUNT's EXPORT shows of volumes that name no networks: the server's own setting. Empty: everybody.
  std::vector<std::string> networks;
};

/// What every procedure works with. Alive as long as the front.
struct NfsCore {
  plane::Plane& plane;
  plane::Files& files;
  rt::Runtime& runtime;
  HandleCodec handles;
  NfsOptions options;
};

class NfsV4;
class MountServer;
namespace v3 {
class ReplyCache;
}

class NfsFront final : public net::RpcHandler {
 public:
  /// Reads (or makes) the handles' key and the clients to reclaim; the grace period begins.
  static Task<std::unique_ptr<NfsFront>> open(NfsOptions options);
  ~NfsFront() override;

  Task<void> handle(net::RpcCall call, net::RpcReply* reply) override;
  void on_closed(net::RpcPeer& peer) override;
  /// Ends timers (leases, grace). After the server's connections are gone.
  Task<void> stop();

 private:
  explicit NfsFront(std::unique_ptr<NfsCore> core);
  Task<void> handle_nfs(net::RpcCall call, net::RpcReply* reply);

  std::unique_ptr<NfsCore> core_;
  std::unique_ptr<MountServer> mount_;
  std::unique_ptr<v3::ReplyCache> v3_replies_;
  std::unique_ptr<NfsV4> v4_;  // null: not built
};

}  // namespace tp::nfs
