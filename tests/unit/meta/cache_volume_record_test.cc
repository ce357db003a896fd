// The record of a cache volume: its settings come back, and servers that know only trees refuse it.
#include <gtest/gtest.h>

#include "meta/volume_record.h"

namespace tp::meta {
namespace {

VolumeRecord cache_volume() {
  VolumeRecord record;
  record.id = VolumeId(7);
  record.name = "kv";
  record.kind = VolumeKind::kCache;
  record.root = InodeId(8);
  record.owner = "root";
  record.cache_settings = R"({"capacity_bytes":1})";
  return record;
}

TEST(CacheVolumeRecord, ItsSettingsComeBack) {
  const auto read = decode_volume(encode_volume(cache_volume()));
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->kind, VolumeKind::kCache);
  EXPECT_EQ(read->cache_settings, R"({"capacity_bytes":1})");
}

TEST(CacheVolumeRecord, OnlyItHasTheVersionThatOlderServersRefuse) {
  VolumeRecord tree = cache_volume();
  tree.kind = VolumeKind::kTree;
  tree.cache_settings.clear();
  EXPECT_EQ(encode_volume(tree)[0], 1);
  EXPECT_EQ(encode_volume(cache_volume())[0], 2);
}

TEST(CacheVolumeRecord, AKindThatIsNotItsVersionsIsRefused) {
  Bytes value = encode_volume(cache_volume());
  value[0] = 1;
  EXPECT_FALSE(decode_volume(value));
  VolumeRecord tree = cache_volume();
  tree.kind = VolumeKind::kTree;
  value = encode_volume(tree);
  value[0] = 2;
  EXPECT_FALSE(decode_volume(value));
}

}  // namespace
}  // namespace tp::meta
