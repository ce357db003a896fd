// HttpExchange: one HTTP/1.1 request and its answer on a connection. The handler reads the body through it and answers
// exactly once; what the handler leaves unread is drained or the connection is closed. Belongs to one loop.
// Spec: RFC 9110, RFC 9112.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "io/send_region.h"
#include "io/stream.h"
#include "rt/task.h"
#include "wire/http/chunked_decoder.h"
#include "wire/http/head_writer.h"
#include "wire/http/request_head.h"

namespace tp::net {

class HttpConnection;

class HttpExchange {
 public:
  explicit HttpExchange(HttpConnection& connection) : connection_(connection) {}
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;

  /// The views in it stay valid until the handler returns.
  const wire::RequestHead& head() const;
  const std::string& peer_address() const;
  bool encrypted() const;

  /// The next body bytes, transfer coding removed; 0 at the end. Sends "100 Continue" first if the client waits for it.
  /// kMalformed (bad chunk), kClosed (the peer went before the end: the body is incomplete), kTimeout.
  Task<size_t> read_body(MutableBytes out);
  /// Reads the whole body; kTooLarge beyond `limit_bytes`.
  Task<Bytes> read_whole_body(size_t limit_bytes);
  bool body_finished() const { return body_finished_; }

  /// Begins the answer's head: status line, Date, Server, and "Connection: close" where the connection cannot go on.
  /// The caller adds its headers, but neither Content-Length nor the end.
  wire::ResponseHeadWriter start_response(int status);
  /// Ends the head with Content-Length and sends it with the whole body (left out when the request was HEAD, or the
  /// status has none).
  Task<void> finish(BytesView body);
  /// For HEAD: ends the head with this length and sends no body.
  Task<void> finish_without_body(uint64_t content_length);
  /// Ends the head; the body follows by write_body/write_region, exactly content_length bytes.
  void begin_body(uint64_t content_length);
  /// The body's length is not known: sends it chunked (HTTP/1.0: until close). Ends with end_chunked().
  Task<void> begin_chunked();
  Task<void> write_body(BytesView bytes);
  Task<void> write_region(const io::SendRegion& region);
  Task<void> end_chunked();

  bool response_started() const { return status_ != 0; }
  int status() const { return status_; }
  uint64_t body_bytes_sent() const { return body_bytes_sent_; }
  uint64_t body_bytes_read() const { return body_bytes_read_; }
  /// The answer was cut short: the connection must not be used again.
  void abandon() { keep_alive_ = false; }

 private:
  friend class HttpConnection;
  Task<size_t> read_raw(MutableBytes out);
  Task<size_t> read_chunked(MutableBytes out);
  std::unexpected<Error> body_cut();
  Task<void> send_continue();
  bool can_drain() const;
  Task<void> drain();

  HttpConnection& connection_;
  wire::ChunkedDecoder chunked_;
  uint64_t body_left_ = 0;       // with Content-Length
  bool body_chunked_ = false;
  bool body_finished_ = true;
  bool continue_pending_ = false;
  bool keep_alive_ = true;
  bool head_pending_ = false;    // the head is in the output buffer and goes with the first body bytes
  bool response_chunked_ = false;
  int status_ = 0;
  uint64_t body_bytes_sent_ = 0;
  uint64_t body_bytes_read_ = 0;
  uint64_t response_left_ = 0;   // announced by begin_body and not yet written
};

}  // namespace tp::net
