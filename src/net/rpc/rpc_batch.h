// RpcBatch: replies that are ready, in order of readiness, with their record marks. What is small is gathered into one
// buffer, what is large is sent from where it lies, and pages that may be lent are lent. Spec: RFC 5531 §11.
#pragma once

#include <vector>

#include "io/stream.h"
#include "net/rpc_exchange.h"

namespace tp::net {

class RpcBatch {
 public:
  /// Takes what is in `reply`, which is not empty.
  void add(RpcReply& reply);
  size_t replies() const { return replies_; }
  /// Of all records, without their marks.
  size_t reply_bytes() const { return reply_bytes_; }

  /// Sends all. `*since` becomes the loop's time whenever a piece of bounded size has gone.
  Task<void> send(io::Stream* stream, rt::Nanos* since);
  /// Empty again; keeps a little memory for its next use.
  void clear();

 private:
  // gathered_ up to an offset, then these.
  struct Part {
    size_t gathered_end = 0;
    Bytes bytes;
    io::SendRegion region;
  };
  void add_bytes(Bytes bytes);
  void add_region(io::SendRegion region);
  Task<void> flush(io::Stream* stream, rt::Nanos* since);

  Bytes gathered_;
  std::vector<Part> parts_;
  std::vector<BytesView> pieces_;  // of the write under way
  size_t replies_ = 0;
  size_t reply_bytes_ = 0;
};

}  // namespace tp::net
