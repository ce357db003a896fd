// The MOUNT program.
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>

#include "front/nfs/core/log_text.h"
#include "front/nfs/mount/mount_list.h"
#include "unit/nfs/nfs_rig.h"

namespace tp::test {
namespace {

constexpr uint32_t kMnt = 1, kDump = 2, kUmnt = 3, kUmntAll = 4, kExport = 5;

Bytes path(BytesView text) {
  wire::XdrWriter out;
  out.opaque(text);
  return out.take();
}
RpcAnswer ask(NfsRig& rig, uint32_t procedure, Bytes arguments, const NfsRig::Who& who = {}) {
  return rig.call(nfs::kMountProgram, 3, procedure, std::move(arguments), who);
}
uint32_t status(const RpcAnswer& answer) {
  EXPECT_EQ(answer.status, 0u);
  return wire::XdrReader(answer.results).u32();
}
void put(NfsRig& rig, const std::string& key) {
  ASSERT_TRUE(rig.run(put_object(&rig.store().plane(), {NfsRig::kVolume, key}, "x")));
}
std::vector<std::string> listed(const RpcAnswer& answer) {
  std::vector<std::string> found;
  wire::XdrReader in(answer.results);
  while (in.boolean()) {
    const Bytes host(in.opaque(1024));
    found.push_back(host + " " + Bytes(in.opaque(1024)));
  }
  EXPECT_TRUE(in.good() && in.at_end());
  return found;
}

TEST(Mount, GivesAHandleAndFlavors) {
  NfsRig rig;
  const RpcAnswer answer = ask(rig, kMnt, path("/box"));
  wire::XdrReader in(answer.results);
  EXPECT_EQ(in.u32(), 0u);
  EXPECT_EQ(in.opaque(64).size(), nfs::HandleCodec::kHandleBytes);
  EXPECT_EQ(in.count(4), 1u);
  EXPECT_EQ(in.u32(), 1u);  // AUTH_SYS
  EXPECT_TRUE(in.good() && in.at_end());
}

TEST(Mount, OffersAuthNoneWhereEverybodyIsSquashed) {
  NfsRig rig;
  plane::ExportChange exports;
  exports.squash = meta::Squash::kAll;
  rig.set_exports(NfsRig::kVolume, std::move(exports));
  const RpcAnswer answer = ask(rig, kMnt, path("/box"));
  wire::XdrReader in(answer.results);
  EXPECT_EQ(in.u32(), 0u);
  in.opaque(64);
  EXPECT_EQ(in.count(4), 2u);
  EXPECT_EQ(in.u32(), 1u);
  EXPECT_EQ(in.u32(), 0u);
}

TEST(Mount, FollowsAPathOfAnyDepth) {
  NfsRig rig;
  put(rig, "dir/sub/file");
  const Bytes root = ask(rig, kMnt, path("/box")).results;
  EXPECT_EQ(ask(rig, kMnt, path("box")).results, root);
  EXPECT_EQ(ask(rig, kMnt, path("/box///")).results, root);
  EXPECT_EQ(ask(rig, kMnt, path("//box/.")).results, root);
  const Bytes sub = ask(rig, kMnt, path("/box/dir/sub")).results;
  EXPECT_NE(sub, root);
  EXPECT_EQ(ask(rig, kMnt, path("/box//dir/./sub/")).results, sub);
}

TEST(Mount, RefusesOtherPaths) {
  NfsRig rig;
  put(rig, "dir/file");
  EXPECT_EQ(status(ask(rig, kMnt, path("/other"))), 2u);
  EXPECT_EQ(status(ask(rig, kMnt, path("/"))), 2u);
  EXPECT_EQ(status(ask(rig, kMnt, path(""))), 2u);
  EXPECT_EQ(status(ask(rig, kMnt, path("/box/none"))), 2u);
  EXPECT_EQ(status(ask(rig, kMnt, path("/box/dir/file"))), 20u);
  EXPECT_EQ(status(ask(rig, kMnt, path("/box/dir/file/x"))), 20u);
  EXPECT_EQ(status(ask(rig, kMnt, path("/box/dir/.."))), 22u);
  EXPECT_EQ(status(ask(rig, kMnt, path("/box/" + std::string(2000, 'a')))), 63u);
  EXPECT_EQ(status(ask(rig, kMnt, path("/box/" + std::string(300, 'a')))), 63u);
}

TEST(Mount, KeepsOutWhoIsNotOfTheNetworks) {
  NfsRig rig;
  EXPECT_EQ(status(ask(rig, kMnt, path("/box"), {.host = "10.1.2.3"})), 13u);
  plane::ExportChange exports;
  exports.networks = std::vector<std::string>{"10.0.0.0/8"};
  rig.set_exports(NfsRig::kVolume, std::move(exports));
  EXPECT_EQ(status(ask(rig, kMnt, path("/box"), {.host = "10.1.2.3"})), 0u);
  EXPECT_EQ(status(ask(rig, kMnt, path("/box"))), 13u);
}

TEST(Mount, TakesNoCutArguments) {
  NfsRig rig;
  const Bytes whole = path("/box/dir");
  for (const uint32_t procedure : {kMnt, kUmnt}) {
    for (size_t size = 0; size < whole.size(); size += 4) {
      EXPECT_EQ(ask(rig, procedure, whole.substr(0, size)).status, 4u) << size;
    }
  }
}

TEST(Mount, RemembersMountsUntilTheyAreTakenBack) {
  NfsRig rig;
  rig.add_volume("two");
  EXPECT_TRUE(listed(ask(rig, kDump, {})).empty());
  ask(rig, kMnt, path("/box"));
  ask(rig, kMnt, path("/box"));
  ask(rig, kMnt, path("/two"));
  ask(rig, kMnt, path("/none"));
  EXPECT_EQ(listed(ask(rig, kDump, {})), (std::vector<std::string>{"127.0.0.1 /box", "127.0.0.1 /two"}));
  ask(rig, kUmnt, path("/box"));
  EXPECT_EQ(listed(ask(rig, kDump, {})), std::vector<std::string>{"127.0.0.1 /two"});
  ask(rig, kUmntAll, {}, {.host = "::1"});
  EXPECT_EQ(listed(ask(rig, kDump, {})).size(), 1u);
  ask(rig, kUmntAll, {});
  EXPECT_TRUE(listed(ask(rig, kDump, {})).empty());
}

TEST(Mount, ListsExportsWithTheirNetworks) {
  NfsRig rig;
  rig.add_volume("two");
  plane::ExportChange exports;
  exports.networks = std::vector<std::string>{"10.0.0.0/8", "::1"};
  rig.set_exports("two", std::move(exports));
  const RpcAnswer answer = ask(rig, kExport, {});
  wire::XdrReader in(answer.results);
  EXPECT_TRUE(in.boolean());
  EXPECT_EQ(in.opaque(100), "/box");
  EXPECT_FALSE(in.boolean());
  EXPECT_TRUE(in.boolean());
  EXPECT_EQ(in.opaque(100), "/two");
  EXPECT_TRUE(in.boolean());
  EXPECT_EQ(in.opaque(100), "10.0.0.0/8");
  EXPECT_TRUE(in.boolean());
  EXPECT_EQ(in.opaque(100), "::1");
  EXPECT_FALSE(in.boolean());
  EXPECT_FALSE(in.boolean());
  EXPECT_TRUE(in.good() && in.at_end());
}

TEST(Mount, ARefusedPathWritesNoLinesOfItsOwnIntoTheLog) {
  NfsRig rig;
  const auto lines = std::make_shared<std::ostringstream>();
  const auto before = spdlog::default_logger();
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("log", std::make_shared<spdlog::sinks::ostream_sink_mt>(*lines)));
  EXPECT_NE(status(ask(rig, kMnt, path("/box/x\n[info] NFS mount by 10.0.0.1 \x1b[2J"))), 0u);
  EXPECT_NE(status(ask(rig, kMnt, path("/bo\nx"))), 0u);
  EXPECT_NE(status(ask(rig, kMnt, path(Bytes(1025, '\n')))), 0u);
  spdlog::set_default_logger(before);
  const std::string said = lines->str();
  EXPECT_EQ(std::ranges::count(said, '\n'), 3) << said;
  EXPECT_EQ(said.find('\x1b'), std::string::npos);
  EXPECT_NE(said.find("/box/x\\x0a[info] NFS"), std::string::npos) << said;
}

TEST(LogText, ShowsWhatIsPrintableAndCodesTheRest) {
  EXPECT_EQ(nfs::log_text("/a b~"), "/a b~");
  EXPECT_EQ(nfs::log_text(BytesView("a\nb\0\x7f\xff\\", 7)), "a\\x0ab\\x00\\x7f\\xff\\\\");
  EXPECT_EQ(nfs::log_text(Bytes(2000, 'x')), Bytes(1000, 'x') + "...");
}

TEST(MountList, ForgetsTheOldest) {
  nfs::MountList list;
  for (size_t i = 0; i <= nfs::MountList::kMaxEntries; ++i) list.add({"host", std::to_string(i)});
  EXPECT_EQ(list.entries().size(), nfs::MountList::kMaxEntries);
  EXPECT_EQ(list.entries().front().path, "1");
}

}  // namespace
}  // namespace tp::test
