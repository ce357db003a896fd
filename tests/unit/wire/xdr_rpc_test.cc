#include <gtest/gtest.h>

#include "wire/xdr/rpc_message.h"

namespace tp::wire {
namespace {

struct Credential {
  RpcFlavor flavor = RpcFlavor::kSys;
  Bytes body;
};

Bytes sys_body(BytesView machine, const std::vector<uint32_t>& groups) {
  XdrWriter out;
  out.u32(7);
  out.opaque(machine);
  out.u32(1000);
  out.u32(100);
  out.u32(static_cast<uint32_t>(groups.size()));
  for (const uint32_t group : groups) out.u32(group);
  return out.take();
}

Bytes call(const Credential& credential, BytesView arguments = "args", BytesView verifier = {}) {
  XdrWriter out;
  out.u32(0x12345678);
  out.u32(0);
  out.u32(2);
  out.u32(100003);
  out.u32(3);
  out.u32(1);
  out.u32(static_cast<uint32_t>(credential.flavor));
  out.opaque(credential.body);
  out.u32(0);
  out.opaque(verifier);
  out.fixed(arguments);
  return out.take();
}

Result<RpcCallHead> read(const Bytes& record) {
  XdrReader in(record);
  return read_rpc_call(in);
}

TEST(RpcCall, IsReadUpToItsArguments) {
  const Bytes record = call({RpcFlavor::kSys, sys_body("client", {4, 24, 27})});
  XdrReader in(record);
  const auto head = read_rpc_call(in);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->xid, 0x12345678u);
  EXPECT_EQ(head->rpc_version, 2u);
  EXPECT_EQ(head->program, 100003u);
  EXPECT_EQ(head->version, 3u);
  EXPECT_EQ(head->procedure, 1u);
  EXPECT_EQ(head->flavor, RpcFlavor::kSys);
  ASSERT_TRUE(head->sys);
  EXPECT_FALSE(head->bad_credential);
  EXPECT_EQ(head->sys->stamp, 7u);
  EXPECT_EQ(head->sys->machine, "client");
  EXPECT_EQ(head->sys->uid, 1000u);
  EXPECT_EQ(head->sys->gid, 100u);
  EXPECT_EQ(head->sys->groups, (std::vector<uint32_t>{4, 24, 27}));
  EXPECT_EQ(in.rest(), "args");
}

TEST(RpcCall, MayCarryNoCredential) {
  const auto head = read(call({RpcFlavor::kNone, {}}));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->flavor, RpcFlavor::kNone);
  EXPECT_FALSE(head->sys || head->bad_credential);
}

TEST(RpcCall, OfAnotherFlavorIsReadWithoutLookingInside) {
  const auto head = read(call({RpcFlavor::kGss, "whatever this is"}));
  ASSERT_TRUE(head);
  EXPECT_EQ(head->flavor, RpcFlavor::kGss);
  EXPECT_FALSE(head->sys || head->bad_credential);
  const auto unknown = read(call({static_cast<RpcFlavor>(390000), "x"}));
  ASSERT_TRUE(unknown);
  EXPECT_EQ(static_cast<uint32_t>(unknown->flavor), 390000u);
}

TEST(RpcCall, IsMalformedWhereverItIsCut) {
  const Bytes whole = call({RpcFlavor::kSys, sys_body("client", {4, 24, 27})}, {});
  ASSERT_TRUE(read(whole));
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto head = read(whole.substr(0, size));
    ASSERT_FALSE(head) << size;
    EXPECT_EQ(head.error().code, Code::kMalformed);
  }
}

TEST(RpcCall, IsNotAReplyNorAnythingElse) {
  for (const uint32_t type : {1u, 2u, 0xffffffffu}) {
    Bytes record = call({});
    put_be(record.data() + 4, type);
    EXPECT_FALSE(read(record)) << type;
  }
}

TEST(RpcCall, OfAnotherRpcVersionIsHandedOnForItsRefusal) {
  for (const uint32_t version : {0u, 1u, 3u}) {
    XdrWriter out;
    out.u32(9);
    out.u32(0);
    out.u32(version);
    const auto head = read(out.take());
    ASSERT_TRUE(head);
    EXPECT_EQ(head->xid, 9u);
    EXPECT_EQ(head->rpc_version, version);
    EXPECT_EQ(head->program, 0u);
  }
}

TEST(RpcCredential, IsBadWhereverItIsCutOrGoesOn) {
  const Bytes body = sys_body("client", {1, 2, 3});
  for (size_t size = 0; size < body.size(); ++size) {
    const auto head = read(call({RpcFlavor::kSys, body.substr(0, size)}));
    ASSERT_TRUE(head) << size;
    EXPECT_TRUE(head->bad_credential && !head->sys) << size;
  }
  for (size_t more = 1; more < 9; ++more) {
    const auto head = read(call({RpcFlavor::kSys, body + Bytes(more, '\0')}));
    ASSERT_TRUE(head);
    EXPECT_TRUE(head->bad_credential && !head->sys) << more;
  }
}

TEST(RpcCredential, HasAtMostSixteenGroups) {
  const auto sixteen = read(call({RpcFlavor::kSys, sys_body("c", std::vector<uint32_t>(16, 5))}));
  ASSERT_TRUE(sixteen && sixteen->sys);
  EXPECT_EQ(sixteen->sys->groups.size(), 16u);
  const auto more = read(call({RpcFlavor::kSys, sys_body("c", std::vector<uint32_t>(17, 5))}));
  ASSERT_TRUE(more);
  EXPECT_TRUE(more->bad_credential);
}

TEST(RpcCredential, HasAMachineNameOfAtMost255Bytes) {
  const auto longest = read(call({RpcFlavor::kSys, sys_body(Bytes(255, 'm'), {})}));
  ASSERT_TRUE(longest && longest->sys);
  EXPECT_EQ(longest->sys->machine.size(), 255u);
  const auto longer = read(call({RpcFlavor::kSys, sys_body(Bytes(256, 'm'), {})}));
  ASSERT_TRUE(longer);
  EXPECT_TRUE(longer->bad_credential);
}

TEST(RpcCredential, AndVerifierHaveAtMost400Bytes) {
  EXPECT_TRUE(read(call({RpcFlavor::kGss, Bytes(400, 'g')}, "args", Bytes(400, 'v'))));
  EXPECT_FALSE(read(call({RpcFlavor::kGss, Bytes(401, 'g')})));
  EXPECT_FALSE(read(call({RpcFlavor::kNone, {}}, "args", Bytes(401, 'v'))));
}

// The words of a reply, for comparison.
std::vector<uint32_t> words(XdrWriter out) {
  std::vector<uint32_t> found;
  XdrReader in(out.view());
  while (!in.at_end()) found.push_back(in.u32());
  return found;
}
using Words = std::vector<uint32_t>;

TEST(RpcReplyHead, IsAsTheRfcSays) {
  XdrWriter accepted;
  write_rpc_accepted(accepted, 5, RpcAccept::kGarbageArguments);
  EXPECT_EQ(words(std::move(accepted)), (Words{5, 1, 0, 0, 0, 4}));
  XdrWriter program;
  write_rpc_program_mismatch(program, 6, 3, 4);
  EXPECT_EQ(words(std::move(program)), (Words{6, 1, 0, 0, 0, 2, 3, 4}));
  XdrWriter version;
  write_rpc_version_mismatch(version, 7);
  EXPECT_EQ(words(std::move(version)), (Words{7, 1, 1, 0, 2, 2}));
  XdrWriter auth;
  write_rpc_auth_error(auth, 8, RpcAuthStatus::kTooWeak);
  EXPECT_EQ(words(std::move(auth)), (Words{8, 1, 1, 1, 5}));
}

}  // namespace
}  // namespace tp::wire
