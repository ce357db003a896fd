// ReplyCache: the answers to calls that must not run twice, by the client's address and port, xid and a checksum of the
// call: who sends a call again, over a new connection from the same port, gets the answer of the first. In memory, of a
// limited number of clients and calls; a restart forgets. Owner: NfsFront. Safe from any loop.
// Spec: RFC 1813 §4.3.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/rpc_exchange.h"
#include "rt/async_mutex.h"

namespace tp::nfs::v3 {

class ReplyCache {
 public:
  /// Of each client the newest: as many as may be under way on a connection.
  static constexpr size_t kCallsOfOneClient = 128;
  /// Clients beyond it: who has not called for longest is forgotten. About 30 MiB at worst.
  static constexpr size_t kClients = 512;

  using Reply = std::shared_ptr<const Bytes>;
  /// A call that runs. Its twins wait for `turn` and then find the reply, or run themselves if there is none.
  struct Running {
    rt::AsyncMutex turn;
    Reply reply;  // who has the turn
  };
  struct Key {
    std::string client;
    uint32_t xid = 0;
    uint64_t checksum = 0;
  };
  struct Ticket {
    Key key;
    Reply reply;                       // of an earlier run, else
    std::shared_ptr<Running> running;  // of this one
  };

  /// Makes the call known.
  Ticket begin(const net::RpcCall& call);
  /// The call has run, and this is what its client is told each time it asks. Null: a later try is to run again.
  void finish(const Key& key, Reply reply);

 private:
  struct Call {
    uint32_t xid = 0;
    uint64_t checksum = 0;
    Reply reply;
    std::shared_ptr<Running> running;  // neither: free
  };
  struct Client {
    std::vector<Call> calls;
    size_t oldest = 0;  // once there are as many as may be
    std::list<std::string>::iterator place;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Client> clients;
    std::list<std::string> order;  // who has called lately: last
  };
  static constexpr size_t kShards = 16;
  Shard& shard_of(const std::string& client) { return shards_[std::hash<std::string>{}(client) % kShards]; }
  static Client& client_of(Shard& shard, const std::string& name);
  static Call* find(Client& client, const Key& key);

  std::array<Shard, kShards> shards_;
};

}  // namespace tp::nfs::v3
