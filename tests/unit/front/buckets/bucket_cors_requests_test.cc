// What browsers hear: preflights, and the Access-Control-* fields of other answers. The expectations are S3's recorded
// answers.
#include <gtest/gtest.h>

#include "unit/front/s3_rig.h"

namespace tp::test {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

class CorsRequests : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(rig_.put("/box", "").status, 200); }

  void set_rules(const std::string& rules) {
    const Reply reply = rig_.send({.method = "PUT",
                                   .path = "/box",
                                   .query = "cors",
                                   .body = "<CORSConfiguration>" + rules + "</CORSConfiguration>"});
    ASSERT_EQ(reply.status, 200) << reply.body;
  }
  Reply preflight(const std::string& path, Fields fields) {
    return rig_.send({.method = "OPTIONS", .path = path, .headers = std::move(fields), .sign = false});
  }

  S3Rig rig_;
};

constexpr const char* kRules =
    "<CORSRule><AllowedOrigin>https://*.example.com</AllowedOrigin><AllowedMethod>GET</AllowedMethod>"
    "<AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-amz-*</AllowedHeader><ExposeHeader>ETag</ExposeHeader>"
    "<ExposeHeader>x-amz-request-id</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds></CORSRule>"
    "<CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>HEAD</AllowedMethod></CORSRule>";

TEST_F(CorsRequests, APreflightThatARuleAllowsIsAnswered) {
  set_rules(kRules);
  const Reply reply = preflight("/box/any%20key", {{"Origin", "https://app.example.com"},
                                                 {"Access-Control-Request-Method", "PUT"},
                                                 {"Access-Control-Request-Headers", "X-Amz-Date,x-amz-ACL"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(reply.header("access-control-allow-origin"), "https://app.example.com");
  EXPECT_EQ(reply.header("access-control-allow-methods"), "GET, PUT");
  EXPECT_EQ(reply.header("access-control-allow-headers"), "x-amz-date, x-amz-acl");
  EXPECT_EQ(reply.header("access-control-expose-headers"), "ETag, x-amz-request-id");
  EXPECT_EQ(reply.header("access-control-max-age"), "3000");
  EXPECT_EQ(reply.header("access-control-allow-credentials"), "true");
  EXPECT_EQ(reply.header("vary"), "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}

TEST_F(CorsRequests, ARuleForEveryOriginSaysSoWithoutCredentials) {
  set_rules(kRules);
  const Reply reply = preflight("/box/k", {{"Origin", "null"}, {"Access-Control-Request-Method", "HEAD"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
  EXPECT_FALSE(reply.has("access-control-allow-credentials"));
  EXPECT_FALSE(reply.has("access-control-allow-headers"));
}

TEST_F(CorsRequests, RefusedPreflightsSayWhy) {
  const Fields asked = {{"Origin", "https://evil.com"}, {"Access-Control-Request-Method", "PUT"}};
  const Reply none = preflight("/box/k", {});
  EXPECT_EQ(none.status, 400);
  EXPECT_EQ(none.element("Message"), "Insufficient information. Origin request header needed.");
  const Reply unconfigured = preflight("/box/k", asked);
  EXPECT_EQ(unconfigured.status, 403);
  EXPECT_EQ(unconfigured.code(), "AccessForbidden");
  EXPECT_EQ(unconfigured.element("Message"), "CORSResponse: CORS is not enabled for this bucket.");
  EXPECT_EQ(unconfigured.element("Method"), "PUT");
  EXPECT_EQ(unconfigured.element("ResourceType"), "BUCKET");
  EXPECT_EQ(preflight("/nowhere/k", asked).element("Message"), "CORSResponse: Bucket not found");
  set_rules(kRules);
  const Reply other_origin = preflight("/box/k", asked);
  EXPECT_EQ(other_origin.status, 403);
  EXPECT_EQ(other_origin.element("ResourceType"), "OBJECT");
  EXPECT_FALSE(other_origin.has("access-control-allow-origin"));
  const Fields other_header = {{"Origin", "https://a.example.com"},
                               {"Access-Control-Request-Method", "PUT"},
                               {"Access-Control-Request-Headers", "x-amz-date,content-type"}};
  EXPECT_EQ(preflight("/box/k", other_header).code(), "AccessForbidden");
  EXPECT_EQ(preflight("/box/k", {{"Origin", "https://a.example.com"}}).status, 400) << "no method asked";
  const Fields strange_method = {{"Origin", "https://a.example.com"}, {"Access-Control-Request-Method", "x"}};
  EXPECT_EQ(preflight("/box/k", strange_method).status, 400);
}

TEST_F(CorsRequests, OtherAnswersCarryTheFieldsErrorsIncluded) {
  set_rules(kRules);
  ASSERT_EQ(rig_.put("/box/k", "x").status, 200);
  const Fields origin = {{"Origin", "https://a.example.com"}};
  EXPECT_EQ(rig_.get("/box/k", origin).header("access-control-allow-origin"), "https://a.example.com");
  const Reply missing = rig_.get("/box/none", origin);
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.header("access-control-allow-origin"), "https://a.example.com");
  const Reply denied = rig_.send({.method = "GET", .path = "/box/k", .headers = origin, .sign = false});
  EXPECT_EQ(denied.status, 403);
  EXPECT_EQ(denied.header("access-control-allow-origin"), "https://a.example.com");
  EXPECT_FALSE(rig_.get("/box/k").has("vary"));
  EXPECT_FALSE(rig_.get("/box/k", {{"Origin", "http://other"}}).has("access-control-allow-origin"));
  EXPECT_FALSE(rig_.remove("/box/k", origin).has("access-control-allow-origin")) << "no rule names DELETE";
}

TEST_F(CorsRequests, RulesAreReadBackAndRemoved) {
  EXPECT_EQ(rig_.get("/box", {}, "cors").code(), "NoSuchCORSConfiguration");
  set_rules(kRules);
  const Reply reply = rig_.get("/box", {}, "cors");
  EXPECT_EQ(reply.element("AllowedOrigin"), "https://*.example.com");
  EXPECT_EQ(reply.element("MaxAgeSeconds"), "3000");
  EXPECT_EQ(rig_.send({.method = "DELETE", .path = "/box", .query = "cors"}).status, 204);
  EXPECT_EQ(rig_.send({.method = "DELETE", .path = "/box", .query = "cors"}).status, 204);
  EXPECT_EQ(rig_.get("/box", {}, "cors").code(), "NoSuchCORSConfiguration");
}

TEST_F(CorsRequests, ARefusedDocumentLeavesTheRules) {
  set_rules(kRules);
  const std::string no_method =
      "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>";
  EXPECT_EQ(rig_.send({.method = "PUT", .path = "/box", .query = "cors", .body = no_method}).code(), "MalformedXML");
  const std::string huge(70'000, ' ');
  EXPECT_EQ(rig_.send({.method = "PUT", .path = "/box", .query = "cors", .body = huge}).status, 400);
  EXPECT_EQ(rig_.get("/box", {}, "cors").element("MaxAgeSeconds"), "3000");
}

}  // namespace
}  // namespace tp::test
