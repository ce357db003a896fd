// Programs, versions, procedures and credentials: what is answered before any procedure runs.
#include <gtest/gtest.h>

#include "unit/nfs/nfs_rig.h"

namespace tp::test {
namespace {

using nfs::kMountProgram;
using nfs::kNfsProgram;
using wire::RpcAccept;

Bytes words(std::initializer_list<uint32_t> values) {
  wire::XdrWriter out;
  for (const uint32_t value : values) out.u32(value);
  return out.take();
}
uint32_t accepted(RpcAccept status) { return static_cast<uint32_t>(status); }

TEST(NfsFront, AnswersNullOfEveryProgram) {
  NfsRig rig;
  for (const auto& [program, version] : {std::pair{kNfsProgram, 3u}, {kNfsProgram, 4u}, {kMountProgram, 3u}}) {
    const RpcAnswer answer = rig.call(program, version, 0, {}, {.uid = std::nullopt});
    EXPECT_TRUE(answer.answered);
    EXPECT_FALSE(answer.denied);
    EXPECT_EQ(answer.status, accepted(RpcAccept::kSuccess));
    EXPECT_TRUE(answer.results.empty());
  }
}

TEST(NfsFront, NamesTheVersionsThatItHas) {
  NfsRig rig;
  for (const uint32_t version : {0u, 2u, 5u, UINT32_MAX}) {
    const RpcAnswer answer = rig.call(kNfsProgram, version, 0, {}, {});
    EXPECT_EQ(answer.status, accepted(RpcAccept::kProgramMismatch));
    EXPECT_EQ(answer.results, words({3, 4}));
  }
  for (const uint32_t version : {1u, 2u, 4u}) {
    const RpcAnswer answer = rig.call(kMountProgram, version, 0, {}, {});
    EXPECT_EQ(answer.status, accepted(RpcAccept::kProgramMismatch));
    EXPECT_EQ(answer.results, words({3, 3}));
  }
}

TEST(NfsFront, RefusesWhatItDoesNotKnow) {
  NfsRig rig;
  EXPECT_EQ(rig.call(100000, 2, 0, {}, {}).status, accepted(RpcAccept::kProgramUnavailable));
  EXPECT_EQ(rig.call(kNfsProgram, 3, 22, {}, {}).status, accepted(RpcAccept::kProcedureUnavailable));
  EXPECT_EQ(rig.call(kNfsProgram, 3, UINT32_MAX, {}, {}).status, accepted(RpcAccept::kProcedureUnavailable));
  EXPECT_EQ(rig.call(kNfsProgram, 4, 2, {}, {}).status, accepted(RpcAccept::kProcedureUnavailable));
  EXPECT_EQ(rig.call(kMountProgram, 3, 6, {}, {}).status, accepted(RpcAccept::kProcedureUnavailable));
}

TEST(NfsFront, RefusesCredentialsAndRpcVersions) {
  NfsRig rig;
  const Bytes none = words({0, 0});
  const auto call_with = [](uint32_t rpc, const Bytes& credential) {
    return words({9, 0, rpc, kNfsProgram, 3, 0}) + credential + words({0, 0});
  };
  RpcAnswer answer = rig.record(call_with(2, none));
  EXPECT_TRUE(answer.answered && !answer.denied);
  answer = rig.record(call_with(3, none));
  EXPECT_TRUE(answer.denied);
  EXPECT_EQ(answer.status, 0u);
  EXPECT_EQ(answer.results, words({2, 2}));
  answer = rig.record(call_with(2, words({1, 4, 0})));
  EXPECT_TRUE(answer.denied);
  EXPECT_EQ(answer.status, 1u);
  EXPECT_EQ(answer.results, words({1}));  // AUTH_BADCRED
  for (const uint32_t flavor : {2u, 3u, 6u, 390003u}) {
    answer = rig.record(call_with(2, words({flavor, 0})));
    EXPECT_TRUE(answer.denied) << flavor;
    EXPECT_EQ(answer.results, words({5})) << flavor;  // AUTH_TOOWEAK
  }
}

TEST(NfsFront, KeepsItsKeyOverARestart) {
  NfsRig rig;
  wire::XdrWriter path;
  path.opaque("/box");
  const Bytes arguments = path.take();
  const RpcAnswer before = rig.call(kMountProgram, 3, 1, arguments, {});
  rig.restart();
  const RpcAnswer after = rig.call(kMountProgram, 3, 1, arguments, {});
  EXPECT_EQ(before.results.substr(0, 4), words({0}));
  EXPECT_EQ(before.results, after.results);
}

TEST(NfsFront, DoesNotReplaceADamagedKey) {
  NfsRig rig;
  ASSERT_TRUE(rig.run(rig.store().plane().files().set_note("nfs/handle-key", Bytes("short"))));
  nfs::NfsOptions options;
  options.plane = &rig.store().plane();
  options.runtime = &rig.store().runtime();
  const auto opened = rig.run(nfs::NfsFront::open(options));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kCorruption);
}

}  // namespace
}  // namespace tp::test
