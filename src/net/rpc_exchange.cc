#include "net/rpc_exchange.h"

#include "base/check.h"

namespace tp::net {

void RpcReply::opaque(std::vector<io::SendRegion> regions, uint32_t size_bytes) {
  tail_.u32(size_bytes);
  size_t given = 0;
  for (io::SendRegion& region : regions) {
    if (region.bytes.empty()) continue;
    given += region.bytes.size();
    sealed_bytes_ += tail_.size() + region.bytes.size();
    sealed_.push_back({tail_.take(), std::move(region)});
    tail_ = wire::XdrWriter();
  }
  TP_CHECK(given == size_bytes);
  static constexpr char kPadding[4] = {};
  tail_.raw(BytesView(kPadding, wire::xdr_padding(size_bytes)));
}

void RpcReply::set_u32(size_t at, uint32_t value) {
  size_t begin = 0;
  for (Piece& piece : sealed_) {
    if (at < begin + piece.bytes.size()) {
      TP_CHECK(at >= begin && at + 4 <= begin + piece.bytes.size());
      put_be(piece.bytes.data() + (at - begin), value);
      return;
    }
    begin += piece.bytes.size() + piece.region.bytes.size();
  }
  TP_CHECK(at >= begin && at + 4 <= begin + tail_.size());
  tail_.set_u32(at - begin, value);
}

std::vector<RpcReply::Piece> RpcReply::take() {
  std::vector<Piece> pieces = std::move(sealed_);
  pieces.push_back({tail_.take(), {}});
  sealed_.clear();
  sealed_bytes_ = 0;
  tail_ = wire::XdrWriter();
  return pieces;
}

}  // namespace tp::net
