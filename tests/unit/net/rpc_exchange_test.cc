#include "net/rpc_exchange.h"

#include <gtest/gtest.h>

#include "net/rpc/rpc_batch.h"

namespace tp::net {
namespace {

io::SendRegion region(Bytes bytes) {
  auto owner = std::make_shared<Bytes>(std::move(bytes));
  return {*owner, false, owner};
}

Bytes joined(RpcReply& reply) {
  Bytes all;
  for (const RpcReply::Piece& piece : reply.take()) {
    all += piece.bytes;
    all += piece.region.bytes;
  }
  return all;
}

TEST(RpcReply, IsInOrderWhateverItIsMadeOf) {
  RpcReply reply;
  reply.xdr().u32(1);
  reply.opaque({region("abc"), region(""), region("defgh")}, 8);
  reply.xdr().u32(2);
  reply.opaque({region("xyz")}, 3);
  reply.opaque({}, 0);
  wire::XdrWriter same;
  same.u32(1);
  same.opaque("abcdefgh");
  same.u32(2);
  same.opaque("xyz");
  same.opaque("");
  EXPECT_EQ(reply.size(), same.size());
  EXPECT_FALSE(reply.plain());
  EXPECT_EQ(joined(reply), same.view());
}

TEST(RpcReply, EndsWithAPieceThatHasNoRegion) {
  RpcReply reply;
  reply.opaque({region("1234")}, 4);
  const auto pieces = reply.take();
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0].region.bytes, "1234");
  EXPECT_TRUE(pieces[1].bytes.empty() && pieces[1].region.bytes.empty());
  EXPECT_EQ(reply.size(), 0u);
}

TEST(RpcReply, FillsInPlacesAnywhere) {
  RpcReply reply;
  const size_t first = reply.reserve_u32();
  reply.xdr().u32(7);
  reply.opaque({region("abcde"), region("fghij")}, 10);
  const size_t second = reply.reserve_u32();
  reply.opaque({region("0123")}, 4);
  reply.xdr().u32(8);
  const size_t third = reply.reserve_u32();
  reply.set_u32(third, 3);
  reply.set_u32(second, 2);
  reply.set_u32(first, 1);
  wire::XdrWriter same;
  same.u32(1);
  same.u32(7);
  same.opaque("abcdefghij");
  same.u32(2);
  same.opaque("0123");
  same.u32(8);
  same.u32(3);
  EXPECT_EQ(joined(reply), same.view());
}

TEST(RpcReplyDeathTest, DoesNotWriteIntoRegions) {
  RpcReply reply;
  reply.xdr().u32(7);
  reply.opaque({region("abcd")}, 4);
  EXPECT_DEATH(reply.set_u32(8, 1), "");
  EXPECT_DEATH(reply.set_u32(6, 1), "");
  EXPECT_DEATH(reply.set_u32(12, 1), "");
}

}  // namespace
}  // namespace tp::net
