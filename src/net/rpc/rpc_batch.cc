#include "net/rpc/rpc_batch.h"

#include <utility>

#include "rt/loop.h"
#include "wire/xdr/rpc_message.h"

namespace tp::net {

namespace {
constexpr size_t kGatherBytes = 16 << 10;  // up to here a copy costs less than a piece of its own
constexpr size_t kLendBytes = 64 << 10;    // from here on lending pages costs less than a copy
constexpr size_t kFlushBytes = 1 << 20;    // of one write
constexpr size_t kKeptCapacity = 64 << 10;
}  // namespace

void RpcBatch::add(RpcReply& reply) {
  const size_t size = reply.size();
  append_be(gathered_, wire::kRpcLastFragment | static_cast<uint32_t>(size));
  ++replies_;
  reply_bytes_ += size;
  if (reply.plain() && size <= kGatherBytes) {
    gathered_.append(reply.xdr().view());
    return;
  }
  for (RpcReply::Piece& piece : reply.take()) {
    add_bytes(std::move(piece.bytes));
    add_region(std::move(piece.region));
  }
}

void RpcBatch::add_bytes(Bytes bytes) {
  if (bytes.size() <= kGatherBytes) {
    gathered_.append(bytes);
  } else {
    parts_.push_back({gathered_.size(), std::move(bytes), {}});
  }
}

void RpcBatch::add_region(io::SendRegion region) {
  if (region.bytes.size() <= kGatherBytes) {
    gathered_.append(region.bytes);
  } else {
    parts_.push_back({gathered_.size(), {}, std::move(region)});
  }
}

Task<void> RpcBatch::send(io::Stream* stream, rt::Nanos* since) {
  const BytesView gathered = gathered_;
  size_t begin = 0;
  size_t waiting_bytes = 0;
  for (const Part& part : parts_) {
    const BytesView before = gathered.substr(begin, part.gathered_end - begin);
    begin = part.gathered_end;
    if (part.region.lendable && part.region.bytes.size() >= kLendBytes) {
      TP_CO_TRY_VOID(co_await flush(stream, since));
      TP_CO_TRY_VOID(co_await stream->write_region(before, part.region));
      *since = rt::Loop::current().turn_time();
      waiting_bytes = 0;
      continue;
    }
    for (const BytesView piece : {before, BytesView(part.bytes), part.region.bytes}) {
      if (piece.empty()) continue;
      pieces_.push_back(piece);
      waiting_bytes += piece.size();
    }
    if (waiting_bytes >= kFlushBytes) {
      TP_CO_TRY_VOID(co_await flush(stream, since));
      waiting_bytes = 0;
    }
  }
  pieces_.push_back(gathered.substr(begin));
  co_return co_await flush(stream, since);
}

Task<void> RpcBatch::flush(io::Stream* stream, rt::Nanos* since) {
  if (pieces_.empty()) co_return ok;
  const Result<void> sent = co_await stream->write_all(pieces_);
  pieces_.clear();
  *since = rt::Loop::current().turn_time();
  co_return sent;
}

void RpcBatch::clear() {
  gathered_.clear();
  if (gathered_.capacity() > kKeptCapacity) Bytes().swap(gathered_);
  parts_.clear();
  pieces_.clear();
  replies_ = 0;
  reply_bytes_ = 0;
}

}  // namespace tp::net
