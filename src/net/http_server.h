// HttpServer: serves HTTP/1.1 on the streams a listener hands it: one connection, one coroutine, requests in order.
// Bounded in time (head, idle, body progress) and space (the head's limits). It knows no protocol above HTTP: that is
// the handler.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <vector>

#include "io/stream.h"
#include "net/http_exchange.h"
#include "rt/runtime.h"
#include "wire/http/head_parser.h"

namespace tp::net {

class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Answers one request. An error closes the connection; if nothing was answered yet, after a 500.
  virtual Task<void> handle(HttpExchange& exchange) = 0;
  /// Answers a request whose head did not parse: a body for the status, in the protocol's own form.
  virtual Bytes malformed_answer(int status, const Error& error, std::string* content_type) = 0;
};

struct HttpServerOptions {
  rt::Nanos idle_timeout = 75 * rt::kSecond;      // between requests
  rt::Nanos head_timeout = 30 * rt::kSecond;      // from a head's first byte to its last
  rt::Nanos progress_timeout = 60 * rt::kSecond;  // a body, either way, that moves no byte
  uint64_t drain_limit_bytes = 1 << 20;           // unread body that is read and dropped to keep the connection
  std::string server_name = "TokenPlane";
  wire::HeadLimits limits;
};

class HttpServer {
 public:
  HttpServer(rt::Runtime& runtime, HttpHandler& handler, HttpServerOptions options);

  /// The listener's handler: serves requests until the peer, a time limit or stop ends it.
  Task<void> serve(std::unique_ptr<io::Stream> stream);

  /// From now on every answer says "Connection: close"; connections that wait for a request are closed at once.
  Task<void> begin_stop();

  const HttpServerOptions& options() const { return options_; }
  HttpHandler& handler() { return handler_; }
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
  /// "Date: ...\r\n" as of now; per loop, made once a second.
  BytesView date_line();

 private:
  friend class HttpConnection;
  struct PerLoop {
    std::list<io::Stream*> idle;  // streams that wait for a request's first byte
    Bytes date_line;
    int64_t date_second = -1;
  };
  PerLoop& here() { return loops_[rt::Loop::current().index()]; }

  rt::Runtime& runtime_;
  HttpHandler& handler_;
  HttpServerOptions options_;
  std::vector<PerLoop> loops_;
  std::atomic<bool> stopping_{false};
};

}  // namespace tp::net
