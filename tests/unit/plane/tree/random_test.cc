// Random changes by file clients and S3 together: whatever comes of them, records agree with each other, both see the
// same files, and nothing is left when all is gone.
#include <gtest/gtest.h>

#include <set>

#include "unit/plane/tree/files_fixture.h"

namespace tp::test {
namespace {

using Strings = std::vector<std::string>;

class RandomTree : public FilesFixture, public testing::WithParamInterface<uint64_t> {
 protected:
  uint64_t below(uint64_t bound) { return rng_.below(bound); }
  std::string some_name() {
    static const Strings names = {"a", "b", "c", "", ".", "a.x", "~s3", std::string(300, 'l')};
    return names[below(below(3) == 0 ? names.size() : 3)];
  }
  std::string some_key() {
    std::string key = some_name();
    for (uint64_t depth = below(4); depth > 0; --depth) key = some_name() + "/" + key;
    return key.empty() ? "a" : key;
  }
  /// Some directory, by walking down at random.
  FileId some_directory() {
    FileId at = root();
    while (below(3) != 0) {
      Strings below_it;
      std::vector<FileId> directories;
      for (const auto& entry : entries(at, 10, false)) {
        if (entry.attributes.type == meta::InodeType::kDirectory) directories.push_back(entry.attributes.file);
      }
      if (directories.empty()) return at;
      at = directories[below(directories.size())];
    }
    return at;
  }
  std::string some_entry(FileId directory) {
    const Strings found = names(directory, 3);
    return found.empty() ? "none" : found[below(found.size())];
  }
  FileId some_file() {
    for (int i = 0; i < 8; ++i) {
      const FileId directory = some_directory();
      auto found = look(directory, some_entry(directory));
      if (found && found->type != meta::InodeType::kDirectory) return found->file;
    }
    return root();
  }

  // What fails, fails alike for a person: only what it leaves behind matters.
  void change_as_client() {
    const FileId directory = some_directory();
    switch (below(10)) {
      case 0:
        (void)create(directory, some_name());
        break;
      case 1:
        (void)make_directory(directory, some_name());
        break;
      case 2:
        (void)unlink(directory, some_entry(directory));
        break;
      case 3:
        (void)remove_directory(directory, some_entry(directory));
        break;
      case 4:
        (void)link(some_file(), directory, some_name());
        break;
      case 5:
      case 6: {
        const FileId to = some_directory();
        (void)move(directory, some_entry(directory), to, below(2) == 0 ? some_name() : some_entry(to));
        break;
      }
      case 7:
        (void)set(below(2) == 0 ? directory : some_file(), mode(0777));
        break;
      case 8:
        (void)run(files().make_link(root_user(), directory, some_name(), "target", {}));
        break;
      default: {
        auto opened = open(directory, some_entry(directory));
        if (opened) opens_.push_back(std::move(*opened));
        if (opens_.size() > 3) opens_.erase(opens_.begin() + static_cast<ptrdiff_t>(below(opens_.size())));
        break;
      }
    }
  }
  void change_as_s3() {
    const Strings found = keys();
    const std::string key = found.empty() || below(2) == 0 ? some_key() : found[below(found.size())];
    switch (below(6)) {
      case 0:
      case 1:
        (void)put(key, make_data(below(100), below(3) == 0 ? 100'000 : 10));
        break;
      case 2:
        (void)remove(key);
        break;
      case 3:
        (void)rename(key, some_key());
        break;
      case 4:
        (void)rename(some_key() + "/", some_key() + "/");
        break;
      default:
        (void)run(plane().copy(operator_caller(), ref(key), ref(some_key()), {}));
        break;
    }
  }
  size_t files_below(FileId directory) {
    size_t count = 0;
    for (const auto& entry : entries(directory, 5, false)) {
      auto found = look(directory, entry.name);
      EXPECT_TRUE(found && found->file == entry.attributes.file) << entry.name;
      count += entry.attributes.type == meta::InodeType::kDirectory ? files_below(entry.attributes.file) : 1;
    }
    return count;
  }
  void remove_below(FileId directory) {
    for (const auto& entry : entries(directory, 1000, false)) {
      if (entry.attributes.type != meta::InodeType::kDirectory) {
        ASSERT_TRUE(unlink(directory, entry.name)) << entry.name;
      } else {
        remove_below(entry.attributes.file);
        ASSERT_TRUE(remove_directory(directory, entry.name)) << entry.name;
      }
    }
  }

  rt::Rng rng_{GetParam()};
  std::vector<plane::Opened> opens_;
};

TEST_P(RandomTree, StaysWhole) {
  for (int step = 1; step <= 600; ++step) {
    if (below(2) == 0)
      change_as_client();
    else
      change_as_s3();
    if (step % 20 != 0) continue;
    ASSERT_EQ(damage(), "") << "seed " << GetParam() << ", step " << step;
    const Strings found = keys();
    ASSERT_EQ(files_below(root()), found.size()) << "seed " << GetParam() << ", step " << step;
    ASSERT_EQ(counters().objects, found.size());
  }
  opens_.clear();
  remove_below(root());
  ASSERT_TRUE(run(files().end_of_grace()));
  reopen();
  EXPECT_EQ(damage(), "");
  EXPECT_EQ(records(kv::Space::kInodes), 1u);
  EXPECT_EQ(records(kv::Space::kNames), 0u);
  EXPECT_EQ(records(kv::Space::kData), 0u);
  EXPECT_EQ(records(kv::Space::kBlobs), 0u);
  EXPECT_EQ(counters().bytes, 0u);
  EXPECT_EQ(attributes(root())->links, 2u);
  EXPECT_EQ(live_blob_bytes(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTree, testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace tp::test
