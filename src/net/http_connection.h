// HttpConnection: the state of one connection between requests: the input buffer, the parser, the reused output buffer.
// Internal to net/.
#pragma once

#include <memory>
#include <optional>

#include "net/http_server.h"

namespace tp::net {

class HttpConnection {
 public:
  HttpConnection(HttpServer& server, std::unique_ptr<io::Stream> stream);

  /// Serves requests until the connection ends.
  Task<void> run();

 private:
  friend class HttpExchange;

  /// False: the peer is gone (or was idle too long) and nothing is owed to it.
  Task<bool> read_head();
  Task<bool> fill_input();
  Result<void> make_room_after_head();
  /// Unparsed bytes at hand.
  BytesView buffered() const { return {input_.data() + input_begin_, input_end_ - input_begin_}; }
  /// With nothing buffered: reads more, leaving the request's head where it is. False at the end of the stream.
  Task<bool> refill();
  Task<void> answer_malformed(Error error);
  Task<void> serve_one(bool* keep_going);
  void prepare(HttpExchange& exchange);
  Task<void> linger();

  HttpServer& server_;
  std::unique_ptr<io::Stream> stream_;
  std::string peer_address_;
  wire::HeadParser parser_;
  wire::RequestHead head_;
  std::vector<char> input_;
  size_t head_end_ = 0;      // the current request's head is before it: its views point there
  size_t input_begin_ = 0;   // unparsed bytes are [begin, end)
  size_t input_end_ = 0;
  Bytes output_;
};

}  // namespace tp::net
