#include "unit/nfs/v4/v4_client.h"

namespace tp::nfs::v4 {
namespace {

Ops exchange(uint32_t flags, uint32_t protection) {
  Ops ops;
  return ops.op(Op::kExchangeId).u64(1).opaque("client").u32(flags).u32(protection);
}

TEST(ExchangeId, SaysWhoTheServerIsAndThatItHasNoPnfs) {
  V4Rig rig;
  const auto name_of = [&] {
    Ops ops = exchange(0, 0);
    ops.u32(1).opaque("domain").opaque("name").u64(0).u32(0);
    V4Reply reply = rig.call(ops.compound());
    EXPECT_EQ(reply.next(Op::kExchangeId), Status::kOk);
    reply.in().u64();
    reply.in().u32();
    EXPECT_EQ(reply.in().u32(), kExchangeUseNonPnfs);
    EXPECT_EQ(reply.in().u32(), 0u);
    reply.in().u64();
    Bytes name(reply.in().opaque(kOpaqueLimit));
    EXPECT_EQ(reply.in().opaque(kOpaqueLimit), name);
    return name;
  };
  const Bytes name = name_of();
  EXPECT_FALSE(name.empty());
  rig.restart();
  EXPECT_EQ(name_of(), name);
  V4Rig another;
  EXPECT_FALSE(name.empty());
}

TEST(ExchangeId, BadFlagsAndProtections) {
  V4Rig rig;
  EXPECT_EQ(rig.call(exchange(0x80, 0).u32(0).compound()).status, Status::kInval);
  EXPECT_EQ(rig.call(exchange(0, 1).u32(1).u32(5).u32(0).u32(0).compound()).status, Status::kInval);
  EXPECT_EQ(rig.call(exchange(0, 2).compound()).status, Status::kEncrAlgUnsupp);
  EXPECT_EQ(rig.call(exchange(0, 3).u32(0).compound()).status, Status::kBadXdr);
  EXPECT_EQ(rig.call(exchange(0, 0).u32(2).compound()).status, Status::kBadXdr);
}

TEST(CreateSession, StaleClientsAndBadChannels) {
  V4Rig rig;
  const auto create = [&](uint64_t client, uint32_t security) {
    Ops ops;
    ops.op(Op::kCreateSession).u64(client).u32(1).u32(0);
    write_channel_attributes(ops, 65536, 4096, 16);
    write_channel_attributes(ops, 4096, 4096, 8);
    ops.u32(0).u32(1).u32(security);
    return rig.call(ops.compound()).status;
  };
  EXPECT_EQ(create(12345, 0), Status::kStaleClientId);
  EXPECT_EQ(create(12345, 1), Status::kBadXdr);
  EXPECT_EQ(create(12345, 9), Status::kBadXdr);
}

TEST(Sessions, AreDestroyedFromInsideLastAndFromOutside) {
  V4Rig rig;
  V4Client client(rig);
  Ops destroy;
  destroy.op(Op::kDestroySession).x.fixed(client.session.view());
  Ops early = destroy;
  early.root();
  EXPECT_EQ(client.status_of(early), Status::kNotOnlyOp);
  EXPECT_EQ(client.status_of(destroy), Status::kOk);
  EXPECT_EQ(rig.call(client.request(Ops().root(), 1)).status, Status::kBadSession);
  EXPECT_EQ(rig.call(destroy.compound()).status, Status::kBadSession);
  Ops forget;
  forget.op(Op::kDestroyClientId).u64(client.client);
  EXPECT_EQ(rig.call(forget.compound()).status, Status::kOk);
  EXPECT_EQ(rig.call(forget.compound()).status, Status::kStaleClientId);
}

TEST(Sessions, AClientInUseStays) {
  V4Rig rig;
  V4Client client(rig);
  Ops forget;
  forget.op(Op::kDestroyClientId).u64(client.client);
  EXPECT_EQ(rig.call(forget.compound()).status, Status::kClientIdBusy);
  EXPECT_EQ(client.status_of(Ops().op(Op::kBackchannelCtl).u32(1).u32(1).u32(0)), Status::kOk);
  EXPECT_EQ(client.status_of(Ops().op(Op::kBackchannelCtl).u32(1).u32(1).u32(77)), Status::kBadXdr);
}

TEST(ReclaimComplete, OnceAClient) {
  V4Rig rig;
  V4Client client(rig, "client", V4Client::Limits{.reclaims = true});
  client.reclaim_complete();
  EXPECT_EQ(client.status_of(Ops().op(Op::kReclaimComplete).u32(0)), Status::kCompleteAlready);
  EXPECT_EQ(client.status_of(Ops().op(Op::kReclaimComplete).u32(1)), Status::kNoFileHandle);
  EXPECT_EQ(client.status_of(Ops().path(kVolume).op(Op::kReclaimComplete).u32(1)), Status::kOk);
  EXPECT_EQ(client.status_of(Ops().op(Op::kReclaimComplete).u32(2)), Status::kBadXdr);
}

}  // namespace
}  // namespace tp::nfs::v4
