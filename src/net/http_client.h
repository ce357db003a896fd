// HttpClientConnection: the client's side of one HTTP/1.1 connection over any stream: a request out, its answer in, and
// again while the server keeps it open. Belongs to one loop. Spec: RFC 9112.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "io/stream.h"
#include "rt/task.h"
#include "wire/http/chunked_decoder.h"
#include "wire/http/head_parser.h"
#include "wire/http/response_head.h"

namespace tp::net {

class HttpClientConnection {
 public:
  explicit HttpClientConnection(std::unique_ptr<io::Stream> stream);

  /// Writes head and body. The answer before this one has been read to its end.
  Task<void> send(std::span<const BytesView> pieces);
  /// The answer's head, "100 Continue" skipped; its views stay valid until the next read_head(). kClosed if the server
  /// closed the connection before answering.
  Task<const wire::ResponseHead*> read_head(bool request_was_head);
  /// The next body bytes, transfer coding removed; 0 at the end.
  Task<size_t> read_body(MutableBytes out);
  /// The rest of the body; kTooLarge beyond `limit_bytes`.
  Task<Bytes> read_whole_body(size_t limit_bytes);
  /// Whether another request may follow on this connection.
  bool reusable() const { return keep_alive_ && body_finished_; }
  io::Stream& stream() { return *stream_; }

 private:
  Task<size_t> read_raw(MutableBytes out);

  std::unique_ptr<io::Stream> stream_;
  wire::HeadParser parser_;
  wire::ResponseHead head_;
  wire::ChunkedDecoder chunked_;
  std::vector<char> input_;
  size_t input_begin_ = 0, input_end_ = 0;
  uint64_t body_left_ = 0;
  bool body_chunked_ = false;
  bool body_until_close_ = false;
  bool body_finished_ = true;
  bool keep_alive_ = true;
};

}  // namespace tp::net
