// RespClient: one connection of the token benchmark: commands out in batches, replies back in order. Belongs to one
// loop. Any failure closes it; connect() again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/stream.h"
#include "rt/runtime.h"

namespace tp::bench {

struct RespServer {
  std::string host = "127.0.0.1";
  uint16_t port = 6379;
  std::string user, password;           // AUTH; empty password: none
  std::string volume;                   // TP.BIND; empty: what AUTH gives
  std::vector<std::string> identity;    // "rank=3": over the volume's own
};

struct RespReply {
  enum class Kind : uint8_t { kText, kError, kInteger, kBulk, kNull, kArray };
  Kind kind = Kind::kNull;
  int64_t integer = 0;
  Bytes text;                           // kText, kError, kBulk
  std::vector<RespReply> items;         // kArray
};

class RespClient {
 public:
  RespClient(rt::Runtime& runtime, RespServer server) : runtime_(runtime), server_(std::move(server)) {}

  /// Connects, AUTH, TP.BIND. kUnavailable, kTimeout; kUnauthenticated, kInvalidArgument: the server's own words.
  Task<void> connect();
  bool connected() const { return stream_ != nullptr; }
  void close() { stream_.reset(); }

  /// Adds a command to the batch that the next send() writes.
  void add(std::initializer_list<BytesView> arguments);
  void begin(size_t arguments);         // a command of so many arguments, each given by argument()
  void argument(BytesView bytes);
  Task<void> send();
  /// The next reply. kMalformed, kClosed, kTimeout.
  Task<RespReply> reply();

 private:
  Task<void> greet();
  Task<void> expect_ok();
  Task<Bytes> line();
  Task<void> take(size_t size, Bytes* out);
  Task<void> fill();
  Task<RespReply> read_reply(int depth);

  rt::Runtime& runtime_;
  RespServer server_;
  std::unique_ptr<io::Stream> stream_;
  Bytes out_;
  Bytes in_;
  size_t begin_ = 0;
};

}  // namespace tp::bench
