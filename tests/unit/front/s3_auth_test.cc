// Who is asking: signatures in headers and queries, and what is wrong with them.
#include <gtest/gtest.h>

#include "unit/front/s3_rig.h"

namespace tp::test {
namespace {

class S3Auth : public ::testing::Test {
 protected:
  void SetUp() override {
    rig_.make_bucket();
    ASSERT_EQ(rig_.put("/box/k", "data").status, 200);
  }

  std::string presigned(const std::string& method, const std::string& path, const std::string& query, int64_t signed_at,
                        int64_t expires) {
    const wire::HeaderList headers = {{"host", "localhost:9000"}};
    const wire::SigV4Request request{method, path, query, headers};
    wire::SigningCredentials credentials;
    credentials.access_key = "root";
    credentials.secret = "secret";
    auto made = wire::presign(request, credentials, signed_at, expires, keys_);
    EXPECT_TRUE(made);
    return made ? *made : std::string();
  }
  Reply use(const std::string& method, const std::string& query, std::string body = {}) {
    return rig_.send({.method = method, .path = "/box/k", .query = query, .body = std::move(body), .sign = false});
  }

  S3Rig rig_;
  wire::SigningKeyCache keys_;
};

TEST_F(S3Auth, AWrongSecretIsShownWhatWasSigned) {
  const Reply reply = rig_.send({.method = "GET", .path = "/box/k", .secret_key = "guess"});
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.code(), "SignatureDoesNotMatch");
  EXPECT_EQ(reply.element("AWSAccessKeyId"), "root");
  EXPECT_EQ(reply.element("StringToSign").substr(0, 16), "AWS4-HMAC-SHA256");
  EXPECT_NE(reply.element("CanonicalRequest").find("/box/k"), std::string::npos);
  EXPECT_EQ(reply.body.find("secret"), std::string::npos);
}

TEST_F(S3Auth, AnUnknownKeyIsNamed) {
  const Reply reply = rig_.send({.method = "GET", .path = "/box/k", .access_key = "nobody"});
  EXPECT_EQ(reply.code(), "InvalidAccessKeyId");
  EXPECT_EQ(reply.element("AWSAccessKeyId"), "nobody");
}

TEST_F(S3Auth, AClockTooFarOffIsToldTheTime) {
  EXPECT_EQ(rig_.send({.method = "GET", .path = "/box/k", .clock_offset_seconds = 600}).status, 200);
  for (const int64_t offset : {-3600, 3600}) {
    const Reply reply = rig_.send({.method = "GET", .path = "/box/k", .clock_offset_seconds = offset});
    EXPECT_EQ(reply.code(), "RequestTimeTooSkewed");
    EXPECT_FALSE(reply.element("ServerTime").empty());
  }
}

TEST_F(S3Auth, AnonymousCallersGetWhatIsPublicAndNoMore) {
  const Ask ask{.method = "GET", .path = "/box/k", .sign = false};
  EXPECT_EQ(rig_.send(ask).code(), "AccessDenied");
  EXPECT_EQ(rig_.send({.method = "GET", .path = "/box/none", .sign = false}).code(), "AccessDenied");
  EXPECT_EQ(rig_.send({.method = "PUT", .path = "/box/k", .body = "x", .sign = false}).code(), "AccessDenied");
  ASSERT_EQ(rig_.put("/box/k", "data", {{"x-amz-acl", "public-read"}}).status, 200);
  EXPECT_EQ(rig_.send(ask).body, "data");
  EXPECT_EQ(rig_.send({.method = "DELETE", .path = "/box/k", .sign = false}).code(), "AccessDenied");
}

TEST_F(S3Auth, APresignedRequestWorksUntilItExpires) {
  const int64_t now = rig_.now();
  EXPECT_EQ(use("GET", presigned("GET", "/box/k", "", now, 60)).body, "data");
  EXPECT_EQ(use("HEAD", presigned("HEAD", "/box/k", "", now, 60)).status, 200);
  EXPECT_EQ(use("PUT", presigned("PUT", "/box/k", "", now, 60), "new").status, 200);
  EXPECT_EQ(rig_.get("/box/k").body, "new");
  const Reply expired = use("GET", presigned("GET", "/box/k", "", now - 100, 60));
  EXPECT_EQ(expired.status, 403);
  EXPECT_EQ(expired.code(), "AccessDenied");
  EXPECT_EQ(expired.element("Message"), "Request has expired");
  EXPECT_EQ(use("DELETE", presigned("GET", "/box/k", "", now, 60)).code(), "SignatureDoesNotMatch");
  EXPECT_EQ(use("GET", presigned("GET", "/box/k", "", now, 60) + "&x=1").code(), "SignatureDoesNotMatch");
  EXPECT_EQ(use("DELETE", presigned("DELETE", "/box/k", "", now, 60)).status, 204);
}

TEST_F(S3Auth, FieldsHoistedIntoAPresignedQueryCount) {
  const std::string query =
      presigned("PUT", "/box/k", "x-amz-meta-colour=blue&x-amz-storage-class=STANDARD_IA", rig_.now(), 60);
  ASSERT_EQ(use("PUT", query, "v").status, 200);
  const Reply head = rig_.head("/box/k");
  EXPECT_EQ(head.header("x-amz-meta-colour"), "blue");
  EXPECT_EQ(head.header("x-amz-storage-class"), "STANDARD_IA");
  const std::string mode = presigned("GET", "/box/k", "x-amz-checksum-mode=ENABLED", rig_.now(), 60);
  EXPECT_TRUE(use("GET", mode).has("x-amz-checksum-crc64nvme"));
  // The checksum that an SDK hoists is of the empty body that it presigned.
  const std::string hoisted = presigned(
      "PUT", "/box/k", "x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32", rig_.now(), 60);
  EXPECT_EQ(use("PUT", hoisted, "v").status, 200);
}

TEST_F(S3Auth, WhatIsHalfASignatureIsNamed) {
  const auto with = [&](std::vector<std::pair<std::string, std::string>> headers, std::string query = {}) {
    return rig_.send({.method = "GET", .path = "/box/k", .query = std::move(query), .headers = std::move(headers),
                      .sign = false})
        .code();
  };
  EXPECT_EQ(with({{"Authorization", "AWS4-HMAC-SHA256 nonsense"}}), "AuthorizationHeaderMalformed");
  EXPECT_EQ(with({{"Authorization", "AWS root:abc"}}), "InvalidRequest");
  EXPECT_EQ(with({{"Authorization", "Bearer x"}}), "InvalidArgument");
  EXPECT_EQ(with({}, "X-Amz-Algorithm=AWS4-HMAC-SHA256"), "AuthorizationQueryParametersError");
  EXPECT_EQ(with({{"Authorization", "AWS4-HMAC-SHA256 x=y"}}, "X-Amz-Signature=1"), "InvalidArgument");
  EXPECT_EQ(with({}, "AWSAccessKeyId=a&Signature=b&Expires=1"), "InvalidAccessKeyId");
  EXPECT_EQ(with({}, "AWSAccessKeyId=root&Signature=b&Expires=9999999999"), "SignatureDoesNotMatch");
  EXPECT_EQ(with({}, "AWSAccessKeyId=root&Signature=b&Expires=1"), "AccessDenied");
}

TEST_F(S3Auth, ATokenThatNobodyGaveIsInvalid) {
  EXPECT_EQ(rig_.get("/box/k", {{"x-amz-security-token", "abc"}}).code(), "InvalidToken");
}

TEST_F(S3Auth, AUserSeesItsOwn) {
  rig_.add_user("ada");
  EXPECT_EQ(rig_.send(rig_.as("ada", {.method = "GET", .path = "/box/k"})).code(), "AccessDenied");
  EXPECT_EQ(rig_.send(rig_.as("ada", {.method = "PUT", .path = "/box/k", .body = "x"})).code(), "AccessDenied");
  EXPECT_EQ(rig_.get("/box/k").body, "data");
}

}  // namespace
}  // namespace tp::test
