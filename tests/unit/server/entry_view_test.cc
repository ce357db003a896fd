// Entries under names: where keys of which space are shown, that pages put together are all names in order, and that
// what has gone meanwhile is left out.
#include "server/cache/entry_view.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fake_cache_volume.h"
#include "rt/runtime.h"

namespace tp::server {
namespace {

class EntryViewTest : public ::testing::Test {
 protected:
  EntryViewTest() : engine_(std::make_shared<test::FakeCacheVolume>()) {
    volume_.id = VolumeId(5);
    volume_.engine = engine_;
    volume_.home_identity = "model=a;";
    volume_.home_tenant = "olga";
    home_ = &engine_->add_space("model=a;", "olga");
  }
  plane::SourcePage page(plane::ListQuery query) {
    auto listed = runtime_.block_on(view_.list(volume_, std::move(query)));
    EXPECT_TRUE(listed) << listed.error().to_string();
    return listed ? *listed : plane::SourcePage();
  }
  /// All pages of so many entries, names in the order given.
  std::vector<std::string> all(plane::ListQuery query, uint32_t page_size) {
    std::vector<std::string> names;
    query.max_entries = page_size;
    for (int pages = 0; pages < 10'000; ++pages) {
      const auto got = page(query);
      std::vector<std::pair<std::string, bool>> here;
      for (const auto& entry : got.entries) here.emplace_back(entry.key, false);
      for (const auto& prefix : got.common_prefixes) here.emplace_back(prefix, true);
      EXPECT_LE(here.size(), page_size);
      std::ranges::sort(here);
      for (const auto& [name, is_prefix] : here) {
        names.push_back(name);
        query.after = name;
        query.after_is_prefix = is_prefix;
      }
      if (!got.truncated) return names;
      if (here.empty()) break;
    }
    ADD_FAILURE() << "the pages do not end";
    return names;
  }
  Result<Bytes> read(const std::string& name) {
    TP_TRY(auto entry, runtime_.block_on(view_.find(volume_, name)));
    TP_TRY(auto payload, runtime_.block_on(view_.read(volume_, std::move(entry))));
    return Bytes(payload.bytes);
  }

  rt::Runtime runtime_{rt::Runtime::Options{.loops = 1}};
  std::shared_ptr<test::FakeCacheVolume> engine_;
  ViewedVolume volume_;
  test::FakeSpace* home_ = nullptr;
  EntryView view_;
};

TEST_F(EntryViewTest, KeysOfTheOwnersSpaceAreShownAsTheyAre) {
  engine_->put(*home_, "k", "value");
  engine_->put(*home_, "on flash", "from there", true);
  EXPECT_EQ(all({}, 10), (std::vector<std::string>{"k", "on flash"}));
  EXPECT_EQ(*read("k"), "value");
  EXPECT_EQ(*read("on flash"), "from there");
  EXPECT_EQ(read("none").error().code, Code::kNotFound);
  EXPECT_EQ(read("").error().code, Code::kNotFound);
}

TEST_F(EntryViewTest, OtherSpacesAndOddKeysAreShownWithWhereTheyAre) {
  engine_->put(*home_, "~tilde", "1");
  test::FakeSpace& tenant = engine_->add_space("model=a;", "pe/ter");
  test::FakeSpace& nobody = engine_->add_space("model=b;", "");
  engine_->put(tenant, "k", "2");
  engine_->put(nobody, "k", "3");
  const std::string a = "~" + identity_digits("model=a;"), b = "~" + identity_digits("model=b;");
  std::vector<std::string> wanted = {a + "/olga/~tilde", a + "/pe%2Fter/k", b + "/@/k"};
  std::ranges::sort(wanted);
  EXPECT_EQ(all({}, 10), wanted);
  EXPECT_EQ(*read(a + "/olga/~tilde"), "1");
  EXPECT_EQ(*read(a + "/pe%2Fter/k"), "2");
  EXPECT_EQ(*read(b + "/@/k"), "3");
  EXPECT_FALSE(read("k"));
  EXPECT_FALSE(read("~tilde"));
  EXPECT_FALSE(read(a + "/"));
}

TEST_F(EntryViewTest, InASharedVolumeEverybodyIsAtHome) {
  engine_->configured.shared = true;
  engine_->put(engine_->add_space("model=a;", ""), "k", "v");
  home_->info.identity = "model=b;";
  EXPECT_EQ(all({}, 10), (std::vector<std::string>{"k"}));
}

TEST_F(EntryViewTest, PagesPutTogetherAreAllNamesInOrder) {
  std::set<std::string> wanted;
  for (int i = 0; i < 3000; ++i) {
    const std::string key = "d" + std::to_string(i % 13) + "/" + std::to_string(i * 7919 % 3000);
    engine_->put(*home_, key, "x");
    wanted.insert(key);
  }
  const std::vector<std::string> in_order(wanted.begin(), wanted.end());
  for (const uint32_t size : {1u, 7u, 1000u, 10'000u}) {
    if (size > 1) EXPECT_EQ(all({}, size), in_order) << size;
    plane::ListQuery grouped;
    grouped.delimiter = "/";
    const auto groups = all(grouped, size);
    EXPECT_EQ(groups.size(), 13u) << size;
    EXPECT_TRUE(std::ranges::is_sorted(groups));
  }
  plane::ListQuery within;
  within.prefix = "d1/";
  EXPECT_EQ(all(within, 10).size(), static_cast<size_t>(std::ranges::count_if(wanted, [](const std::string& key) {
              return key.starts_with("d1/");
            })));
}

TEST_F(EntryViewTest, AMarkerInsideAGroupMeansThatTheGroupWasGiven) {
  for (const char* key : {"a/1", "a/2", "b/1", "c"}) engine_->put(*home_, key, "x");
  plane::ListQuery query;
  query.delimiter = "/";
  query.after = "a/1";
  EXPECT_EQ(page(query).common_prefixes, std::vector<std::string>{"b/"});
  EXPECT_EQ(page(query).entries.size(), 1u);
  query.delimiter.clear();
  EXPECT_EQ(page(query).entries.size(), 3u);
}

TEST_F(EntryViewTest, ReadingOnWalksTheIndexOnceForManyPages) {
  for (int i = 0; i < 2000; ++i) engine_->put(*home_, "k" + std::to_string(i), "x");
  EXPECT_EQ(all({}, 10).size(), 2000u);
  EXPECT_EQ(engine_->scans(), 1u);
}

TEST_F(EntryViewTest, MoreNamesThanARunHoldsAreGivenWhole) {
  // Long names: a run holds some thousand of them.
  std::set<std::string> wanted;
  for (int i = 0; i < 3500; ++i) {
    const std::string key = std::to_string(i) + std::string(900, 'x');
    engine_->put(*home_, key, "v");
    wanted.insert(key);
  }
  const auto listed = all({}, 500);
  EXPECT_EQ(listed.size(), wanted.size());
  EXPECT_TRUE(std::ranges::equal(listed, wanted));
  EXPECT_GT(engine_->scans(), 1u);
}

TEST_F(EntryViewTest, WhatHasGoneMeanwhileIsLeftOutAndWhatComesAnewIsSeenByANewListing) {
  for (int i = 100; i < 200; ++i) engine_->put(*home_, std::to_string(i), "x");
  plane::ListQuery query;
  query.max_entries = 10;
  ASSERT_EQ(page(query).entries.back().key, "109");
  for (int i = 110; i < 190; ++i) home_->entries.erase(std::to_string(i));
  query.after = "109";
  EXPECT_EQ(page(query).entries.front().key, "190");
  engine_->put(*home_, "000", "new");
  EXPECT_EQ(page({}).entries.front().key, "000");
}

TEST_F(EntryViewTest, AnEntryThatHasChangedIsNotReadAsTheOneThatWasFound) {
  engine_->put(*home_, "k", "old");
  auto entry = runtime_.block_on(view_.find(volume_, "k"));
  ASSERT_TRUE(entry);
  engine_->put(*home_, "k", "new");
  const auto payload = runtime_.block_on(view_.read(volume_, *entry));
  ASSERT_FALSE(payload);
  EXPECT_EQ(payload.error().code, Code::kNotFound);
}

TEST_F(EntryViewTest, AnyLooksAtNamesAndNotAtKeys) {
  engine_->put(engine_->add_space("model=b;", "olga"), "dir/k", "v");
  const std::string where = "~" + identity_digits("model=b;") + "/";
  EXPECT_TRUE(*runtime_.block_on(view_.any(volume_, where)));
  EXPECT_TRUE(*runtime_.block_on(view_.any(volume_, where + "olga/dir/")));
  EXPECT_FALSE(*runtime_.block_on(view_.any(volume_, "dir/")));
}

}  // namespace
}  // namespace tp::server
