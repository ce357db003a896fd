// Compounds that are cut off or changed at random: an answer with a status, and a server that goes on.
#include "rt/env/rng.h"
#include "unit/nfs/v4/v4_client.h"

namespace tp::nfs::v4 {
namespace {

/// Arguments of every operation, right as they stand.
std::vector<Ops> samples(const V4Client::Opened& file, const state::SessionId& session) {
  std::vector<Ops> all;
  const auto add = [&](Ops ops) { all.push_back(std::move(ops)); };
  const auto on_file = [&] { return Ops().put_fh(file.handle); };
  const auto in_root = [&] { return Ops().path(kVolume); };
  const auto range = [&](Op op) { return on_file().op(op).stateid(file.stateid).u64(0).u64(10); };
  add(on_file().op(Op::kAccess).u32(0x1ff));
  add(on_file().get_attr({Attribute::kSupportedAttrs, Attribute::kOwner, Attribute::kSpaceFree}));
  add(on_file().op(Op::kSetAttr).stateid(file.stateid).size(10));
  add(on_file().op(Op::kVerify).bitmap({Attribute::kMode}).opaque(BytesView("\0\0\1\xa4", 4)));
  add(in_root().make_directory("d"));
  add(in_root().op(Op::kCreate).u32(5).opaque("target").opaque("s").no_attributes());
  add(in_root().op(Op::kCreate).u32(3).u32(1).u32(2).opaque("b").mode(0600));
  add(in_root().op(Op::kSaveFh).op(Op::kRename).opaque("d").opaque("e"));
  add(on_file().op(Op::kSaveFh).path(kVolume).op(Op::kLink).opaque("hard"));
  add(in_root().op(Op::kRemove).opaque("hard"));
  add(in_root().op(Op::kReadDir).u64(0).u64(0).u32(4096).u32(4096).bitmap({Attribute::kType, Attribute::kSize}));
  add(in_root().op(Op::kSecInfo).opaque("f"));
  add(in_root().op(Op::kSecInfoNoName).u32(1));
  add(in_root().open_create("g", kShareAccessBoth, "owner").write(StateId::current(), 0, "data").close());
  add(in_root().open_head(3, 0, "o").u32(1).u32(3).u64(7).mode(0600).u32(0).opaque("x"));
  add(on_file().open_head(1, 0, "fh").u32(0).u32(static_cast<uint32_t>(Claim::kFh)));
  add(on_file().write(file.stateid, 5, "some bytes"));
  add(on_file().read(file.stateid, 0, 64));
  add(on_file().op(Op::kCommit).u64(0).u32(0));
  Ops lock = on_file().op(Op::kLock).u32(2).u32(0).u64(0).u64(9).u32(1).u32(0).stateid(file.stateid).u32(0);
  add(lock.u64(0).opaque("l"));
  add(on_file().op(Op::kLockT).u32(1).u64(0).u64(9).u64(0).opaque("l"));
  add(range(Op::kAllocate));
  add(range(Op::kDeallocate));
  add(range(Op::kIoAdvise).bitmap({}));
  add(on_file().op(Op::kSeek).stateid(file.stateid).u64(0).u32(0));
  Ops copy = on_file().op(Op::kSaveFh).op(Op::kCopy).stateid(file.stateid).stateid(file.stateid);
  add(copy.u64(0).u64(20).u64(5).u32(1).u32(1).u32(0));
  Ops clone = on_file().op(Op::kSaveFh).op(Op::kClone).stateid(file.stateid).stateid(file.stateid);
  add(clone.u64(0).u64(20).u64(5));
  add(on_file().op(Op::kSetXattr).u32(0).opaque("name").opaque("value"));
  add(on_file().op(Op::kGetXattr).opaque("name"));
  add(on_file().op(Op::kListXattrs).u64(0).u32(100));
  add(on_file().op(Op::kRemoveXattr).opaque("name"));
  add(on_file().op(Op::kOpenDowngrade).stateid(file.stateid).u32(0).u32(3).u32(0));
  add(Ops().op(Op::kTestStateId).u32(1).stateid(file.stateid));
  add(Ops().op(Op::kFreeStateId).stateid(file.stateid));
  add(Ops().op(Op::kReclaimComplete).u32(0));
  Ops exchange;
  add(exchange.op(Op::kExchangeId).u64(1).opaque("y").u32(0).u32(0).u32(1).opaque("a").opaque("b").u64(0).u32(0));
  Ops create;
  create.op(Op::kCreateSession).u64(1).u32(1).u32(0);
  write_channel_attributes(create, 65536, 4096, 16);
  write_channel_attributes(create, 4096, 4096, 8);
  add(create.u32(0).u32(1).u32(1).u32(0).opaque("m").u32(0).u32(0).u32(1).u32(0));
  Ops destroy;
  destroy.op(Op::kDestroySession).x.fixed(session.view());
  add(destroy);
  return all;
}

TEST(Malformed, ACompoundCutAtAnyPointIsAnswered) {
  V4Rig rig;
  V4Client client(rig);
  const auto file = client.open_created("f");
  for (const Ops& ops : samples(file, state::SessionId())) {
    const size_t whole = client.request(ops, client.sequence + 1).size();
    for (size_t size = 0; size < whole; size += 4) {
      const Bytes request = client.request(ops, client.sequence + 1).substr(0, size);
      const V4Reply reply = rig.call(request);
      if (!reply.answered()) continue;
      ASSERT_NE(reply.status, Status::kOk) << "cut at " << size << " of " << whole;
      // Beyond SEQUENCE the slot has moved on.
      if (reply.count > 1 || size >= 12 + 36) ++client.sequence;
    }
    ASSERT_EQ(client.status_of(Ops().root()), Status::kOk);
  }
}

TEST(Malformed, CompoundsChangedAtRandomHarmNobody) {
  constexpr int kRounds = 100'000;
  const uint64_t seed = testing::UnitTest::GetInstance()->random_seed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  V4Rig rig;
  V4Client client(rig), witness(rig, "witness");
  const auto file = client.open_created("f");
  const auto kept = witness.open_created("kept");
  ASSERT_EQ(witness.status_of(Ops().put_fh(kept.handle).op(Op::kSetXattr).u32(0).opaque("is").opaque("as it was")),
            Status::kOk);
  const std::vector<Ops> all = samples(file, client.session);
  rt::Rng rng(seed);
  int succeeded = 0, refused = 0;
  for (int round = 0; round < kRounds; ++round) {
    Bytes request = client.request(all[rng.next() % all.size()], client.sequence + 1, rng.next() % 2 == 0);
    // Whose session it is stays, or nothing behind it would ever run.
    constexpr size_t kBehindSession = 12 + 4 + kSessionIdBytes + 16;
    for (uint64_t changes = 1 + rng.next() % 3; changes > 0; --changes) {
      const size_t at = kBehindSession + rng.next() % (request.size() - kBehindSession);
      const uint64_t how = rng.next() % 4;
      if (how == 0) request[at] = static_cast<char>(rng.next());
      if (how == 1) request[at] = static_cast<char>(request[at] ^ 1 << rng.next() % 8);
      if (how == 2) request[at & ~size_t{3}] = '\x7f';
      if (how == 3 && rng.next() % 8 == 0) request.resize(at & ~size_t{3});
      if (request.size() <= kBehindSession) break;
    }
    V4Reply reply = rig.call(request, round % 7 == 0 ? kUser : 0);
    if (!reply.answered() || reply.count == 0) continue;
    ++(reply.status == Status::kOk ? succeeded : refused);
    const Status sequence = reply.next(Op::kSequence);
    if (sequence == Status::kOk) {
      ++client.sequence;
    } else {
      // It has destroyed its own session.
      ASSERT_EQ(sequence, Status::kBadSession);
      client.connect(V4Client::Limits{.reclaims = true});
    }
  }
  // Both kinds of them were among those.
  EXPECT_GT(succeeded, kRounds / 100);
  EXPECT_GT(refused, kRounds / 100);
  // The witness's session, open and file have seen nothing of it.
  V4Reply reply = witness.run(Ops().put_fh(kept.handle).op(Op::kGetXattr).opaque("is"));
  ASSERT_EQ(reply.status, Status::kOk);
  EXPECT_EQ(reply.next(Op::kPutFh), Status::kOk);
  EXPECT_EQ(reply.next(Op::kGetXattr), Status::kOk);
  EXPECT_EQ(reply.in().opaque(100), "as it was");
  EXPECT_EQ(witness.status_of(Ops().put_fh(kept.handle).close(kept.stateid)), Status::kOk);
}

}  // namespace
}  // namespace tp::nfs::v4
