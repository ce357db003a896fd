// V4Client: a client of the rig with a session, of which it uses one slot. Owner: a test.
#pragma once

#include "unit/nfs/v4/v4_rig.h"

namespace tp::nfs::v4 {

inline void write_channel_attributes(Ops& ops, uint32_t max_bytes, uint32_t max_cached, uint32_t max_ops) {
  ops.u32(0).u32(max_bytes).u32(max_bytes).u32(max_cached).u32(max_ops).u32(8).u32(0);
}

class V4Client {
 public:
  struct Limits {
    uint32_t bytes = (1 << 20) + (16 << 10), cached = 8 << 10, operations = 64;
    bool reclaims = false;  // RECLAIM_COMPLETE is left to the test
  };

  explicit V4Client(V4Rig& rig, std::string name = "client", uint32_t minor = 2)
      : rig_(rig), name_(std::move(name)), minor_(minor) {
    connect(Limits());
  }
  V4Client(V4Rig& rig, std::string name, Limits limits) : rig_(rig), name_(std::move(name)) { connect(limits); }

  void connect(Limits limits) {
    exchange_id();
    create_session(limits);
    if (!limits.reclaims) reclaim_complete();
  }
  void exchange_id() {
    Ops ops;
    ops.op(Op::kExchangeId).u64(verifier).opaque(name_).u32(0).u32(0).u32(0);
    V4Reply reply = rig_.call(ops.compound(minor_), uid);
    ASSERT_EQ(reply.next(Op::kExchangeId), Status::kOk);
    client = reply.in().u64();
    create_sequence_ = reply.in().u32();
  }
  void create_session(Limits limits) {
    Ops ops;
    ops.op(Op::kCreateSession).u64(client).u32(create_sequence_).u32(0);
    write_channel_attributes(ops, limits.bytes, limits.cached, limits.operations);
    write_channel_attributes(ops, 4096, 4096, 8);
    ops.u32(0).u32(1).u32(0);
    V4Reply reply = rig_.call(ops.compound(minor_), uid);
    ASSERT_EQ(reply.next(Op::kCreateSession), Status::kOk);
    session = read_session_id(reply.in());
    sequence = 0;
  }
  void reclaim_complete() { EXPECT_EQ(run(Ops().op(Op::kReclaimComplete).u32(0)).status, Status::kOk); }

  /// SEQUENCE and the operations.
  Bytes request(const Ops& ops, uint32_t number, bool cache = false) const {
    Ops all;
    all.op(Op::kSequence).x.fixed(session.view());
    all.u32(number).u32(0).u32(0).u32(cache ? 1 : 0);
    all.x.fixed(ops.x.view());
    all.count += ops.count;
    return all.compound(minor_);
  }
  /// The reply stands behind SEQUENCE's result.
  V4Reply run(const Ops& ops, bool cache = false) {
    V4Reply reply = rig_.call(request(ops, ++sequence, cache), uid);
    EXPECT_TRUE(reply.answered());
    if (reply.count > 0) reply.skip_sequence();
    return reply;
  }
  Status status_of(const Ops& ops) { return run(ops).status; }

  struct Opened {
    StateId stateid;
    Bytes handle;
    bool created = false;
  };
  /// `ops` ends with an OPEN.
  Opened open(Ops ops, uint32_t operations_before) {
    V4Reply reply = run(ops.get_fh());
    EXPECT_EQ(reply.status, Status::kOk);
    Opened opened;
    if (reply.status != Status::kOk) return opened;
    for (uint32_t i = 0; i < operations_before; ++i) reply.in().u64();  // results without a body
    EXPECT_EQ(reply.next(Op::kOpen), Status::kOk);
    opened.stateid = read_stateid(reply.in());
    reply.in().fixed(20);  // change_info4
    reply.in().u32();
    opened.created = !Bitmap::read(reply.in()).empty();
    EXPECT_EQ(reply.in().u32(), kDelegateNone);
    EXPECT_EQ(reply.next(Op::kGetFh), Status::kOk);
    opened.handle = Bytes(reply.in().opaque(kHandleLimit));
    return opened;
  }
  /// Of the volume's root.
  Opened open_created(BytesView name, uint32_t access = kShareAccessBoth, BytesView owner = "o") {
    return open(Ops().path(kVolume).open_create(name, access, owner), 2);
  }
  Bytes handle_of(std::string_view path) {
    V4Reply reply = run(Ops().path(path).get_fh());
    EXPECT_EQ(reply.status, Status::kOk);
    const auto parts = static_cast<uint32_t>(path.empty() ? 0 : 1 + std::count(path.begin(), path.end(), '/'));
    for (uint32_t i = 0; i < parts + 1; ++i) reply.in().u64();
    EXPECT_EQ(reply.next(Op::kGetFh), Status::kOk);
    return Bytes(reply.in().opaque(kHandleLimit));
  }
  /// GETATTR of a path: the values, which stand in the order of their numbers.
  Bytes attributes_of(std::string_view path, const Bitmap& wanted) {
    V4Reply reply = run(Ops().put_fh(handle_of(path)).get_attr(wanted));
    EXPECT_EQ(reply.status, Status::kOk);
    EXPECT_EQ(reply.next(Op::kPutFh), Status::kOk);
    EXPECT_EQ(reply.next(Op::kGetAttr), Status::kOk);
    EXPECT_EQ(Bitmap::read(reply.in()), wanted);
    return Bytes(reply.in().opaque(1 << 16));
  }
  uint64_t number_of(std::string_view path, Attribute attribute) {
    const Bytes value = attributes_of(path, Bitmap{attribute});
    if (value.size() == 4) return get_be<uint32_t>(value.data());
    EXPECT_GE(value.size(), 8u);
    return value.size() < 8 ? 0 : get_be<uint64_t>(value.data());
  }

  uint32_t uid = 0;
  uint64_t verifier = 1;
  uint64_t client = 0;
  state::SessionId session;
  uint32_t sequence = 0;

 private:
  V4Rig& rig_;
  std::string name_;
  uint32_t minor_ = 2;
  uint32_t create_sequence_ = 0;
};

}  // namespace tp::nfs::v4
