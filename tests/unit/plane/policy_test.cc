#include "plane/rights/policy.h"

#include <gtest/gtest.h>

#include "unit/plane/plane_fixture.h"

namespace tp::test {
namespace {

using plane::Policy;
using plane::PolicyQuestion;
using plane::PolicyVerdict;

std::string statement(const std::string& members) {
  return R"({"Version":"2012-10-17","Statement":[{)" + members + "}]}";
}
std::string allow(const std::string& rest) {
  return statement(R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*",)" + rest);
}

PolicyVerdict judge(const std::string& text, const plane::Caller& caller, std::string_view action = "s3:GetObject",
                    std::string_view key = "k", bool on_object = true) {
  auto policy = Policy::parse(text, "b");
  EXPECT_TRUE(policy) << (policy ? "" : policy.error().message) << "\n" << text;
  if (!policy) return PolicyVerdict::kNothingSaid;
  return (*policy)->judge({.caller = caller, .action = action, .volume = "b", .key = key, .on_object = on_object});
}

TEST(Wildcards, MatchRunsAndSingleBytes) {
  EXPECT_TRUE(plane::wildcard_match("*", ""));
  EXPECT_TRUE(plane::wildcard_match("a*c", "abbbc"));
  EXPECT_TRUE(plane::wildcard_match("a*b*c", "axxbyyc"));
  EXPECT_TRUE(plane::wildcard_match("a?c", "abc"));
  EXPECT_TRUE(plane::wildcard_match("a/*", "a/b/c"));
  EXPECT_FALSE(plane::wildcard_match("a?c", "ac"));
  EXPECT_FALSE(plane::wildcard_match("a*c", "abcd"));
  EXPECT_FALSE(plane::wildcard_match("", "a"));
  EXPECT_FALSE(plane::wildcard_match("*a*b*a*b*a*b*c", std::string(10'000, 'a')));
}

TEST(PolicyTest, NamesPrincipalsInEveryForm) {
  auto to = [](const std::string& principal) {
    return statement(R"("Effect":"Allow","Principal":)" + principal +
                     R"(,"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*")");
  };
  plane::Caller nobody, ann = user_caller("id-ann");
  ann.name = "ann";
  for (const char* all : {R"("*")", R"({"AWS":"*"})", R"({"AWS":["x","*"]})"}) {
    EXPECT_EQ(judge(to(all), nobody), PolicyVerdict::kAllow) << all;
  }
  for (const char* hers : {R"({"AWS":"id-ann"})", R"({"AWS":"arn:aws:iam:::user/ann"})",
                           R"({"CanonicalUser":"id-ann"})",
                           R"({"AWS":["arn:aws:iam::id-ann:root"]})", R"({"AWS":"arn:aws:iam::1:user/ann"})"}) {
    EXPECT_EQ(judge(to(hers), ann), PolicyVerdict::kAllow) << hers;
    EXPECT_EQ(judge(to(hers), nobody), PolicyVerdict::kNothingSaid) << hers;
    EXPECT_EQ(judge(to(hers), user_caller("ann")), std::string(hers).find("user/ann") != std::string::npos
                  ? PolicyVerdict::kAllow : PolicyVerdict::kNothingSaid) << hers;
  }
  std::string but_ann = statement(R"("Effect":"Deny","NotPrincipal":{"AWS":"id-ann"},"Action":"*","Resource":"*")");
  EXPECT_EQ(judge(but_ann, ann), PolicyVerdict::kNothingSaid);
  EXPECT_EQ(judge(but_ann, nobody), PolicyVerdict::kDeny);
}

TEST(PolicyTest, MatchesActionsAndResources) {
  plane::Caller nobody;
  auto with = [](const std::string& action, const std::string& resource) {
    return statement(R"("Effect":"Allow","Principal":"*",)" + action + "," + resource);
  };
  std::string objects = R"("Resource":"arn:aws:s3:::b/*")";
  EXPECT_EQ(judge(with(R"("Action":"S3:getobject")", objects), nobody), PolicyVerdict::kAllow);
  EXPECT_EQ(judge(with(R"("Action":["s3:Put*","s3:Get*"])", objects), nobody), PolicyVerdict::kAllow);
  EXPECT_EQ(judge(with(R"("Action":"s3:PutObject")", objects), nobody), PolicyVerdict::kNothingSaid);
  EXPECT_EQ(judge(with(R"("NotAction":"s3:PutObject")", objects), nobody), PolicyVerdict::kAllow);
  EXPECT_EQ(judge(with(R"("NotAction":"s3:Get*")", objects), nobody), PolicyVerdict::kNothingSaid);
  EXPECT_EQ(judge(with(R"("Action":"*")", R"("Resource":"arn:aws:s3:::b")"), nobody), PolicyVerdict::kNothingSaid);
  EXPECT_EQ(judge(with(R"("Action":"*")", R"("Resource":"arn:aws:s3:::b")"), nobody, "s3:ListBucket", "", false),
            PolicyVerdict::kAllow);
  EXPECT_EQ(judge(with(R"("Action":"*")", R"("Resource":"arn:aws:s3:::b/a/*")"), nobody, "s3:GetObject", "a/x"),
            PolicyVerdict::kAllow);
  EXPECT_EQ(judge(with(R"("Action":"*")", R"("Resource":"arn:aws:s3:::b/a/*")"), nobody), PolicyVerdict::kNothingSaid);
  EXPECT_EQ(judge(with(R"("Action":"*")", R"("NotResource":"arn:aws:s3:::b/k")"), nobody), PolicyVerdict::kNothingSaid);
}

TEST(PolicyTest, HeedsConditions) {
  plane::Caller from = user_caller("x");
  from.source_ip = "10.1.2.3";
  auto is = [&](const std::string& condition) { return judge(allow(R"("Condition":)" + condition), from); };
  EXPECT_EQ(is(R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"), PolicyVerdict::kAllow);
  EXPECT_EQ(is(R"({"IpAddress":{"aws:SourceIp":["1.2.3.4","10.1.2.2/31"]}})"), PolicyVerdict::kAllow);
  EXPECT_EQ(is(R"({"IpAddress":{"aws:SourceIp":"10.1.2.4/31"}})"), PolicyVerdict::kNothingSaid);
  EXPECT_EQ(is(R"({"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"), PolicyVerdict::kNothingSaid);
  EXPECT_EQ(is(R"({"IpAddress":{"aws:SourceIp":"2001:db8::/32"}})"), PolicyVerdict::kNothingSaid);
  EXPECT_EQ(is(R"({"Bool":{"aws:SecureTransport":"true"}})"), PolicyVerdict::kNothingSaid);
  EXPECT_EQ(is(R"({"Bool":{"aws:SecureTransport":false}})"), PolicyVerdict::kAllow);
  EXPECT_EQ(is(R"({"StringEquals":{"aws:username":"x"}})"), PolicyVerdict::kAllow);
  EXPECT_EQ(is(R"({"StringNotEquals":{"aws:username":["x","y"]}})"), PolicyVerdict::kNothingSaid);
  EXPECT_EQ(is(R"({"StringEquals":{"s3:prefix":""}})"), PolicyVerdict::kNothingSaid);  // not a listing
  EXPECT_EQ(is(R"({"StringEquals":{"aws:username":"x"},"Bool":{"aws:SecureTransport":"true"}})"),
            PolicyVerdict::kNothingSaid);  // all must hold
  from.source_ip = "::ffff:10.1.2.3";
  EXPECT_EQ(is(R"({"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}})"), PolicyVerdict::kAllow);
  from.source_ip = "2001:db8::7";
  EXPECT_EQ(is(R"({"IpAddress":{"aws:SourceIp":"2001:db8::/32"}})"), PolicyVerdict::kAllow);
  from.source_ip = "";
  EXPECT_EQ(is(R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})"), PolicyVerdict::kNothingSaid);
}

TEST(PolicyTest, RefusesWhatItCannotHonour) {
  const std::string good = R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*")";
  ASSERT_TRUE(Policy::parse(statement(good), "b"));
  for (const std::string& bad : {
           std::string(), std::string("{}"), std::string("[]"), std::string("null"), std::string("{\"Statement\":"),
           std::string(R"({"Statement":[]})"), std::string(R"({"Statement":[1]})"),
           std::string(R"({"Version":"2020-01-01","Statement":[]})"),
           std::string(R"({"Version":"2012-10-17","Statement":[],"Extra":1})"),
           std::string(30'000, '['), std::string(15'000, '['),
           statement(good + R"(,"Unknown":1)"), statement(good + R"(,"NotAction":"s3:*")"),
           statement(R"("Effect":"Allow","Action":"s3:*","Resource":"*")"),
           statement(R"("Effect":"Maybe","Principal":"*","Action":"s3:*","Resource":"*")"),
           statement(R"("Effect":"Allow","Principal":"ann","Action":"s3:*","Resource":"*")"),
           statement(R"("Effect":"Allow","Principal":{"Service":"x"},"Action":"s3:*","Resource":"*")"),
           statement(R"("Effect":"Allow","Principal":{"AWS":"arn:aws:sts::1:x"},"Action":"s3:*","Resource":"*")"),
           statement(R"("Effect":"Allow","NotPrincipal":{"AWS":"x"},"Action":"s3:*","Resource":"*")"),
           statement(R"("Effect":"Allow","Principal":"*","Action":"ec2:Run","Resource":"*")"),
           statement(R"("Effect":"Allow","Principal":"*","Action":[],"Resource":"*")"),
           statement(R"("Effect":"Allow","Principal":"*","Action":{},"Resource":"*")"),
           statement(R"("Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*")"),
           statement(R"("Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:sqs:::b")"),
           statement(R"("Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:userid}/*")"),
           allow(R"("Condition":{"NumericEquals":{"s3:max-keys":"1"}})"),
           allow(R"("Condition":{"StringEqualsIfExists":{"s3:prefix":"a"}})"),
           allow(R"("Condition":{"StringEquals":{"s3:x-amz-acl":"private"}})"),
           allow(R"("Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}})"),
           allow(R"("Condition":{"IpAddress":{"aws:SourceIp":"ten"}})"),
           allow(R"("Condition":{"Bool":{"aws:SecureTransport":"maybe"}})"), allow(R"("Condition":[])"),
           allow(R"("Condition":{"StringEquals":"x"})")}) {
    EXPECT_TRUE(failed_with(Policy::parse(bad, "b"), Code::kInvalidArgument, plane::Reason::kMalformedPolicy))
        << bad.substr(0, 200);
  }
}

}  // namespace
}  // namespace tp::test
