// READDIR and READDIRPLUS.
#include <set>

#include "unit/nfs/v3/v3_client.h"

namespace tp::nfs::v3 {
namespace {

struct Page {
  Status3 status = Status3::kOk;
  std::vector<std::string> names;
  uint64_t last_cookie = 0, verifier = 0;
  size_t bytes = 0;
  bool end = false;
};

Page read_page(V3Client& client, BytesView directory, bool plus, uint64_t cookie, uint64_t verifier, uint32_t max,
               uint32_t names = UINT32_MAX) {
  Args args;
  args.bytes(directory).u64(cookie).u64(verifier);
  if (plus) args.u32(names);
  Reply reply = client.call(plus ? Proc::kReadDirPlus : Proc::kReadDir, args.u32(max));
  Page page;
  page.status = reply.status;
  page.bytes = reply.results_bytes();
  EXPECT_TRUE(reply.post_attributes());
  if (reply.status != Status3::kOk) return page;
  page.verifier = reply.in().u64();
  while (reply.in().boolean()) {
    const uint64_t fileid = reply.in().u64();
    page.names.emplace_back(reply.in().opaque(255));
    page.last_cookie = reply.in().u64();
    if (plus) {
      EXPECT_EQ(reply.post_attributes()->fileid, fileid);
      EXPECT_EQ(reply.post_handle().size(), HandleCodec::kHandleBytes);
    }
  }
  page.end = reply.in().boolean();
  EXPECT_TRUE(reply.whole());
  return page;
}

std::set<std::string> make_files(V3Client& client, BytesView directory, int count) {
  std::set<std::string> names;
  for (int i = 0; i < count; ++i) {
    std::string name(1 + static_cast<size_t>(i) * 7 % 250, 'n');
    name += std::to_string(i);
    client.create(directory, name);
    names.insert(name);
  }
  return names;
}

TEST(ReadDir, GivesEachNameOnceWithinItsLimits) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes directory = client.make_directory(client.root(), "d");
  std::set<std::string> names = make_files(client, directory, 100);
  names.insert({".", ".."});
  for (const bool plus : {false, true}) {
    for (const uint32_t max : {520u, 1000u, 1003u, 4096u, 65536u, UINT32_MAX}) {
      std::multiset<std::string> seen;
      Page page;
      for (int calls = 0; calls < 300 && !page.end; ++calls) {
        page = read_page(client, directory, plus, page.last_cookie, page.verifier, max);
        ASSERT_EQ(page.status, Status3::kOk);
        EXPECT_LE(page.bytes, max);
        seen.insert(page.names.begin(), page.names.end());
      }
      EXPECT_EQ(seen, std::multiset<std::string>(names.begin(), names.end())) << plus << " " << max;
    }
  }
}

TEST(ReadDir, BeginsWithTheDots) {
  test::NfsRig rig;
  V3Client client(rig);
  const Page all = read_page(client, client.root(), true, 0, 0, 4096);
  EXPECT_EQ(all.names, (std::vector<std::string>{".", ".."}));
  EXPECT_EQ(all.last_cookie, 2u);
  EXPECT_TRUE(all.end);
  const Page second = read_page(client, client.root(), true, 1, 0, 4096);
  EXPECT_EQ(second.names, std::vector<std::string>{".."});
  const Page none = read_page(client, client.root(), true, 2, all.verifier, 4096);
  EXPECT_TRUE(none.names.empty());
  EXPECT_TRUE(none.end);
}

TEST(ReadDir, FillsToTheByte) {
  test::NfsRig rig;
  V3Client client(rig);
  client.create(client.root(), "abcd");
  const size_t whole = read_page(client, client.root(), false, 0, 0, 4096).bytes;
  const Page fits = read_page(client, client.root(), false, 0, 0, static_cast<uint32_t>(whole));
  EXPECT_EQ(fits.names.size(), 3u);
  EXPECT_TRUE(fits.end);
  const Page less = read_page(client, client.root(), false, 0, 0, static_cast<uint32_t>(whole - 1));
  EXPECT_EQ(less.names.size(), 2u);
  EXPECT_FALSE(less.end);
}

TEST(ReadDir, CountsNamesForDircount) {
  test::NfsRig rig;
  V3Client client(rig);
  make_files(client, client.root(), 20);
  EXPECT_EQ(read_page(client, client.root(), true, 0, 0, 65536, 56).names.size(), 2u);
  EXPECT_EQ(read_page(client, client.root(), true, 0, 0, 65536, 55).names.size(), 1u);
  EXPECT_EQ(read_page(client, client.root(), true, 0, 0, 65536, 0).names.size(), 1u);
}

TEST(ReadDir, RefusesWhatCannotBe) {
  test::NfsRig rig;
  V3Client client(rig);
  const Bytes file = client.create(client.root(), "f");
  EXPECT_EQ(read_page(client, client.root(), false, 0, 0, 100).status, Status3::kTooSmall);
  EXPECT_EQ(read_page(client, client.root(), true, 0, 0, 0).status, Status3::kTooSmall);
  EXPECT_EQ(read_page(client, file, true, 0, 0, 4096).status, Status3::kNotDir);
  EXPECT_EQ(read_page(client, client.root(), true, 2, 99, 4096).status, Status3::kBadCookie);
}

}  // namespace
}  // namespace tp::nfs::v3
