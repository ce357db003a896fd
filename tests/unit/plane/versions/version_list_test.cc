#include "unit/plane/versions/versions_fixture.h"

namespace tp::test {
namespace {

using Shown = std::vector<std::string>;

class VersionList : public VersionsFixture {
 protected:
  void SetUp() override {
    VersionsFixture::SetUp();
    put_version("a/1", "1");
    put_version("a/1", "22");
    put_version("a/2", "333");
    ASSERT_TRUE(remove("a/2"));
    put_version("b", "1");
    ASSERT_TRUE(remove("b"));
    put_version("b", "22");
    put_version("c/d/e", "1");
  }
};

TEST_F(VersionList, IsInOrderOfKeysNewestFirst) {
  EXPECT_EQ(shown(), (Shown{"a/1:2*", "a/1:1", "a/2:marker*", "a/2:3", "b:2*", "b:marker", "b:1", "c/d/e:1*"}));
}

TEST_F(VersionList, TakesPrefixesAndDelimiters) {
  plane::VersionQuery query;
  query.prefix = "a/";
  EXPECT_EQ(shown(query), (Shown{"a/1:2*", "a/1:1", "a/2:marker*", "a/2:3"}));
  query.prefix = "";
  query.delimiter = "/";
  const plane::VersionPage page = versions(query);
  EXPECT_EQ(page.common_prefixes, (std::vector<std::string>{"a/", "c/"}));
  EXPECT_EQ(page.versions.size(), 3u);
  // What only markers are left of is a common prefix as well.
  ASSERT_TRUE(remove("x/y"));
  EXPECT_EQ(versions(query).common_prefixes, (std::vector<std::string>{"a/", "c/", "x/"}));
}

TEST_F(VersionList, PagesOfAnySizeGiveTheSame) {
  const Shown whole = shown();
  for (uint32_t size = 1; size <= whole.size() + 1; ++size) {
    Shown joined;
    plane::VersionQuery query;
    query.max_entries = size;
    for (int guard = 0; guard < 100; ++guard) {
      const plane::VersionPage page = versions(query);
      for (const std::string& line : shown(query)) joined.push_back(line);
      if (!page.truncated) break;
      query.key_marker = page.next_key;
      query.version_marker = page.next_version;
    }
    EXPECT_EQ(joined, whole) << size;
  }
}

TEST_F(VersionList, GoesOnAfterAKeyOrAPrefix) {
  plane::VersionQuery query;
  query.key_marker = "a/1";
  EXPECT_EQ(shown(query).front(), "a/2:marker*");
  query.key_marker = "a/";
  query.marker_is_prefix = true;
  query.delimiter = "/";
  EXPECT_EQ(shown(query), (Shown{"b:2*", "b:marker", "b:1"}));
}

TEST_F(VersionList, AMarkerWhoseVersionIsGoneStillHoldsItsPlace) {
  const plane::VersionPage all = versions();
  plane::VersionQuery query;
  query.key_marker = "b";
  query.version_marker = all.versions[5].version;  // the marker between two objects
  ASSERT_TRUE(remove_version("b", query.version_marker));
  EXPECT_EQ(shown(query), (Shown{"b:1", "c/d/e:1*"}));
  query.version_marker = "nonsense";
  EXPECT_FALSE(run(plane().list_versions(operator_caller(), "vol", query)));
}

TEST_F(VersionList, KeysOfAnyBytesKeepTheirOrder) {
  const std::vector<std::string> keys = {"z", std::string("z\0", 2), std::string("z\0\xff", 3), "z\x01", "z0", "z\xff"};
  for (const std::string& key : keys) {
    ASSERT_TRUE(run(plane().remove(operator_caller(), ref(key), {})));
  }
  plane::VersionQuery query;
  query.prefix = "z";
  std::vector<std::string> found;
  for (const auto& version : versions(query).versions) found.push_back(version.object.key);
  EXPECT_EQ(found, keys);
}

TEST_F(VersionList, UpkeepSeesAllOfAKeyTogether) {
  const VolumeId volume = (*plane().volume("vol"))->id;
  auto walked = run(plane().upkeep().walk(volume, "", 3));
  ASSERT_TRUE(walked);
  ASSERT_EQ(walked->objects.size(), 4u);  // whole keys
  EXPECT_EQ(walked->next, "a/2");
  EXPECT_TRUE(walked->objects[0].current);
  EXPECT_FALSE(walked->objects[1].current);
  EXPECT_GT(walked->objects[1].superseded, 0);
  EXPECT_FALSE(walked->objects[2].inode);
  EXPECT_TRUE(walked->objects[2].current);
  EXPECT_FALSE(walked->objects[2].only_version);
  auto rest = run(plane().upkeep().walk(volume, walked->next, 100));
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->next, "");
  ASSERT_EQ(rest->objects.size(), 4u);
  EXPECT_EQ(rest->objects[1].newer_noncurrent, 0u);
  EXPECT_EQ(rest->objects[2].newer_noncurrent, 1u);
  EXPECT_GT(rest->objects[1].superseded, 0);
  EXPECT_TRUE(run(plane().upkeep().versions(volume, "a/"))->empty());
  EXPECT_EQ(run(plane().upkeep().versions(volume, "b"))->size(), 3u);
}

TEST_F(VersionList, UpkeepExpiresWhatItSawAndNothingElse) {
  plane::Upkeep& upkeep = plane().upkeep();
  const VolumeId volume = (*plane().volume("vol"))->id;
  auto before = run(upkeep.versions(volume, "b"));
  ASSERT_TRUE(before && before->size() == 3);
  EXPECT_FALSE(*run(upkeep.expire_version(volume, "b", (*before)[0].version)));  // it is current
  EXPECT_TRUE(*run(upkeep.expire_version(volume, "b", (*before)[1].version)));
  EXPECT_FALSE(*run(upkeep.expire_version(volume, "b", (*before)[1].version)));  // gone
  put_version("b", "333");
  EXPECT_FALSE(*run(upkeep.expire(volume, "b", (*before)[0].inode)));  // another is there
  auto now = run(upkeep.versions(volume, "b"));
  EXPECT_TRUE(*run(upkeep.expire(volume, "b", (*now)[0].inode)));
  auto marked = run(upkeep.versions(volume, "b"));
  ASSERT_TRUE(marked);
  EXPECT_FALSE((*marked)[0].inode);
  EXPECT_FALSE(*run(upkeep.expire_version(volume, "b", (*marked)[0].version)));  // it hides others
  for (size_t i = 1; i < marked->size(); ++i) {
    EXPECT_TRUE(*run(upkeep.expire_version(volume, "b", (*marked)[i].version)));
  }
  EXPECT_TRUE(run(upkeep.versions(volume, "b"))->front().only_version);
  EXPECT_TRUE(*run(upkeep.expire_version(volume, "b", (*marked)[0].version)));
  EXPECT_TRUE(run(upkeep.versions(volume, "b"))->empty());
}

}  // namespace
}  // namespace tp::test
