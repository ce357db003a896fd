// RedisConnection: one connection: takes requests out of what comes in, runs them one after the other, gathers their
// replies and sends them in one write. Invariant: while replies wait for the peer nothing more is read, so a peer that
// asks and does not read is stopped by its own socket. Belongs to one loop.
#pragma once

#include <array>
#include <memory>

#include "front/redis/connection/redis_loop.h"
#include "front/redis/core/call.h"
#include "front/redis/core/client.h"
#include "front/redis/core/reply.h"
#include "wire/resp/request_parser.h"

namespace tp::redis {

class RedisConnection {
 public:
  RedisConnection(RedisLoop& loop, std::unique_ptr<io::Stream> stream);
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  /// Serves commands until the connection ends.
  Task<void> run();
  void begin_stop();

 private:
  static constexpr size_t kWaitingBytes = 2 << 10;  // read into by a connection that waits for its next request

  Task<void> serve();
  Task<void> run_requests(bool* more);
  void settle_replies(const Reply::Mark& mark);
  void take_arguments();
  void look_ahead();
  Task<void> flush();
  Task<bool> read_more();
  Task<bool> wait_for_request();
  Task<bool> take_value();
  Task<void> take_budget(size_t bytes);
  void give_budget();

  RedisLoop& loop_;
  const std::unique_ptr<io::Stream> stream_;
  Client client_;
  wire::RequestParser parser_;
  InputBuffer input_;
  Arguments arguments_;
  std::vector<cache::Value> values_;  // of the request coming in
  Reply reply_;
  size_t budget_bytes_ = 0;     // taken for the request coming in
  uint64_t errors_counted_ = 0;
  unsigned turns_ = 0;          // without having waited for anything
  size_t looked_ahead_ = 0;     // requests at the front of the input whose keys the cache was told of
  bool waiting_ = false;        // for a request's first byte
  bool stopping_ = false;
  std::array<char, kWaitingBytes> first_bytes_;
};

}  // namespace tp::redis
