// Reading directories: whole, in pages of any size, while they change, and on after a restart.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "plane/tree/listing/directory_cursors.h"
#include "unit/plane/tree/files_fixture.h"

namespace tp::test {
namespace {

using plane::Reason;
using Strings = std::vector<std::string>;

class Directories : public FilesFixture {
 protected:
  Result<plane::DirectoryPage> page(FileId directory, uint64_t cookie, uint32_t count, bool with_attributes = false) {
    return run(files().read_directory(root_user(), directory, cookie, count, with_attributes));
  }
  /// Many files at once, past the transactions of each.
  void fill(const std::string& prefix, int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(put(prefix + name_of(i), "x"));
  }
  static std::string name_of(int i) {
    std::string digits = std::to_string(i);
    return "f" + std::string(6 - digits.size(), '0') + digits;
  }
};

TEST_F(Directories, OfAnySizeAreReadWholeInPagesOfAnySize) {
  for (const int count : {0, 1, 2, 127, 128, 129, 300}) {
    const std::string name = "d" + std::to_string(count);
    ASSERT_TRUE(make_directory(root(), name));
    const FileId directory = find(name)->file;
    fill(name + "/", count);
    for (const uint32_t size : {1u, 7u, 128u, 129u, 100000u}) {
      const auto found = names(directory, size);
      ASSERT_EQ(found.size(), static_cast<size_t>(count)) << size;
      for (int i = 0; i < count; ++i) ASSERT_EQ(found[static_cast<size_t>(i)], name_of(i));
    }
  }
  auto first = page(find("d300")->file, 0, 10);
  EXPECT_FALSE(first->end);
  EXPECT_EQ(first->directory.file, find("d300")->file);
  EXPECT_EQ(first->entries[0].attributes.type, meta::InodeType::kFile);
  EXPECT_EQ(page(find("d300")->file, 0, 10, true)->entries[0].attributes.size_bytes, 1u);
}

TEST_F(Directories, AreReadByThoseWhoMay) {
  ASSERT_TRUE(make_directory(root(), "d", mode(0711)));
  const FileId directory = find("d")->file;
  EXPECT_TRUE(failed_with(run(files().read_directory(user(3), directory, 0, 10, false)), Code::kPermissionDenied,
                          Reason::kAccessDenied));
  ASSERT_TRUE(put("f", "x"));
  EXPECT_TRUE(failed_with(page(find("f")->file, 0, 10), Code::kInvalidArgument, Reason::kNotDirectory));
  EXPECT_TRUE(failed_with(page({root().volume, InodeId(3)}, 0, 10), Code::kNotFound, Reason::kStale));
  for (const uint64_t bad : {uint64_t{1}, uint64_t{2}, uint64_t{1} << 63, ~uint64_t{0}}) {
    EXPECT_TRUE(failed_with(page(directory, bad, 10), Code::kInvalidArgument, Reason::kBadCookie));
  }
}

TEST_F(Directories, ShowFilesBesideDirectoriesOnWhicheverPageTheyStand) {
  const Strings made = {"a", "a!", "a!/1", "a-b", "a-b/2", "a.", "a/3", "a0", "a00/4", "b"};
  for (const std::string& key : made) ASSERT_TRUE(put(key, "x"));
  Strings wanted = {"a~s3f", "a!~s3f", "a!", "a-b~s3f", "a-b", "a.", "a", "a0", "a00", "b"};
  std::ranges::sort(wanted);
  for (const uint32_t size : {1u, 2u, 3u, 5u, 100u}) {
    Strings found = names(root(), size);
    std::ranges::sort(found);
    EXPECT_EQ(found, wanted) << size;
  }
}

TEST_F(Directories, GiveEveryEntryThatStaysOnceWhileOthersComeAndGo) {
  constexpr int kCount = 10'000;
  ASSERT_TRUE(make_directory(root(), "d"));
  const FileId directory = find("d")->file;
  fill("d/", kCount);
  rt::Rng rng(7);
  std::set<std::string> seen;
  std::set<int> removed;
  uint64_t cookie = 0;
  int made = 0;
  for (bool end = false; !end;) {
    auto part = page(directory, cookie, static_cast<uint32_t>(1 + rng.below(400)), rng.below(2) == 0);
    ASSERT_TRUE(part) << part.error().to_string();
    end = part->end;
    // A front may have room for fewer than it asked for.
    const size_t used = end ? part->entries.size() : 1 + rng.below(part->entries.size());
    for (size_t i = 0; i < used; ++i) {
      ASSERT_TRUE(seen.insert(part->entries[i].name).second) << part->entries[i].name << " came twice";
      cookie = part->entries[i].cookie;
    }
    end = end && used == part->entries.size();
    for (int k = 0; k < 20; ++k) {
      const int victim = static_cast<int>(rng.below(kCount));
      if (removed.insert(victim).second) ASSERT_TRUE(unlink(directory, name_of(victim)));
      ASSERT_TRUE(create(directory, name_of(static_cast<int>(rng.below(kCount))) + "n" + std::to_string(made++)));
    }
    // Also the very entry that reading goes on from.
    if (!seen.empty() && !end && rng.below(2) == 0) {
      const std::string last = part->entries[used - 1].name;
      if (last.size() == 7 && removed.insert(std::stoi(last.substr(1))).second) ASSERT_TRUE(unlink(directory, last));
    }
  }
  for (int i = 0; i < kCount; ++i) {
    if (!removed.contains(i)) ASSERT_TRUE(seen.contains(name_of(i))) << name_of(i);
  }
}

TEST_F(Directories, GoOnAfterARestart) {
  fill("d/", 500);
  const FileId directory = find("d")->file;
  auto first = page(directory, 0, 200);
  reopen();
  auto second = page(directory, first->entries.back().cookie, 1000);
  ASSERT_TRUE(second);
  ASSERT_EQ(second->entries.size(), 300u);
  EXPECT_EQ(second->entries[0].name, name_of(200));
  // An entry that nobody remembers and that is gone: all over again, rather than a hole.
  reopen();
  ASSERT_TRUE(unlink(directory, first->entries.back().name));
  auto again = page(directory, first->entries.back().cookie, 1000);
  EXPECT_EQ(again->entries.size(), 499u);
  // Removing what was read, page by page.
  uint64_t cookie = 0;
  int left = 499;
  while (left > 0) {
    auto part = page(directory, cookie, 100);
    ASSERT_TRUE(part);
    ASSERT_FALSE(part->entries.empty());
    cookie = part->entries.back().cookie;
    for (const auto& entry : part->entries) ASSERT_TRUE(unlink(directory, entry.name));
    left -= static_cast<int>(part->entries.size());
  }
  EXPECT_TRUE(remove_directory(root(), "d"));
}

TEST(DirectoryCursors, RememberTheLastPagesInBoundedMemory) {
  plane::DirectoryCursors cursors({1, 2});
  constexpr size_t kPage = 1000;
  const size_t pages = 2 * plane::DirectoryCursors::kMaxCookies / kPage;
  // Two of the same inode, in different volumes.
  auto of = [](size_t index) { return plane::FileId{VolumeId(1 + index % 2), InodeId(1 + index % 3 / 2)}; };
  auto page_of = [&](size_t index) {
    plane::DirectoryCursors::Page page;
    page.directory = of(index);
    page.begin = std::to_string(index);
    page.last = std::to_string(index) + "z";
    for (size_t i = 0; i < kPage; ++i) page.cookies.push_back(3 + index * kPage + i);
    return page;
  };
  for (size_t i = 0; i < pages; ++i) cursors.remember(page_of(i));
  const auto newest = cursors.find(of(pages - 1), 3 + (pages - 1) * kPage + 17);
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->index, 17u);
  EXPECT_FALSE(cursors.find(of(0), 3));
  EXPECT_FALSE(cursors.find({VolumeId(9), of(pages - 1).inode}, 3 + (pages - 1) * kPage));
  EXPECT_TRUE(cursors.find(of(pages / 2 + 20), 3 + (pages / 2 + 20) * kPage));
}

}  // namespace
}  // namespace tp::test
