// NfsRig: the whole NFS front over a plane in memory, called without a socket. Owner: a test, a fuzzer.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "front/nfs/core/nfs_front.h"
#include "support/memory_plane.h"
#include "support/plane_client.h"

namespace tp::test {

/// One reply, taken apart as RFC 5531 §9 says.
struct RpcAnswer {
  bool answered = false;             // false: nothing was written
  bool denied = false;               // else accepted
  uint32_t status = 0;               // accept_stat or reject_stat
  Bytes results;                     // behind it
};

class NfsRig {
 public:
  static constexpr char kVolume[] = "box";

  /// A store with one volume, open to everybody as they are.
  NfsRig();
  ~NfsRig();

  struct Who {
    std::optional<uint32_t> uid = 0;  // nullopt: AUTH_NONE
    uint32_t gid = 0;
    std::string host = "127.0.0.1";
    std::string port = "800";
    std::optional<uint32_t> xid = {};  // nullopt: a new one each call
  };
  RpcAnswer call(uint32_t program, uint32_t version, uint32_t procedure, Bytes arguments, const Who& who);
  /// The same call twice at once, over two connections of one client.
  std::pair<RpcAnswer, RpcAnswer> call_twice(uint32_t program, uint32_t version, uint32_t procedure, Bytes arguments,
                                             const Who& who);
  /// A record as it comes off a socket.
  RpcAnswer record(Bytes bytes);

  void add_volume(const std::string& name);
  void set_exports(const std::string& name, plane::ExportChange exports);
  /// The server goes and comes back.
  void restart();

  MemoryPlane& store() { return store_; }
  nfs::NfsFront& front() { return *front_; }
  template <class T>
  Result<T> run(Task<T> task) {
    return store_.run(std::move(task));
  }

 private:
  void open_front();
  void close_front();
  RpcAnswer handle(net::RpcCall call);
  net::RpcCall make_call(uint32_t program, uint32_t version, uint32_t procedure, Bytes arguments, const Who& who);

  MemoryPlane store_;
  std::unique_ptr<nfs::NfsFront> front_;
  uint32_t last_xid_ = 0;
};

}  // namespace tp::test
