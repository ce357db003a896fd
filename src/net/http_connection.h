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
  size_t input_begin_ = 0;   // unparsed bytes are [begin, end)
  size_t input_end_ = 0;
  Bytes output_;
};

}  // namespace tp::net
