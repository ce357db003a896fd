// The settings of cache volumes: what is kept comes back, what is asked for goes over it, what cannot be is refused.
#include <gtest/gtest.h>

#include "server/cache/settings_json.h"
#include "server/cache/shipped_profiles.h"

namespace tp::server {
namespace {

using Settings = cache::CacheSettings;

void refused(const std::string& json, const std::string& word, bool made = false) {
  const auto read = read_cache_settings(json, default_cache_settings(), made);
  ASSERT_FALSE(read) << json;
  EXPECT_EQ(read.error().code, Code::kInvalidArgument) << json;
  EXPECT_NE(read.error().message.find(word), std::string::npos) << json << ": " << read.error().message;
}

TEST(CacheSettingsJson, WhatIsKeptComesBack) {
  Settings settings;
  settings.capacity_bytes = 5ull << 30;
  settings.dram_bytes = 77 << 20;
  settings.policy = "lru";
  settings.shared = true;
  settings.profile_toml = "name = \"m\"\n";
  settings.shares = {{"alice", 1 << 20, 2 << 20}, {"", 0, 3 << 20}};
  const auto read = read_cache_settings(cache_settings_json(settings), Settings(), false);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->capacity_bytes, settings.capacity_bytes);
  EXPECT_EQ(read->dram_bytes, settings.dram_bytes);
  EXPECT_EQ(read->policy, "lru");
  EXPECT_TRUE(read->shared);
  EXPECT_EQ(read->profile_toml, settings.profile_toml);
  ASSERT_EQ(read->shares.size(), 2u);
  EXPECT_EQ(read->shares[0].tenant, "alice");
  EXPECT_EQ(read->shares[0].reserved_bytes, 1u << 20);
  EXPECT_EQ(read->shares[1].quota_bytes, 3u << 20);
}

TEST(CacheSettingsJson, WhatIsNotSaidStays) {
  Settings present = default_cache_settings();
  present.policy = "lru";
  const auto read = read_cache_settings(R"({"dram": "4GiB"})", present, true);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->dram_bytes, 4ull << 30);
  EXPECT_EQ(read->capacity_bytes, present.capacity_bytes);
  EXPECT_EQ(read->policy, "lru");
}

TEST(CacheSettingsJson, AShareReplacesTheTenantsAndNothingTakesItAway) {
  auto read =
      read_cache_settings(R"({"share": {"tenant": "a", "reserved_bytes": "1MiB"}})", default_cache_settings(), true);
  ASSERT_TRUE(read);
  read = read_cache_settings(R"({"share": {"tenant": "a", "quota_bytes": "2MiB"}})", *read, true);
  ASSERT_TRUE(read);
  ASSERT_EQ(read->shares.size(), 1u);
  EXPECT_EQ(read->shares[0].reserved_bytes, 0u);
  EXPECT_EQ(read->shares[0].quota_bytes, 2u << 20);
  read = read_cache_settings(R"({"share": {"tenant": "a"}})", *read, true);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->shares.empty());
}

TEST(CacheSettingsJson, WhatCannotBeIsRefusedInWords) {
  refused("[]", "object");
  refused("{", "object");
  refused(R"({"size": 1})", "no setting size");
  refused(R"({"capacity": -1})", "capacity");
  refused(R"({"capacity": 1.5})", "capacity");
  refused(R"({"capacity": "much"})", "capacity");
  refused(R"({"capacity": "2000TiB"})", "1 PiB");
  refused(R"({"dram": "1KiB"})", "dram");
  refused(R"({"policy": "none"})", "lru");
  refused(R"({"policy": 3})", "policy");
  refused(R"({"shared": "yes"})", "shared");
  refused(R"({"profile": "no-such-model"})", "llama-3-70b");
  refused(R"({"profile": "name = "})", "profile");
  refused(R"({"shares": {}})", "array");
  refused(R"({"share": {"reserved_bytes": 1}})", "tenant");
  refused(R"({"share": {"tenant": "a", "more": 1}})", "more");
  refused(R"({"share": {"tenant": "a", "reserved_bytes": 2, "quota_bytes": 1}})", "quota");
  refused(R"({"share": {"tenant": "a", "reserved_bytes": "1TiB"}})", "reserved");
}

TEST(CacheSettingsJson, PolicyAndSharingAreChosenWhenTheVolumeIsMade) {
  refused(R"({"policy": "lru"})", "policy", true);
  refused(R"({"shared": true})", "shared", true);
  EXPECT_TRUE(read_cache_settings(R"({"policy": "prefix", "shared": false})", default_cache_settings(), true));
}

TEST(ShippedProfiles, AllOfThemAreProfiles) {
  for (const char* name : {"llama-3-70b", "llama-3-8b", "deepseek-v3"}) {
    const auto text = shipped_profile(name);
    ASSERT_TRUE(text) << name;
    const auto profile = cache::parse_profile(*text);
    ASSERT_TRUE(profile) << name << ": " << profile.error().to_string();
    EXPECT_EQ(profile->name, name);
    EXPECT_FALSE(profile->identity.model.empty());
    EXPECT_GT(profile->bytes_per_token, 0);
    EXPECT_GT(profile->seconds(0, 8192), 0);
    // Later tokens cost more than earlier ones.
    EXPECT_GT(profile->seconds(65536, 1024), profile->seconds(0, 1024)) << name;
    EXPECT_NE(shipped_profile_names().find(name), std::string::npos);
  }
  EXPECT_FALSE(shipped_profile("none"));
  // 80 layers of 8 key-value heads of 128, keys and values of two bytes.
  EXPECT_EQ(cache::parse_profile(*shipped_profile("llama-3-70b"))->bytes_per_token, 327680);
}

}  // namespace
}  // namespace tp::server
