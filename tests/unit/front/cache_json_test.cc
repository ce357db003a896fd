// The JSON of cache volumes: the ledger adds up, and one that could not be opened is shown with its trouble.
#include "front/admin/cache_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tp::admin {
namespace {

TEST(CacheJson, TheLedgerAddsUp) {
  cache::LedgerCounts counts;
  counts.lookups = 10;
  counts.hits_dram = 3;
  counts.hits_flash = 2;
  counts.misses = 5;
  counts.hit_tokens_dram = 300;
  counts.hit_tokens_flash = 200;
  counts.miss_tokens = 1500;
  counts.hit_bytes_dram = 1;
  counts.hit_bytes_flash = 2;
  counts.saved_seconds = 1.5;
  const auto json = ledger_json(counts);
  EXPECT_EQ(json["hits"], 5u);
  EXPECT_EQ(json["hit_tokens"], 500u);
  EXPECT_EQ(json["hit_bytes"], 3u);
  EXPECT_DOUBLE_EQ(json["hit_ratio"].get<double>(), 0.5);
  EXPECT_DOUBLE_EQ(json["token_hit_ratio"].get<double>(), 0.25);
  EXPECT_DOUBLE_EQ(json["saved_seconds"].get<double>(), 1.5);
}

TEST(CacheJson, NothingAskedIsNoDivisionByZero) {
  const auto json = ledger_json({});
  EXPECT_EQ(json["hit_ratio"], 0.0);
  EXPECT_EQ(json["token_hit_ratio"], 0.0);
}

TEST(CacheJson, AVolumeThatCouldNotBeOpenedSaysWhy) {
  meta::VolumeRecord volume;
  volume.name = "kv";
  volume.owner = "root";
  volume.cache_settings = R"({"capacity_bytes": 5})";
  const auto json = cache_volume_json(volume, "root", nullptr, "the disk is on fire");
  EXPECT_EQ(json["available"], false);
  EXPECT_EQ(json["trouble"], "the disk is on fire");
  EXPECT_EQ(json["settings"]["capacity_bytes"], 5u);
  EXPECT_FALSE(json.contains("stats"));
}

}  // namespace
}  // namespace tp::admin
