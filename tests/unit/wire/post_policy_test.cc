#include <gtest/gtest.h>

#include "base/bytes.h"
#include "wire/text/timestamp.h"
#include "wire/upload/post_policy.h"

namespace tp::wire {
namespace {

Result<PostPolicy> parse(std::string_view json) { return PostPolicy::parse(to_base64(json)); }

PostPolicy with_conditions(const std::string& conditions) {
  Result<PostPolicy> policy = parse("{\"expiration\":\"2030-01-01T00:00:00Z\",\"conditions\":[" + conditions + "]}");
  EXPECT_TRUE(policy) << policy.error().to_string();
  return policy ? std::move(*policy) : PostPolicy();
}

int64_t ns(std::string_view text) { return *parse_iso8601(text); }

/// 0 if the form passes, otherwise the reason.
PostPolicyError check(const PostPolicy& policy, std::vector<FormField> fields, int64_t now = ns("2026-11-23")) {
  const Result<void> result = policy.check(fields, "bucket-a", now);
  return result ? PostPolicyError{} : static_cast<PostPolicyError>(result.error().reason);
}

TEST(PostPolicy, PassesAFormThatMeetsEveryCondition) {
  const PostPolicy policy = with_conditions(
      R"({"bUcKeT":"bucket-a"},["StArTs-WiTh","$KeY","user/"],{"AcL":"private"},["eq","$x-amz-meta-a","b"])");
  EXPECT_EQ(check(policy, {{"KEY", "user/1"}, {"acl", "private"}, {"x-amz-meta-A", "b"}}), PostPolicyError{});
  EXPECT_EQ(check(policy, {{"key", "other/1"}, {"acl", "private"}, {"x-amz-meta-a", "b"}}),
            PostPolicyError::kConditionFailed);
  EXPECT_EQ(check(policy, {{"key", "user/1"}, {"acl", "public-read"}, {"x-amz-meta-a", "b"}}),
            PostPolicyError::kConditionFailed);
  EXPECT_EQ(check(policy, {{"key", "user/1"}, {"acl", "private"}}), PostPolicyError::kConditionFailed);
  EXPECT_EQ(check(policy, {{"key", "user/1"}, {"acl", "private"}, {"acl", "public-read"}, {"x-amz-meta-a", "b"}}),
            PostPolicyError::kConditionFailed);
}

TEST(PostPolicy, BindsTheBucketOfTheRequest) {
  EXPECT_EQ(check(with_conditions(R"({"bucket":"bucket-b"})"), {{"bucket", "bucket-b"}}),
            PostPolicyError::kConditionFailed);
  EXPECT_EQ(check(with_conditions(R"(["starts-with","$bucket","bucket-"])"), {}), PostPolicyError{});
}

TEST(PostPolicy, WantsEveryFieldCovered) {
  const PostPolicy policy = with_conditions(R"(["starts-with","$key",""])");
  EXPECT_EQ(check(policy, {{"key", "a"}, {"acl", "public-read"}}), PostPolicyError::kUncoveredField);
  EXPECT_EQ(check(policy, {{"key", "a"},
                           {"X-Amz-Signature", "s"},
                           {"Policy", "p"},
                           {"file", ""},
                           {"x-ignore-this", "i"},
                           {"AWSAccessKeyId", "k"},
                           {"signature", "s"}}),
            PostPolicyError{});
}

TEST(PostPolicy, ExpiresInTime) {
  const PostPolicy policy = with_conditions("");
  EXPECT_EQ(check(policy, {}, ns("2030-01-01") - 1), PostPolicyError{});
  EXPECT_EQ(check(policy, {}, ns("2030-01-01")), PostPolicyError::kExpired);
}

TEST(PostPolicy, ChecksEachElementOfAContentTypeList) {
  const PostPolicy policy = with_conditions(R"(["starts-with","$Content-Type","image/"])");
  EXPECT_EQ(check(policy, {{"Content-Type", "image/png"}}), PostPolicyError{});
  EXPECT_EQ(check(policy, {{"Content-Type", "image/png,image/jpeg"}}), PostPolicyError{});
  EXPECT_EQ(check(policy, {{"Content-Type", "image/png,text/html"}}), PostPolicyError::kConditionFailed);
}

TEST(PostPolicy, BoundsTheSize) {
  const PostPolicy policy = with_conditions(R"(["content-length-range",2,"5"])");
  EXPECT_EQ(policy.max_file_bytes(), 5u);
  EXPECT_TRUE(policy.check_size(2));
  EXPECT_TRUE(policy.check_size(5));
  EXPECT_EQ(policy.check_size(1).error().reason, static_cast<uint16_t>(PostPolicyError::kTooSmall));
  EXPECT_EQ(policy.check_size(6).error().reason, static_cast<uint16_t>(PostPolicyError::kTooLarge));
  EXPECT_EQ(with_conditions("").max_file_bytes(), std::nullopt);
  EXPECT_EQ(with_conditions(R"(["content-length-range",0,9],["content-length-range",3,7])").max_file_bytes(), 7u);
}

TEST(PostPolicy, RefusesBadDocuments) {
  EXPECT_FALSE(PostPolicy::parse(""));
  EXPECT_FALSE(PostPolicy::parse("not base64"));
  EXPECT_FALSE(PostPolicy::parse(std::string(100'000, 'A')));
  for (const char* json :
       {"", "x", "[]", "{}", R"({"expiration":"2030-01-01T00:00:00Z"})", R"({"conditions":[]})",
        R"({"EXPIRATION":"2030-01-01T00:00:00Z","conditions":[]})", R"({"expiration":"soon","conditions":[]})",
        R"({"expiration":2030,"conditions":[]})", R"({"expiration":"2030-01-01T00:00:00Z","CONDITIONS":[]})",
        R"({"expiration":"2030-01-01T00:00:00Z","conditions":{}})", "\xff\xfe"}) {
    EXPECT_FALSE(parse(json)) << json;
  }
  for (const char* condition :
       {"1", "\"x\"", "{}", R"({"a":"b","c":"d"})", R"({"a":1})", R"({"a":["b"]})", "[]", R"(["eq","$a"])",
        R"(["eq","a","b"])", R"(["eq","$","b"])", R"(["eq","$a",1])", R"(["ends-with","$a","b"])", R"([1,2,3])",
        R"(["content-length-range",-1,5])", R"(["content-length-range",1])", R"(["content-length-range",1.5,5])",
        R"(["content-length-range","","5"])", "null"}) {
    EXPECT_FALSE(parse(R"({"expiration":"2030-01-01T00:00:00Z","conditions":[)" + std::string(condition) + "]}"))
        << condition;
  }
}

TEST(PostPolicy, SurvivesDeepNesting) {
  EXPECT_FALSE(parse(std::string(45'000, '[')));
  EXPECT_FALSE(parse(std::string(22'000, '[') + std::string(22'000, ']')));
  std::string many = "{\"expiration\":\"2030-01-01T00:00:00Z\",\"conditions\":[0";
  for (int i = 0; i < 1000; ++i) many += ",0";
  EXPECT_FALSE(parse(many + "]}"));
}

}  // namespace
}  // namespace tp::wire
