// RpcCall, RpcReply: one call as a handler sees it, and the reply it writes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/send_region.h"
#include "wire/xdr/rpc_message.h"

namespace tp::net {

/// The connection as its calls see it: lives as long as any of them. One loop.
struct RpcPeer {
  uint64_t connection = 0;   // never given twice in a run
  std::string address;       // "10.0.0.7:871"
  std::string host;          // "10.0.0.7", "::1"
  /// What a front keeps of a connection (NFSv4.1: the session it is bound to).
  std::shared_ptr<void> state;
};

struct RpcCall {
  wire::RpcCallHead head;
  BytesView arguments;                  // after the head, to the end of the record
  std::shared_ptr<const void> owner;    // keeps `arguments`: a WRITE's bytes may stay in it
  std::shared_ptr<RpcPeer> peer;
};

/// Results in order: XDR items, and among them regions that are sent from where they lie.
class RpcReply {
 public:
  RpcReply() { tail_.reserve(kUsualBytes); }

  /// Items are appended here, the reply's head (write_rpc_accepted ...) first. Offsets in it are good until opaque().
  wire::XdrWriter& xdr() { return tail_; }
  /// Variable-length opaque of all regions together: length, bytes, padding.
  void opaque(std::vector<io::SendRegion> regions, uint32_t size_bytes);
  /// Everything so far, in bytes.
  size_t size() const { return sealed_bytes_ + tail_.size(); }
  /// Writes four bytes now whose value is known later; unlike xdr()'s own, the place stays good behind opaque().
  size_t reserve_u32() {
    tail_.u32(0);
    return size() - 4;
  }
  void set_u32(size_t at, uint32_t value);

  /// Whether all of it is in xdr().
  bool plain() const { return sealed_.empty(); }
  struct Piece {
    Bytes bytes;            // first
    io::SendRegion region;  // then
  };
  /// All pieces, the last one with an empty region.
  std::vector<Piece> take();

  /// The call is not answered: the connection is closed (NFSv4.1 has cases where that is the only answer).
  bool drop = false;

 private:
  static constexpr size_t kUsualBytes = 256;
  std::vector<Piece> sealed_;
  size_t sealed_bytes_ = 0;
  wire::XdrWriter tail_;
};

}  // namespace tp::net
