#include "cache/profile/profile.h"

#include <gtest/gtest.h>

namespace tp::cache {
namespace {

constexpr const char* kText = R"(
name = "llama-3-70b"
bytes_per_token = 40960
block_tokens = 256
prefill_seconds = [[1000, 0.5], [10000, 8.0]]
gpu_dollars_per_hour = 3.6
gpus = 4

[identity]
model = "meta-llama/Llama-3-70B"
tokenizer = "t"
engine = "vllm"
dtype = "bf16"
layout = "nhd"
tensor_parallel = 4
rank = 2
)";

TEST(Profile, reads_what_a_file_says) {
  const auto profile = parse_profile(kText);
  ASSERT_TRUE(profile) << profile.error().to_string();
  EXPECT_EQ(profile->name, "llama-3-70b");
  EXPECT_EQ(profile->identity.model, "meta-llama/Llama-3-70B");
  EXPECT_EQ(profile->identity.rank, 2u);
  EXPECT_DOUBLE_EQ(profile->bytes_per_token, 40960);
  EXPECT_EQ(profile->block_tokens, 256u);
  const auto again = parse_profile(profile_text(*profile));
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(again->identity, profile->identity);
  EXPECT_EQ(again->prefill_seconds, profile->prefill_seconds);
}

TEST(Profile, seconds_follow_the_curve_and_go_on_beyond_it) {
  const auto profile = parse_profile(kText);
  ASSERT_TRUE(profile);
  EXPECT_DOUBLE_EQ(profile->seconds(0, 500), 0.25);
  EXPECT_DOUBLE_EQ(profile->seconds(0, 1000), 0.5);
  EXPECT_DOUBLE_EQ(profile->seconds(1000, 9000), 7.5);
  EXPECT_DOUBLE_EQ(profile->seconds(10000, 9000), 7.5);
  EXPECT_DOUBLE_EQ(profile->seconds(5, 0), 0);
  EXPECT_DOUBLE_EQ(profile->dollars(3600), 14.4);
  EXPECT_DOUBLE_EQ(Profile().seconds(0, 100), 0);
}

TEST(Profile, names_the_key_and_the_line_of_what_is_wrong) {
  for (const auto& [text, named] : std::initializer_list<std::pair<const char*, const char*>>{
           {"name = 7", "name"},
           {"\nbogus = 1", "line 2"},
           {"bytes_per_token = -1", "bytes_per_token"},
           {"bytes_per_token = inf", "bytes_per_token"},
           {"block_tokens = 1.5", "block_tokens"},
           {"prefill_seconds = [[10, 1.0], [5, 2.0]]", "prefill_seconds"},
           {"prefill_seconds = [[10]]", "prefill_seconds"},
           {"[identity]\ncolour = \"red\"", "colour"},
           {"identity = 3", "identity"},
           {"= nonsense", "line 1"}}) {
    const auto profile = parse_profile(text);
    ASSERT_FALSE(profile) << text;
    EXPECT_EQ(profile.error().code, Code::kInvalidArgument);
    EXPECT_NE(profile.error().message.find(named), std::string::npos) << profile.error().message;
  }
}

TEST(Identity, text_is_equal_only_for_equal_identities) {
  Identity a, b;
  a.model = "m;tokenizer=t";
  b.model = "m";
  b.tokenizer = "t";
  EXPECT_NE(a.text(), b.text());
  EXPECT_TRUE(b.set("rank=3"));
  EXPECT_EQ(b.rank, 3u);
  EXPECT_NE(b.text().find("rank=3;"), std::string::npos);
  EXPECT_TRUE(b.set("model=x=y"));
  EXPECT_EQ(b.model, "x=y");
  for (const char* bad : {"rank=", "rank=-1", "rank=3x", "model", "colour=red", "rank=99999999999"}) {
    const auto done = b.set(bad);
    ASSERT_FALSE(done) << bad;
    EXPECT_EQ(done.error().code, Code::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tp::cache
