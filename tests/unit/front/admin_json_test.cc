// The admin port's JSON: what is shown of users and volumes, and that no change is taken that is not meant as it reads.
#include "front/admin/admin_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tp::admin {
namespace {

using Json = nlohmann::json;

TEST(AdminJson, AVolumeIsShownAsItIsSet) {
  meta::VolumeRecord volume;
  volume.name = "vol";
  volume.owner = "root";
  volume.quota_bytes = UINT64_MAX;
  volume.quota_objects = 3;
  volume.exports.squash = meta::Squash::kNone;
  volume.exports.networks = {"10.0.0.0/8"};
  volume.exports.file_mode = 0;
  volume.exports.directory_mode = 01777;
  const Json shown = Json::parse(dump(volume_json(volume, {1, 2, 3, 4})));
  EXPECT_EQ(shown["quota_bytes"].get<uint64_t>(), UINT64_MAX);
  EXPECT_EQ(shown["nfs"]["squash"], "none");
  EXPECT_EQ(shown["nfs"]["file_mode"], "00");
  EXPECT_EQ(shown["nfs"]["directory_mode"], "01777");
  // What is shown can be sent back.
  Json again = {{"quota_bytes", shown["quota_bytes"]}, {"quota_files", shown["quota_files"]}, {"nfs", shown["nfs"]}};
  const auto change = parse_volume_change(again.dump());
  ASSERT_TRUE(change) << change.error().to_string();
  EXPECT_EQ(change->quota_bytes, UINT64_MAX);
  EXPECT_EQ(change->quota_objects, 3u);
  EXPECT_EQ(change->exports.read_only, false);
  EXPECT_EQ(change->exports.squash, meta::Squash::kNone);
  EXPECT_EQ(change->exports.networks, std::vector<std::string>{"10.0.0.0/8"});
  EXPECT_EQ(change->exports.anonymous, std::pair(meta::kNobody, meta::kNobody));
  EXPECT_EQ(change->exports.default_owner, std::pair(meta::kNobody, meta::kNobody));
  EXPECT_EQ(change->exports.modes, (std::pair<uint32_t, uint32_t>(0, 01777)));
}

TEST(AdminJson, WhatIsLeftOutOfAChangeIsNotSet) {
  const auto change = parse_volume_change(R"({"nfs": {"read_only": true}})");
  ASSERT_TRUE(change);
  EXPECT_EQ(change->exports.read_only, true);
  EXPECT_FALSE(change->exports.squash || change->exports.networks || change->exports.anonymous);
  EXPECT_FALSE(change->exports.default_owner || change->exports.modes || change->quota_bytes || change->quota_objects);
}

TEST(AdminJson, AChangeOfAVolumeThatIsNotMeantAsItReadsIsRefused) {
  for (const char* bad :
       {"", "[]", "null", "7", "{", R"({"quota": 1})", R"({"quota_bytes": -1})", R"({"quota_bytes": 1.5})",
        R"({"quota_bytes": "1"})", R"({"quota_bytes": null})", R"({"quota_files": 18446744073709551616})",
        R"({"nfs": []})", R"({"nfs": {"readonly": true}})", R"({"nfs": {"read_only": "on"}})",
        R"({"nfs": {"squash": "some"}})", R"({"nfs": {"squash": 1}})", R"({"nfs": {"networks": "::1"}})",
        R"({"nfs": {"networks": [1]}})", R"({"nfs": {"anonymous_uid": 1}})", R"({"nfs": {"anonymous_gid": 1}})",
        R"({"nfs": {"anonymous_uid": 4294967295, "anonymous_gid": 1}})", R"({"nfs": {"default_uid": 1}})",
        R"({"nfs": {"file_mode": "0644"}})", R"({"nfs": {"file_mode": "0648", "directory_mode": "0755"}})",
        R"({"nfs": {"file_mode": 420, "directory_mode": "0755"}})",
        R"({"nfs": {"file_mode": "10000", "directory_mode": "0755"}})",
        R"({"nfs": {"file_mode": "", "directory_mode": "0755"}})",
        R"({"nfs": {"file_mode": "-1", "directory_mode": "0755"}})"}) {
    const auto change = parse_volume_change(bad);
    ASSERT_FALSE(change) << bad;
    EXPECT_EQ(change.error().code, Code::kMalformed) << bad;
  }
}

TEST(AdminJson, UsersHaveUidsThatAreNumbersOrNone) {
  const auto user = parse_user(R"({"name": "ann", "uid": 0, "gid": 4294967294})");
  ASSERT_TRUE(user);
  EXPECT_EQ(user->uid, 0u);
  EXPECT_EQ(user->gid, 4294967294u);
  EXPECT_FALSE(parse_user(R"({"name": "ann"})").value().uid);
  const Json shown = user_json(*user, false);
  EXPECT_EQ(shown["uid"], 0);
  EXPECT_TRUE(user_json(meta::UserRecord(), false)["uid"].is_null());

  const auto change = parse_user_change(R"({"uid": null})");
  ASSERT_TRUE(change && change->uid);
  EXPECT_FALSE(change->uid->has_value());
  EXPECT_FALSE(change->gid);
  EXPECT_EQ(**parse_user_change(R"({"gid": 5})").value().gid, 5u);
  for (const char* bad : {R"({"uid": "5"})", R"({"uid": -1})", R"({"uid": 4294967295})", R"({"uid": 1e3})",
                          R"({"name": "bob"})", "[]", ""}) {
    EXPECT_FALSE(parse_user_change(bad)) << bad;
  }
  for (const char* bad : {R"({"name": "ann", "uid": null})", R"({"name": 1})", R"({"name": "a", "keys": "x"})"}) {
    EXPECT_FALSE(parse_user(bad)) << bad;
  }
}

}  // namespace
}  // namespace tp::admin
