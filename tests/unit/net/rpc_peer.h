// What the tests of RpcServer share: calls as bytes, replies out of bytes, a handler that does what it is told, a
// client that sends any bytes in any pieces.
#pragma once

#include <gtest/gtest.h>

#include <list>
#include <map>
#include <string>
#include <vector>

#include "backend/memory/memory_stream.h"
#include "net/rpc_server.h"
#include "rt/await.h"
#include "rt/runtime.h"
#include "rt/semaphore.h"

namespace tp::net::testing {

enum Procedure : uint32_t {
  kNull = 0,
  kEcho = 1,  // answers its arguments
  kWait = 2,  // answers when the test says so
  kDrop = 3,
  kFail = 4,
  kRegions = 5,  // answers regions: arguments are a count and a size
  kSilent = 6,   // writes nothing: a fault of the handler
};

inline Bytes fragment(BytesView bytes, bool last) {
  Bytes out;
  append_be(out, static_cast<uint32_t>(bytes.size()) | (last ? wire::kRpcLastFragment : 0));
  return out + Bytes(bytes);
}
inline Bytes record(BytesView bytes) {
  return fragment(bytes, true);
}

inline Bytes call_message(uint32_t xid, uint32_t procedure, BytesView arguments = {}) {
  wire::XdrWriter out;
  for (const uint32_t word : {xid, 0u, 2u, 1u, 1u, procedure, 0u, 0u, 0u, 0u}) out.u32(word);
  out.fixed(arguments);
  return out.take();
}
inline Bytes call(uint32_t xid, uint32_t procedure, BytesView arguments = {}) {
  return record(call_message(xid, procedure, arguments));
}
inline Bytes regions_call(uint32_t xid, uint32_t count, uint32_t size) {
  wire::XdrWriter out;
  out.u32(count);
  out.u32(size);
  return call(xid, kRegions, out.view());
}

struct Reply {
  uint32_t xid = 0;
  Bytes results;
};
/// Every reply in `received`, which must be whole records of accepted calls.
inline std::vector<Reply> replies_of(BytesView received) {
  std::vector<Reply> found;
  while (!received.empty()) {
    wire::XdrReader mark(received);
    const uint32_t size = mark.u32() & ~wire::kRpcLastFragment;
    if (!mark.good() || size > received.size() - 4 || size < 24) {
      ADD_FAILURE() << "not a whole reply at the end: " << received.size() << " bytes";
      break;
    }
    wire::XdrReader in(received.substr(4, size));
    Reply reply;
    reply.xid = in.u32();
    for (const uint32_t word : {1u, 0u, 0u, 0u, 0u}) EXPECT_EQ(in.u32(), word);
    reply.results = Bytes(in.rest());
    found.push_back(std::move(reply));
    received.remove_prefix(4 + size);
  }
  return found;
}

class TestHandler final : public RpcHandler {
 public:
  Task<void> handle(RpcCall call, RpcReply* reply) override {
    ++started;
    ++running;
    most_running = std::max(most_running, running);
    const uint64_t connection = call.peer->connection;
    ++running_of_[connection];
    const Result<void> done = co_await answer(std::move(call), reply);
    --running_of_[connection];
    --running;
    co_return done;
  }
  void on_closed(RpcPeer& peer) override {
    EXPECT_EQ(running_of_[peer.connection], 0u);
    closed.push_back(peer.connection);
  }
  /// Lets so many kWait calls go on, now or when they come.
  void release(size_t calls) { gate.release(calls); }

  rt::Semaphore gate{0};
  size_t started = 0, running = 0, most_running = 0;
  std::vector<uint64_t> closed;
  std::vector<std::shared_ptr<const void>> kept;
  std::vector<std::pair<std::string, std::string>> peers;  // address, host
  bool keep = false;

 private:
  Task<void> answer(RpcCall call, RpcReply* reply) {
    peers.emplace_back(call.peer->address, call.peer->host);
    if (keep) kept.push_back(call.owner);
    if (call.head.procedure == kFail) co_return fail(Code::kInternal, "told to");
    if (call.head.procedure == kSilent) co_return ok;
    reply->drop = call.head.procedure == kDrop;
    if (call.head.procedure == kWait) co_await gate.acquire();
    wire::write_rpc_accepted(reply->xdr(), call.head.xid, wire::RpcAccept::kSuccess);
    if (call.head.procedure == kEcho) reply->xdr().raw(call.arguments);
    if (call.head.procedure == kRegions) answer_regions(call, reply);
    co_return ok;
  }
  // The count's place is written before the regions and filled in behind them, as COMPOUND's is.
  static void answer_regions(const RpcCall& call, RpcReply* reply) {
    wire::XdrReader in(call.arguments);
    const uint32_t count = in.u32();
    const uint32_t size = in.u32();
    const size_t place = reply->reserve_u32();
    std::vector<io::SendRegion> regions;
    for (uint32_t i = 0; i < count; ++i) {
      auto bytes = std::make_shared<Bytes>(size, static_cast<char>('a' + i % 26));
      regions.push_back({*bytes, i % 2 == 0, bytes});
    }
    reply->opaque(std::move(regions), count * size);
    reply->xdr().u32(0x600d600d);
    reply->set_u32(place, count);
  }

  std::map<uint64_t, size_t> running_of_;
};

/// What kRegions answers.
inline Bytes regions_result(uint32_t count, uint32_t size) {
  Bytes all;
  for (uint32_t i = 0; i < count; ++i) all.append(size, static_cast<char>('a' + i % 26));
  wire::XdrWriter out;
  out.u32(count);
  out.opaque(all);
  out.u32(0x600d600d);
  return out.take();
}

struct Talk {
  Bytes sent;
  size_t piece_bytes = 0;  // 0: all at once
  bool half_close = true;  // end our side after sending
  memory::MemoryStreamOptions stream;
  Bytes received;
};

inline Task<void> send_pieces(io::Stream* stream, const Talk* talk) {
  const size_t step = talk->piece_bytes == 0 ? talk->sent.size() : talk->piece_bytes;
  for (size_t at = 0; at < talk->sent.size(); at += step) {
    const std::array<BytesView, 1> piece = {BytesView(talk->sent).substr(at, step)};
    const Result<void> sent = co_await stream->write_all(piece);
    if (!sent) co_return ok;  // the server may have closed already
    co_await rt::yield();
  }
  if (talk->half_close) stream->shutdown_write();
  co_return ok;
}

inline Task<void> receive_all(io::Stream* stream, Bytes* received) {
  std::array<char, 4096> buffer;
  for (;;) {
    const MutableBytes space(buffer);
    const auto got = co_await stream->read_some(space);
    if (!got || *got == 0) co_return ok;
    received->append(buffer.data(), *got);
  }
}

inline Task<void> serve(RpcServer* server, std::unique_ptr<io::Stream> stream) {
  co_return co_await server->serve(std::move(stream));
}

/// One connection from its first byte to the end that the server makes.
inline Task<void> converse(RpcServer* server, Talk* talk) {
  auto ends = memory::make_stream_pair(talk->stream);
  rt::TaskGroup group;
  group.spawn(serve(server, std::move(ends.second)));
  group.spawn(send_pieces(ends.first.get(), talk));
  [[maybe_unused]] const Result<void> ended = co_await receive_all(ends.first.get(), &talk->received);
  ends.first->close();
  co_await group.join();
  co_return ok;
}

}  // namespace tp::net::testing
