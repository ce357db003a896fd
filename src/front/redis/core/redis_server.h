// RedisServer: serves RESP over the streams that a listener hands it: one connection, one coroutine, commands in order.
// Bounded: a request, a pipeline's replies, a transaction, the memory of all requests coming in, idle time. Spec:
// docs/protocols/redis.md.
#pragma once

#include <memory>
#include <string>

#include "front/redis/core/binder.h"
#include "io/stream.h"
#include "rt/runtime.h"
#include "wire/resp/request_parser.h"

namespace tp::redis {

struct RedisOptions {
  wire::RespLimits limits;
  size_t reply_bytes = 1 << 20;            // replies gathered: above it they are sent before the next command runs
  size_t command_reply_bytes = 1 << 30;    // values read for one command; more is an error
  size_t transaction_commands = 65536;
  size_t transaction_bytes = 512ull << 20;
  size_t watched_keys = 4096;              // of one connection
  size_t bytes_altogether = 2ull << 30;    // of requests coming in that are larger than a buffer
  rt::Nanos idle_timeout = 0;              // between requests; 0: none
  rt::Nanos progress_timeout = 60 * rt::kSecond;  // a request or a reply of which no byte moves
  // What INFO and CONFIG say.
  uint16_t port = 6379, tls_port = 0;
  size_t max_clients = 10000;
  std::string server_version;              // of Token Plane
};

/// What connections, INFO and CONFIG share. Internal to front/redis.
struct RedisCore;

class RedisServer {
 public:
  RedisServer(rt::Runtime& runtime, Binder& binder, RedisOptions options);
  ~RedisServer();

  /// The listener's handler: serves commands until the peer, a limit or stop ends it.
  Task<void> serve(std::unique_ptr<io::Stream> stream);

  /// Connections end when the commands that they have read are answered. For good.
  Task<void> begin_stop();

  struct Stats {
    uint64_t connections = 0;  // open now
    uint64_t accepted = 0;     // since the start
    uint64_t commands = 0;
    uint64_t errors = 0;       // error replies
    uint64_t malformed = 0;    // connections ended over what is no request
    uint64_t bytes_in = 0, bytes_out = 0;
  };
  /// Any thread.
  Stats stats() const;

 private:
  std::unique_ptr<RedisCore> core_;
};

}  // namespace tp::redis
