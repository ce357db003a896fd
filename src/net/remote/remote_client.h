// RemoteClient: requests to one endpoint: kept connections, at most so many at a time, an attempt limited in time,
// failed attempts tried again with jittered back-off, each signed anew. All requests given to it may be repeated (they
// are idempotent). Invariant: a connection belongs to the loop that made it. Owner: a store of backend/. Safe from any
// loop.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "io/stream.h"
#include "net/http_client.h"
#include "net/remote/endpoint.h"
#include "net/remote/remote_request.h"
#include "net/remote/retry_policy.h"
#include "rt/runtime.h"
#include "rt/semaphore.h"

namespace tp::net {

/// A stream to the endpoint on the current loop, with TLS where the endpoint says so.
using Dial = std::function<Task<std::unique_ptr<io::Stream>>(Endpoint endpoint)>;

struct RemoteClientOptions {
  rt::Runtime* runtime = nullptr;
  Endpoint endpoint;
  Dial dial;
  std::shared_ptr<const RequestSigner> signer;
  RetryPolicy retry;
  size_t connections_per_loop = 16;
  rt::Nanos keep_idle = 15 * rt::kSecond;      // an idle connection that is older is not used again
  rt::Nanos no_progress = 30 * rt::kSecond;    // a read or a write that gets no further for this long fails
  rt::Nanos attempt_limit = 30 * rt::kSecond;  // an attempt as a whole, and longer for what it carries:
  uint64_t slowest_bytes_per_second = 128 << 10;
};

struct RemoteStats {
  uint64_t requests = 0;  // attempts
  uint64_t retries = 0, timeouts = 0, connects = 0;
  uint64_t bytes_sent = 0, bytes_received = 0;  // of bodies
};

class RemoteClient {
 public:
  explicit RemoteClient(RemoteClientOptions options);
  ~RemoteClient();
  RemoteClient(const RemoteClient&) = delete;
  RemoteClient& operator=(const RemoteClient&) = delete;

  /// The service's answer, whatever its status; the last one where all attempts were answered "not now".
  /// kTimeout, kUnavailable (all attempts failed), kTooLarge, kMalformed, kClosed (stopped).
  Task<RemoteAnswer> call(RemoteRequest request);
  /// Ends what is under way, with kClosed, and closes all connections. Later calls fail.
  Task<void> stop();
  RemoteStats stats() const;

 private:
  struct Idle {
    std::unique_ptr<HttpClientConnection> connection;
    rt::Nanos since = 0;
  };
  struct Sleeper;
  class Pause;
  class Deadline;
  /// What belongs to one loop.
  struct LoopState {
    explicit LoopState(size_t connections, uint64_t seed) : slots(connections), rng(seed) {}
    rt::Semaphore slots;
    rt::Rng rng;
    std::vector<Idle> idle;  // the latest last
    std::list<io::Stream*> busy;
    std::list<Sleeper*> sleepers;
    size_t calls = 0;
    rt::ResumeWork* joiner = nullptr;
  };
  struct Joined;
  struct Attempt {
    bool reused = false;     // a kept connection, which the server may have closed meanwhile
    bool answered = false;   // something came back
    bool cut_short = false;  // the request was not sent to its end
  };

  Task<RemoteAnswer> call_here(RemoteRequest request, LoopState& state);
  Task<RemoteAnswer> attempt(const RemoteRequest& request, LoopState& state, bool fresh, Attempt& how);
  Task<std::unique_ptr<HttpClientConnection>> connect(LoopState& state, bool fresh, Attempt& how);
  Task<RemoteAnswer> exchange(HttpClientConnection& connection, const RemoteRequest& request, Attempt& how);
  Result<Bytes> head_of(const RemoteRequest& request) const;
  rt::Nanos time_limit_of(const RemoteRequest& request) const;

  const RemoteClientOptions options_;
  const std::string host_;  // the Host header
  std::vector<std::unique_ptr<LoopState>> loops_;
  std::atomic<bool> stopping_{false};
  struct Counters {
    std::atomic<uint64_t> requests{0}, retries{0}, timeouts{0}, connects{0}, bytes_sent{0}, bytes_received{0};
  };
  Counters counters_;
};

}  // namespace tp::net
