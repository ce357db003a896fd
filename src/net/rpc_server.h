// RpcServer: serves ONC RPC over the streams that a listener hands it. Calls of one connection run side by side, up to
// a limit of calls and bytes; replies go out as they get ready. It knows no program: that is the handler.
// Bounded: record size, calls and bytes in flight a connection and altogether, idle time, time to send a record.
// Spec: RFC 5531 §11.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "io/stream.h"
#include "net/rpc_exchange.h"
#include "rt/runtime.h"

namespace tp::net {

class RpcHandler {
 public:
  virtual ~RpcHandler() = default;
  /// Answers one call: writes the whole reply, its head (write_rpc_accepted ...) included. An error closes the
  /// connection.
  virtual Task<void> handle(RpcCall call, RpcReply* reply) = 0;
  /// The connection has ended.
  virtual void on_closed(RpcPeer& peer) = 0;
};

struct RpcServerOptions {
  size_t max_record_bytes = (1 << 20) + (64 << 10);  // larger ones end the connection
  unsigned fragments_per_record = 256;               // more end the connection
  size_t calls_per_connection = 128;
  size_t bytes_per_connection = 32 << 20;            // of records and replies in flight: above it no socket is read
  size_t bytes_altogether = 512 << 20;               // the same of all connections
  rt::Nanos idle_timeout = 15 * 60 * rt::kSecond;    // without a call
  rt::Nanos record_timeout = 60 * rt::kSecond;       // from a record's first byte to its last; a reply likewise
};

class RpcServer {
 public:
  RpcServer(rt::Runtime& runtime, RpcHandler& handler, RpcServerOptions options);
  ~RpcServer();

  /// The listener's handler: serves calls until the peer, a limit or stop ends it; all calls have ended then.
  Task<void> serve(std::unique_ptr<io::Stream> stream);

  /// Connections take no further calls and close when those under way are answered. For good.
  Task<void> begin_stop();

  struct Stats {
    uint64_t connections = 0;  // open now
    uint64_t calls = 0;
    uint64_t malformed = 0;    // connections ended over what is no call or too large
    uint64_t bytes_in = 0, bytes_out = 0;
  };
  /// Any thread.
  Stats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tp::net
