// What no client would send: cut, forged, at random.
#include "unit/nfs/v3/v3_client.h"

namespace tp::nfs::v3 {
namespace {

/// One good call of every procedure.
std::vector<std::pair<Proc, Bytes>> good_calls(V3Client& client) {
  const Bytes root = client.root();
  const Bytes file = client.create(root, "file");
  return {
      {Proc::kGetAttr, Args().bytes(root).done()},
      {Proc::kSetAttr, Args().bytes(file).set(0600).u32(1).u64(1).done()},
      {Proc::kLookup, Args().at(root, "file").done()},
      {Proc::kAccess, Args().bytes(root).u32(63).done()},
      {Proc::kReadLink, Args().bytes(root).done()},
      {Proc::kRead, Args().bytes(file).u64(0).u32(100).done()},
      {Proc::kWrite, Args().bytes(file).u64(0).u32(4).u32(2).bytes("data").done()},
      {Proc::kCreate, Args().at(root, "new").u32(0).set(0644).done()},
      {Proc::kMkdir, Args().at(root, "dir").set(0755).done()},
      {Proc::kSymlink, Args().at(root, "link").set().bytes("target").done()},
      {Proc::kMknod, Args().at(root, "device").u32(3).set(0600).u32(1).u32(2).done()},
      {Proc::kRemove, Args().at(root, "new").done()},
      {Proc::kRmdir, Args().at(root, "dir").done()},
      {Proc::kRename, Args().at(root, "link").at(root, "link2").done()},
      {Proc::kLink, Args().bytes(file).at(root, "second").done()},
      {Proc::kReadDir, Args().bytes(root).u64(0).u64(0).u32(4096).done()},
      {Proc::kReadDirPlus, Args().bytes(root).u64(0).u64(0).u32(4096).u32(4096).done()},
      {Proc::kFsStat, Args().bytes(root).done()},
      {Proc::kFsInfo, Args().bytes(root).done()},
      {Proc::kPathConf, Args().bytes(root).done()},
      {Proc::kCommit, Args().bytes(file).u64(0).u32(0).done()},
  };
}

TEST(Malformed, NoProcedureTakesCutArguments) {
  test::NfsRig rig;
  V3Client client(rig);
  for (const auto& [procedure, arguments] : good_calls(client)) {
    for (size_t size = 0; size < arguments.size(); size += 4) {
      EXPECT_TRUE(client.raw(procedure, arguments.substr(0, size)).garbage())
          << static_cast<uint32_t>(procedure) << " cut at " << size;
    }
    EXPECT_TRUE(client.raw(procedure, arguments).rpc_ok()) << static_cast<uint32_t>(procedure);
  }
}

TEST(Malformed, NoProcedureTakesAForgedOrForeignHandle) {
  test::NfsRig rig;
  V3Client client(rig);
  // A good handle of NFSv4's pseudo root, which is no file.
  const auto key = rig.run(rig.store().plane().files().note("nfs/handle-key"));
  HandleCodec::Key mac_key;
  ASSERT_TRUE(key && *key && (*key)->size() == mac_key.size());
  std::ranges::copy(**key, mac_key.begin());
  const Bytes pseudo = HandleCodec(mac_key).encode({.pseudo_root = true});
  ASSERT_TRUE(HandleCodec(mac_key).decode(client.root()));
  for (const auto& [procedure, arguments] : good_calls(client)) {
    Bytes forged = arguments;
    forged[4 + 17] = static_cast<char>(forged[4 + 17] ^ 1);  // another inode
    EXPECT_EQ(client.raw(procedure, forged).status, Status3::kBadHandle) << static_cast<uint32_t>(procedure);
    forged = arguments;
    forged.replace(4, HandleCodec::kHandleBytes, pseudo);
    EXPECT_EQ(client.raw(procedure, forged).status, Status3::kBadHandle) << static_cast<uint32_t>(procedure);
  }
  EXPECT_EQ(client.call(Proc::kGetAttr, Args().bytes("")).status, Status3::kBadHandle);
  EXPECT_TRUE(client.call(Proc::kGetAttr, Args().bytes(std::string(65, 'x'))).garbage());
}

TEST(Malformed, NoProcedureServesWhomTheVolumeKeepsOut) {
  test::NfsRig rig;
  V3Client client(rig);
  const auto calls = good_calls(client);
  for (const auto& [procedure, arguments] : calls) {
    Reply reply(rig.call(kNfsProgram, 3, static_cast<uint32_t>(procedure), arguments, {.host = "192.0.2.1"}));
    EXPECT_EQ(reply.status, Status3::kAcces) << static_cast<uint32_t>(procedure);
    // Nor does it tell attributes.
    EXPECT_LE(reply.results_bytes(), 16u) << static_cast<uint32_t>(procedure);
  }
}

TEST(Malformed, RandomChangesNeverHurt) {
  test::NfsRig rig;
  V3Client client(rig);
  const auto calls = good_calls(client);
  constexpr uint64_t kSeed = 20261123;
  rt::Rng rng(kSeed);
  for (int i = 0; i < 100'000; ++i) {
    const auto& [procedure, arguments] = calls[rng.below(calls.size())];
    Bytes changed = arguments;
    for (uint64_t flips = 1 + rng.below(3); flips > 0; --flips) {
      // Mostly behind the handle, which else hides the rest.
      const size_t from = rng.below(4) == 0 || changed.size() <= 36 ? 0 : 36;
      changed[from + rng.below(changed.size() - from)] = static_cast<char>(rng.below(256));
    }
    if (rng.below(8) == 0) changed.resize(rng.below(changed.size() + 1));
    const auto answer = rig.call(kNfsProgram, 3, static_cast<uint32_t>(procedure), std::move(changed), {});
    ASSERT_TRUE(answer.answered) << "seed " << kSeed << ", call " << i;
    ASSERT_TRUE(!answer.denied && (answer.status == 0 || answer.status == 4)) << "seed " << kSeed << ", call " << i;
  }
  EXPECT_EQ(client.attributes(client.root()).type, 2u);
}

}  // namespace
}  // namespace tp::nfs::v3
