#include "meta/versions/version_record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "meta/versions/version_id.h"
#include "rt/env/rng.h"

namespace tp::meta {
namespace {

constexpr VolumeId kVolume{7};

TEST(VersionKeys, OrderByKeyThenNewestFirstThenTheNameOfTheNullVersion) {
  const std::vector<Bytes> keys = {
      version_key(kVolume, "a", 9),
      version_key(kVolume, "a", 3),
      version_key(kVolume, "a", 0),
      version_key(kVolume, Bytes("a\0", 2), 1),
      version_key(kVolume, Bytes("a\0\xff", 3), 1),
      version_key(kVolume, "a\x01", 5),
      version_key(kVolume, "a/b", 5),
      version_key(kVolume, "b", 5),
      version_key(VolumeId(8), "a", 5),
  };
  EXPECT_TRUE(std::ranges::is_sorted(keys));
  EXPECT_GE(keys[0], key_versions_begin(kVolume, "a"));
  EXPECT_LT(keys[2], key_versions_end(kVolume, "a"));
  EXPECT_GE(keys[3], key_versions_end(kVolume, "a"));
  EXPECT_LT(keys[7], versions_end(kVolume));
  EXPECT_GE(keys[8], versions_end(kVolume));
  EXPECT_LE(versions_from(kVolume, "a"), keys[0]);
  EXPECT_LE(versions_from(kVolume, Bytes("a\0", 2)), keys[3]);
  EXPECT_GT(versions_from(kVolume, Bytes("a\0", 2)), keys[2]);
}

TEST(VersionKeys, ComeApartAgain) {
  for (const Bytes& key : {Bytes("a"), Bytes(), Bytes("\0\0", 2), Bytes("x\0\xff\0\x01y", 6)}) {
    const auto parts = parse_version_key(version_key(kVolume, key, 12345));
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->volume, kVolume);
    EXPECT_EQ(parts->object_key, key);
    EXPECT_EQ(parts->order, 12345u);
  }
}

TEST(VersionKeys, ThatDoNotParseAreRefused) {
  const Bytes good = version_key(kVolume, Bytes("a\0b", 3), 1);
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(parse_version_key(BytesView(good).substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_version_key(good + "x"));
}

TEST(VersionRecords, ComeBackAsTheyWent) {
  VersionRecord object;
  object.inode = InodeId(5);
  object.null_version = true;
  object.owner = "somebody";
  object.modified = 123;
  object.listed = "listed";
  VersionRecord marker;
  marker.owner = "somebody";
  marker.modified = 1;
  for (const VersionRecord& record : {object, marker}) {
    const auto again = decode_version(encode_version(record));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, record);
  }
  EXPECT_TRUE(marker.delete_marker());
  EXPECT_EQ(*decode_null_version(encode_null_version(77)), 77u);
}

TEST(VersionRecords, ThatAreDamagedAreRefusedOrParse) {
  VersionRecord record;
  record.inode = InodeId(5);
  record.owner = "somebody";
  record.listed = "listed";
  const Bytes good = encode_version(record);
  EXPECT_FALSE(decode_version(""));
  EXPECT_FALSE(decode_version(BytesView(good).substr(0, good.size() - 1)));
  EXPECT_FALSE(decode_null_version("1234567"));
  rt::Rng rng(1);
  for (int i = 0; i < 2000; ++i) {
    Bytes bad = good;
    bad[rng.below(bad.size())] = static_cast<char>(rng.next());
    (void)decode_version(bad);
  }
}

TEST(VersionIds, AreOfOneLengthAndComeBack) {
  rt::Rng rng(3);
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t number = i < 5000 ? static_cast<uint64_t>(i) + 1 : rng.next() | 1;
    const std::string text = version_text(number);
    ASSERT_EQ(text.size(), 32u);
    ASSERT_TRUE(seen.insert(text).second || i >= 5000);
    ASSERT_EQ(parse_version_text(text), number);
  }
  EXPECT_EQ(version_text(0), "null");
  EXPECT_EQ(parse_version_text("null"), 0u);
}

TEST(VersionIds, NothingElseIsTakenForOne) {
  const std::string good = version_text(42);
  EXPECT_FALSE(parse_version_text(""));
  EXPECT_FALSE(parse_version_text("NULL"));
  EXPECT_FALSE(parse_version_text(good.substr(1)));
  EXPECT_FALSE(parse_version_text(good + "0"));
  EXPECT_FALSE(parse_version_text(std::string(32, '0')));
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = bad[at] == '0' ? '1' : '0';
    EXPECT_FALSE(parse_version_text(bad)) << at;
    bad[at] = 'G';
    EXPECT_FALSE(parse_version_text(bad)) << at;
  }
}

}  // namespace
}  // namespace tp::meta
