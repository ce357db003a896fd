#include "plane/list/list_page.h"

#include <gtest/gtest.h>

#include <set>

#include "plane/list/tree_walker.h"
#include "rt/env/rng.h"
#include "support/naive_listing.h"
#include "unit/plane/tree_in_engine.h"

namespace tp::plane {
namespace {

using test::naive_list;
using test::TreeInEngine;

constexpr InodeId kRoot{TreeInEngine::kRoot};

class Listing : public testing::Test {
 protected:
  void put(const std::vector<std::string>& keys) {
    for (const std::string& key : keys) {
      if (keys_.insert(key).second) tree_.put(key);
    }
  }
  Result<ListPage> list(const ListQuery& query) {
    meta::ReadView view(tree_.engine(), kv::ReadMode::kAny);
    return list_page(view, kRoot, query);
  }
  void expect_right(const ListQuery& query) {
    const auto page = list(query);
    ASSERT_TRUE(page) << page.error().to_string();
    EXPECT_EQ(difference(naive_list(keys_, query), *page), "")
        << "prefix '" << query.prefix << "' delimiter '" << query.delimiter << "' after '" << query.after << "' ("
        << query.after_is_prefix << ") max " << query.max_entries;
    for (const ListedObject& object : page->objects) EXPECT_EQ(object.etag, "etag of " + object.key);
  }
  /// Every number of entries a page can have, and every page that follows another.
  void expect_right_at_every_boundary(ListQuery query) {
    for (uint32_t max = 0; max <= keys_.size() + 1; ++max) {
      query.max_entries = max;
      query.after.clear();
      query.after_is_prefix = false;
      expect_right(query);
      for (size_t pages = 0; max > 0 && pages <= keys_.size(); ++pages) {
        const auto page = list(query);
        ASSERT_TRUE(page);
        if (!page->truncated) break;
        query.after = page->last;
        query.after_is_prefix = page->last_is_prefix;
        expect_right(query);
      }
    }
  }

  TreeInEngine tree_;
  std::set<std::string> keys_;
};

TEST_F(Listing, of_nothing_is_empty_and_not_truncated) {
  expect_right({});
  expect_right({.prefix = "a/", .delimiter = "/", .after = "b"});
}

TEST_F(Listing, puts_a_directory_between_the_names_that_sort_around_its_slash) {
  put({"a", "a!", "a-b", "a.txt", "a/b", "a/c", "a0", "ab"});
  const auto page = list({});
  ASSERT_TRUE(page);
  std::vector<std::string> keys;
  for (const auto& object : page->objects) keys.push_back(object.key);
  EXPECT_EQ(keys, (std::vector<std::string>{"a", "a!", "a-b", "a.txt", "a/b", "a/c", "a0", "ab"}));
}

TEST_F(Listing, is_right_at_every_boundary_of_keys_that_posix_cannot_name) {
  put({"/", "//", "///x", "/a", "a", "a/", "a//", "a//b", "a/.", "a/..", "a/../b", "a/b", "a/b/", "a/b/c", "a-", "a0",
       "..", "../x", ".", "./y", "b/\xff", "b/\xff\xff/z", "\xff", "\xff/", "\xff\xff",
       "c" + std::string(1, '\0') + "d"});
  for (const char* prefix : {"", "/", "//", "a", "a/", "a//", "a/b", "a/b/", "..", "b/\xff", "\xff", "zz"}) {
    for (const char* delimiter : {"", "/", "//", "b", "/b", "\xff", ".", "a/b"}) {
      expect_right_at_every_boundary({.prefix = prefix, .delimiter = delimiter});
    }
  }
}

TEST_F(Listing, starts_after_any_string_whether_a_key_or_not) {
  put({"a", "a/", "a/b", "a/b/c", "a/d", "b", "b/c/d/e", "b/c/f", "c"});
  for (const char* delimiter : {"", "/", "b", "c/"}) {
    for (const char* prefix : {"", "a", "a/", "b/", "b/c/"}) {
      for (const char* after : {"a", "a/", "a/b", "a/b/", "a/b/c", "a/zz", "aa", "b", "b/", "b/c", "b/c/d", "b/c/d/e",
                                "b/c/d/e/f", "c", "c/", "zz", "\xff", "\x01"}) {
        for (const bool is_prefix : {false, true}) {
          for (const uint32_t max : {1U, 2U, 100U}) {
            expect_right({.prefix = prefix, .delimiter = delimiter, .after = after, .after_is_prefix = is_prefix,
                          .max_entries = max});
          }
        }
      }
    }
  }
}

TEST_F(Listing, takes_keys_of_1024_bytes_in_one_segment_or_in_1024) {
  put({std::string(1024, 'k'), std::string(1024, '/'), std::string(1023, '/'), std::string(512, '/') + "x"});
  std::string deep;
  while (deep.size() < 1024) deep += "d/";
  put({deep, deep.substr(0, 1000), deep.substr(0, 999), deep.substr(0, 40) + "e", deep.substr(0, 30) + "a"});
  expect_right_at_every_boundary({});
  expect_right_at_every_boundary({.prefix = deep.substr(0, 20), .delimiter = "/"});
  expect_right_at_every_boundary({.prefix = deep.substr(0, 500), .delimiter = "e"});
}

TEST_F(Listing, does_not_show_a_directory_without_objects) {
  put({"a/b", "z"});
  tree_.put_empty_directory("empty/");
  tree_.put_empty_directory("a/empty/");
  for (const char* delimiter : {"", "/"}) {
    expect_right_at_every_boundary({.delimiter = delimiter});
    expect_right_at_every_boundary({.prefix = "a/", .delimiter = delimiter});
    expect_right_at_every_boundary({.prefix = "empty/", .delimiter = delimiter});
  }
}

TEST_F(Listing, fills_objects_from_dense_and_from_scattered_inodes) {
  for (const uint64_t step : {uint64_t{1}, uint64_t{1000}}) {
    TreeInEngine tree(step);
    std::vector<std::string> keys;
    for (int i = 0; i < 100; ++i) keys.push_back("k" + std::to_string(i * 37 % 100));
    for (const std::string& key : keys) tree.put(key, key.size());
    meta::ReadView view(tree.engine(), kv::ReadMode::kAny);
    const auto page = list_page(view, kRoot, {});
    ASSERT_TRUE(page);
    ASSERT_EQ(page->objects.size(), 100U);
    for (const ListedObject& object : page->objects) {
      EXPECT_EQ(object.etag, "etag of " + object.key);
      EXPECT_EQ(object.size_bytes, object.key.size());
      EXPECT_EQ(object.owner, "owner");
    }
  }
}

TEST_F(Listing, says_so_when_a_name_leads_nowhere) {
  put({"a", "b"});
  const std::vector<kv::Write> writes = {
      {kv::Space::kNames, meta::name_key(kRoot, "dangling", false), meta::encode_name({InodeId(999), false})}};
  ASSERT_TRUE(tree_.engine().write(writes, kv::Durability::kSync));
  const auto page = list({});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Code::kCorruption);
}

TEST_F(Listing, passes_on_what_the_engine_says) {
  put({"a", "b/c"});
  tree_.memory_engine().set_cached(false);
  meta::ReadView cached(tree_.engine(), kv::ReadMode::kCachedOnly);
  const auto page = list_page(cached, kRoot, {});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Code::kWouldBlock);
}

TEST_F(Listing, of_random_trees_is_what_sorting_the_keys_says) {
  const uint64_t seed = 20'260'101;
  rt::Rng rng(seed);
  const std::vector<std::string> pieces = {"a", "b", "/", "/", "-", "0", "\xff", ".", "ab", "//"};
  const auto random_text = [&](size_t most) {
    std::string text;
    for (size_t i = rng.below(most + 1); i > 0; --i) text += pieces[rng.below(pieces.size())];
    return text;
  };
  for (int round = 0; round < 30; ++round) {
    tree_ = TreeInEngine(1 + rng.below(3) * 50);
    keys_.clear();
    for (size_t i = 0; i < 60; ++i) {
      const std::string key = random_text(7);
      if (!key.empty()) put({key});
    }
    for (int i = 0; i < 300; ++i) {
      expect_right({.prefix = random_text(3), .delimiter = random_text(2), .after = random_text(4),
                    .after_is_prefix = rng.below(2) == 0, .max_entries = static_cast<uint32_t>(rng.below(12))});
      if (HasFailure()) GTEST_FAIL() << "seed " << seed << " round " << round;
    }
  }
}

TEST(TreeWalk, comes_back_up_through_more_levels_than_it_keeps_iterators_for) {
  TreeInEngine tree;
  std::string path;
  std::vector<std::string> expected;
  for (int depth = 0; depth < 40; ++depth) {
    tree.put(path + "a");
    tree.put(path + "z");
    path += "m/";
  }
  tree.put(path + "x");
  meta::ReadView view(tree.engine(), kv::ReadMode::kAny);
  TreeWalker walker(view, kRoot);
  ASSERT_TRUE(walker.seek({}));
  std::string last;
  size_t files = 0;
  while (walker.valid()) {
    EXPECT_LT(last, std::string(walker.path()));
    last = walker.path();
    files += walker.directory() ? 0 : 1;
    ASSERT_TRUE(walker.directory() ? walker.descend() : walker.next());
  }
  EXPECT_EQ(files, 81U);
}

TEST(SuccessorOfPrefix, is_empty_where_nothing_is_greater) {
  EXPECT_EQ(successor_of_prefix("a/"), "a0");
  EXPECT_EQ(successor_of_prefix("a\xff\xff"), "b");
  EXPECT_EQ(successor_of_prefix("\xff\xff"), "");
  EXPECT_EQ(successor_of_prefix(""), "");
}

}  // namespace
}  // namespace tp::plane
