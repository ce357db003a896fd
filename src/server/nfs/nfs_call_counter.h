// NfsCallCounter: stands before the NFS front and counts calls by program, version and procedure. Each loop has counts
// of its own, so that counting costs an increment. Owner: NfsEndpoint.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string_view>
#include <vector>

#include "net/rpc_server.h"

namespace tp::server {

class NfsCallCounter final : public net::RpcHandler {
 public:
  /// `front` outlives it.
  NfsCallCounter(net::RpcHandler& front, unsigned loops);

  Task<void> handle(net::RpcCall call, net::RpcReply* reply) override;
  void on_closed(net::RpcPeer& peer) override { front_.on_closed(peer); }

  struct Count {
    std::string_view procedure;  // "v3_read", "v4_compound", "mount_mnt", "other"
    uint64_t calls = 0;
  };
  /// Of what has been called at all. Any thread.
  std::vector<Count> counts() const;

  static constexpr size_t kProcedures = 31;
  /// The place of a procedure's name among all of them; the last is "other".
  static size_t procedure_index(const wire::RpcCallHead& head);
  static std::string_view procedure_name(size_t index);

 private:
  struct alignas(64) PerLoop {
    std::array<std::atomic<uint64_t>, kProcedures> calls{};
  };
  net::RpcHandler& front_;
  std::vector<std::unique_ptr<PerLoop>> loops_;
};

}  // namespace tp::server
