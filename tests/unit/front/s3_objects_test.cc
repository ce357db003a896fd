// Operations on objects, from the client's side.
#include <gtest/gtest.h>

#include "base/hash/hasher.h"
#include "unit/front/s3_rig.h"
#include "wire/text/timestamp.h"

namespace tp::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string md5_hex(BytesView data) { return to_hex(digest(ChecksumAlgorithm::kMd5, data)); }

class S3Objects : public ::testing::Test {
 protected:
  void SetUp() override { rig_.make_bucket(); }
  S3Rig rig_;
};

TEST_F(S3Objects, WhatIsPutIsGot) {
  const Reply put = rig_.put("/box/k", "hello", {{"Content-Type", "text/plain"}});
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.header("etag"), "\"" + md5_hex("hello") + "\"");
  EXPECT_EQ(put.header("x-amz-checksum-type"), "FULL_OBJECT");
  EXPECT_EQ(put.header("x-amz-request-id").size(), 16u);
  EXPECT_FALSE(put.header("x-amz-id-2").empty());
  const Reply got = rig_.get("/box/k");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "hello");
  EXPECT_EQ(got.header("content-type"), "text/plain");
  EXPECT_EQ(got.header("etag"), put.header("etag"));
  EXPECT_EQ(got.header("accept-ranges"), "bytes");
  EXPECT_EQ(got.header("content-length"), "5");
  EXPECT_TRUE(wire::parse_http_date(got.header("last-modified")));
  EXPECT_FALSE(got.has("x-amz-version-id"));
  const Reply head = rig_.head("/box/k");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.header("content-length"), "5");
  EXPECT_EQ(head.header("etag"), put.header("etag"));
}

TEST_F(S3Objects, AnEmptyObjectIsAnObject) {
  ASSERT_EQ(rig_.put("/box/empty", "").status, 200);
  const Reply got = rig_.get("/box/empty");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("content-length"), "0");
  EXPECT_EQ(got.header("content-type"), "binary/octet-stream");
  EXPECT_EQ(rig_.get("/box/empty", {{"Range", "bytes=0-0"}}).status, 416);
}

TEST_F(S3Objects, ALargeObjectComesBackWhole) {
  Bytes data;
  for (int i = 0; data.size() < (3u << 20); ++i) data += std::to_string(i) + ",";
  ASSERT_EQ(rig_.put("/box/large", data).status, 200);
  EXPECT_EQ(rig_.get("/box/large").body, data);
  const Reply part = rig_.get("/box/large", {{"Range", "bytes=1000000-2000000"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, data.substr(1000000, 1000001));
  EXPECT_EQ(part.header("content-range"), "bytes 1000000-2000000/" + std::to_string(data.size()));
}

TEST_F(S3Objects, WhatIsNotThereSaysSo) {
  const Reply key = rig_.get("/box/none");
  EXPECT_EQ(key.status, 404);
  EXPECT_EQ(key.code(), "NoSuchKey");
  EXPECT_EQ(key.element("Key"), "none");
  EXPECT_EQ(key.element("RequestId"), key.header("x-amz-request-id"));
  const Reply bucket = rig_.get("/nobody/none");
  EXPECT_EQ(bucket.status, 404);
  EXPECT_EQ(bucket.code(), "NoSuchBucket");
  const Reply head = rig_.head("/box/none");
  EXPECT_EQ(head.status, 404);
  EXPECT_TRUE(head.body.empty());
  EXPECT_FALSE(head.header("x-amz-request-id").empty());
  EXPECT_EQ(rig_.put("/nobody/k", "x").code(), "NoSuchBucket");
}

TEST_F(S3Objects, RangesAreServedAsS3DoesIt) {
  ASSERT_EQ(rig_.put("/box/k", "0123456789").status, 200);
  EXPECT_EQ(rig_.get("/box/k", {{"Range", "bytes=2-4"}}).body, "234");
  EXPECT_EQ(rig_.get("/box/k", {{"Range", "bytes=-3"}}).body, "789");
  EXPECT_EQ(rig_.get("/box/k", {{"Range", "bytes=8-"}}).body, "89");
  const Reply several = rig_.get("/box/k", {{"Range", "bytes=0-1,3-4"}});
  EXPECT_EQ(several.status, 200);
  EXPECT_EQ(several.body, "0123456789");
  const Reply beyond = rig_.get("/box/k", {{"Range", "bytes=10-"}});
  EXPECT_EQ(beyond.status, 416);
  EXPECT_EQ(beyond.code(), "InvalidRange");
  EXPECT_EQ(beyond.element("ActualObjectSize"), "10");
  const Reply head = rig_.head("/box/k", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(head.status, 206);
  EXPECT_EQ(head.header("content-length"), "3");
  EXPECT_EQ(rig_.get("/box/k", {{"Range", "bytes=2-4"}, {"If-Range", "\"other\""}}).status, 200);
}

TEST_F(S3Objects, PartNumberOneIsTheWholeOfAnOrdinaryObject) {
  ASSERT_EQ(rig_.put("/box/k", "0123456789").status, 200);
  const Reply part = rig_.get("/box/k", {}, "partNumber=1");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.header("content-range"), "bytes 0-9/10");
  EXPECT_FALSE(part.has("x-amz-mp-parts-count"));
  EXPECT_EQ(rig_.get("/box/k", {}, "partNumber=2").code(), "InvalidPartNumber");
  EXPECT_EQ(rig_.get("/box/k", {}, "partNumber=0").code(), "InvalidArgument");
  EXPECT_EQ(rig_.get("/box/k", {{"Range", "bytes=0-1"}}, "partNumber=1").code(), "InvalidRequest");
}

TEST_F(S3Objects, ConditionalReadsFollowTheRfc) {
  const Reply put = rig_.put("/box/k", "v", {{"Cache-Control", "max-age=1"}});
  const std::string etag = put.header("etag");
  EXPECT_EQ(rig_.get("/box/k", {{"If-Match", etag}}).status, 200);
  EXPECT_EQ(rig_.get("/box/k", {{"If-Match", "\"x\""}}).code(), "PreconditionFailed");
  const Reply same = rig_.get("/box/k", {{"If-None-Match", etag}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("etag"), etag);
  EXPECT_TRUE(same.body.empty());
  EXPECT_EQ(rig_.head("/box/k", {{"If-None-Match", etag}}).status, 304);
  const std::string past = wire::http_date(rig_.now() - 3600), future = wire::http_date(rig_.now() + 3600);
  EXPECT_EQ(rig_.get("/box/k", {{"If-Modified-Since", past}}).status, 200);
  EXPECT_EQ(rig_.get("/box/k", {{"If-Modified-Since", future}}).status, 304);
  EXPECT_EQ(rig_.get("/box/k", {{"If-Unmodified-Since", past}}).status, 412);
  EXPECT_EQ(rig_.get("/box/k", {{"If-Unmodified-Since", past}, {"If-Match", etag}}).status, 200);
  EXPECT_EQ(rig_.get("/box/k", {{"If-Modified-Since", "nonsense"}}).status, 200);
}

TEST_F(S3Objects, MetadataAndSystemHeadersComeBack) {
  const Reply put = rig_.put("/box/k", "v",
                             {{"Content-Type", "a/b"},
                              {"Cache-Control", "no-cache"},
                              {"Content-Disposition", "attachment"},
                              {"Content-Language", "de"},
                              {"Content-Encoding", "aws-chunked, gzip"},
                              {"Expires", "Thu, 01 Jan 2032 00:00:00 GMT"},
                              {"x-amz-meta-Colour", "blue"},
                              {"x-amz-meta-word", "=?UTF-8?Q?gr=C3=BCn?="},
                              {"x-amz-storage-class", "STANDARD_IA"},
                              {"x-amz-tagging", "a=1&b=2"}});
  ASSERT_EQ(put.status, 200) << put.body;
  const Reply got = rig_.head("/box/k");
  EXPECT_EQ(got.header("content-type"), "a/b");
  EXPECT_EQ(got.header("cache-control"), "no-cache");
  EXPECT_EQ(got.header("content-disposition"), "attachment");
  EXPECT_EQ(got.header("content-language"), "de");
  EXPECT_EQ(got.header("content-encoding"), "gzip");
  EXPECT_EQ(got.header("expires"), "Thu, 01 Jan 2032 00:00:00 GMT");
  EXPECT_EQ(got.header("x-amz-meta-colour"), "blue");
  EXPECT_EQ(got.header("x-amz-meta-word"), "=?UTF-8?B?" + to_base64("gr\xc3\xbcn") + "?=");
  EXPECT_EQ(got.header("x-amz-storage-class"), "STANDARD_IA");
  EXPECT_EQ(got.header("x-amz-tagging-count"), "2");
}

TEST_F(S3Objects, WhatCannotBeKeptIsRefusedAndNothingStored) {
  EXPECT_EQ(rig_.put("/box/k", "v", {{"x-amz-meta-a", std::string(2048, 'x')}}).code(), "MetadataTooLarge");
  EXPECT_EQ(rig_.put("/box/k", "v", {{"x-amz-storage-class", "COLD"}}).code(), "InvalidStorageClass");
  EXPECT_EQ(rig_.put("/box/k", "v", {{"x-amz-server-side-encryption", "AES256"}}).code(), "NotImplemented");
  EXPECT_EQ(rig_.put("/box/k", "v", {{"x-amz-server-side-encryption-customer-algorithm", "AES256"}}).code(),
            "NotImplemented");
  EXPECT_EQ(rig_.put("/box/k", "v", {{"x-amz-object-lock-mode", "GOVERNANCE"}}).code(), "InvalidArgument");
  EXPECT_EQ(rig_.put("/box/k", "v", {{"x-amz-tagging", "a=1&a=2"}}).code(), "InvalidTag");
  EXPECT_EQ(rig_.put("/box/k", "v", {{"x-amz-acl", "everyone"}}).code(), "InvalidArgument");
  EXPECT_EQ(rig_.put("/box/k", "v", {{"If-None-Match", "\"abc\""}}).code(), "NotImplemented");
  EXPECT_EQ(rig_.put("/box/k", "v", {{"x-amz-expected-bucket-owner", "somebody"}}).code(), "AccessDenied");
  EXPECT_EQ(rig_.put("/box/" + std::string(1025, 'k'), "v").code(), "KeyTooLongError");
  EXPECT_EQ(rig_.get("/box/k").code(), "NoSuchKey");
}

TEST_F(S3Objects, ConditionalWritesHold) {
  EXPECT_EQ(rig_.put("/box/k", "1", {{"If-Match", "\"x\""}}).status, 404);
  const Reply first = rig_.put("/box/k", "1", {{"If-None-Match", "*"}});
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(rig_.put("/box/k", "2", {{"If-None-Match", "*"}}).code(), "PreconditionFailed");
  EXPECT_EQ(rig_.put("/box/k", "2", {{"If-Match", "\"x\""}}).code(), "PreconditionFailed");
  EXPECT_EQ(rig_.put("/box/k", "2", {{"If-Match", first.header("etag")}}).status, 200);
  EXPECT_EQ(rig_.get("/box/k").body, "2");
  EXPECT_EQ(rig_.remove("/box/k", {{"If-Match", first.header("etag")}}).code(), "PreconditionFailed");
  EXPECT_EQ(rig_.remove("/box/k", {{"x-amz-if-match-size", "7"}}).code(), "PreconditionFailed");
  EXPECT_EQ(rig_.remove("/box/k", {{"x-amz-if-match-size", "1"}}).status, 204);
}

TEST_F(S3Objects, AnAppendContinuesAtTheEnd) {
  ASSERT_EQ(rig_.put("/box/log", "one,").status, 200);
  const Reply appended = rig_.put("/box/log", "two", {{"x-amz-write-offset-bytes", "4"}});
  ASSERT_EQ(appended.status, 200) << appended.body;
  EXPECT_EQ(appended.header("x-amz-object-size"), "7");
  EXPECT_EQ(rig_.get("/box/log").body, "one,two");
  EXPECT_EQ(rig_.put("/box/log", "x", {{"x-amz-write-offset-bytes", "4"}}).code(), "InvalidWriteOffset");
  EXPECT_EQ(rig_.put("/box/log", "x", {{"x-amz-write-offset-bytes", "-1"}}).code(), "InvalidArgument");
}

TEST_F(S3Objects, ResponseOverridesAreForSignedRequests) {
  ASSERT_EQ(rig_.put("/box/k", "v", {{"x-amz-acl", "public-read"}}).status, 200);
  const Reply got = rig_.get("/box/k", {}, "response-content-type=a%2Fb&response-cache-control=no-store");
  EXPECT_EQ(got.header("content-type"), "a/b");
  EXPECT_EQ(got.header("cache-control"), "no-store");
  const Reply anonymous = rig_.send({.method = "GET", .path = "/box/k", .sign = false});
  EXPECT_EQ(anonymous.status, 200);
  const Reply refused =
      rig_.send({.method = "GET", .path = "/box/k", .query = "response-content-type=a", .sign = false});
  EXPECT_EQ(refused.code(), "InvalidRequest");
}

TEST_F(S3Objects, DeletingTwiceIsNoError) {
  ASSERT_EQ(rig_.put("/box/k", "v").status, 200);
  EXPECT_EQ(rig_.remove("/box/k").status, 204);
  EXPECT_EQ(rig_.remove("/box/k").status, 204);
  EXPECT_EQ(rig_.get("/box/k").code(), "NoSuchKey");
  EXPECT_EQ(rig_.remove("/nobody/k").code(), "NoSuchBucket");
}

Ask delete_many(const std::string& xml) {
  Ask ask{.method = "POST", .path = "/box", .query = "delete", .body = xml};
  ask.headers = {{"Content-MD5", to_base64(digest(ChecksumAlgorithm::kMd5, xml))}};
  return ask;
}

TEST_F(S3Objects, ABatchDeleteAnswersForEachKey) {
  ASSERT_EQ(rig_.put("/box/a", "1").status, 200);
  ASSERT_EQ(rig_.put("/box/b&c", "22").status, 200);
  const Reply reply = rig_.send(delete_many(
      "<Delete><Object><Key>a</Key></Object><Object><Key>b&amp;c</Key><Size>9</Size></Object>"
      "<Object><Key>none</Key></Object><Object><Key>a</Key><VersionId>v1</VersionId></Object></Delete>"));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_NE(reply.body.find("<Deleted><Key>a</Key></Deleted>"), std::string::npos) << reply.body;
  EXPECT_NE(reply.body.find("<Error><Key>b&amp;c</Key><Code>PreconditionFailed</Code>"), std::string::npos);
  EXPECT_NE(reply.body.find("<Deleted><Key>none</Key></Deleted>"), std::string::npos);
  EXPECT_NE(reply.body.find("<VersionId>v1</VersionId><Code>NoSuchVersion</Code>"), std::string::npos);
  EXPECT_EQ(rig_.get("/box/a").status, 404);
  EXPECT_EQ(rig_.get("/box/b%26c").status, 200);
  const Reply quiet = rig_.send(
      delete_many("<Delete><Quiet>true</Quiet><Object><Key>b&amp;c</Key></Object></Delete>"));
  EXPECT_EQ(quiet.status, 200);
  EXPECT_EQ(quiet.body.find("<Deleted>"), std::string::npos);
  EXPECT_EQ(rig_.get("/box/b%26c").status, 404);
}

TEST_F(S3Objects, ABatchDeleteThatIsNoneIsRefusedWhole) {
  ASSERT_EQ(rig_.put("/box/a", "1").status, 200);
  EXPECT_EQ(rig_.send(delete_many("<Delete></Delete>")).code(), "MalformedXML");
  EXPECT_EQ(rig_.send(delete_many("<Delete><Object><Key>a</Key></Object>")).code(), "MalformedXML");
  EXPECT_EQ(rig_.send(delete_many("<!DOCTYPE x [<!ENTITY a 'b'>]><Delete><Object><Key>a</Key></Object></Delete>"))
                .code(),
            "MalformedXML");
  std::string many = "<Delete>";
  for (int i = 0; i < 1001; ++i) many += "<Object><Key>a</Key></Object>";
  EXPECT_EQ(rig_.send(delete_many(many + "</Delete>")).code(), "MalformedXML");
  Ask bare = delete_many("<Delete><Object><Key>a</Key></Object></Delete>");
  bare.headers.clear();
  EXPECT_EQ(rig_.send(bare).code(), "InvalidRequest");
  Ask wrong = delete_many("<Delete><Object><Key>a</Key></Object></Delete>");
  wrong.headers = {{"Content-MD5", to_base64(digest(ChecksumAlgorithm::kMd5, "other"))}};
  EXPECT_EQ(rig_.send(wrong).code(), "BadDigest");
  EXPECT_EQ(rig_.get("/box/a").status, 200);
}

TEST_F(S3Objects, ACopyKeepsOrReplacesWhatItIsTold) {
  ASSERT_EQ(rig_.put("/box/a%20%2B1", "data",
                     {{"Content-Type", "a/b"}, {"x-amz-meta-m", "1"}, {"x-amz-tagging", "t=1"}})
                .status,
            200);
  const Reply copied = rig_.put("/box/copy", "", {{"x-amz-copy-source", "/box/a%20%2B1"}});
  ASSERT_EQ(copied.status, 200) << copied.body;
  EXPECT_EQ(copied.element("ETag"), "&quot;" + md5_hex("data") + "&quot;");
  EXPECT_FALSE(copied.element("LastModified").empty());
  Reply head = rig_.head("/box/copy");
  EXPECT_EQ(head.header("content-type"), "a/b");
  EXPECT_EQ(head.header("x-amz-meta-m"), "1");
  EXPECT_EQ(head.header("x-amz-tagging-count"), "1");
  EXPECT_EQ(rig_.get("/box/copy").body, "data");
  ASSERT_EQ(rig_.put("/box/copy2", "",
                     {{"x-amz-copy-source", "box/a+%2B1?versionId=null"},
                      {"x-amz-metadata-directive", "REPLACE"},
                      {"x-amz-tagging-directive", "REPLACE"},
                      {"x-amz-meta-n", "2"}})
                .status,
            200);
  head = rig_.head("/box/copy2");
  EXPECT_EQ(head.header("content-type"), "binary/octet-stream");
  EXPECT_EQ(head.header("x-amz-meta-n"), "2");
  EXPECT_FALSE(head.has("x-amz-meta-m"));
  EXPECT_FALSE(head.has("x-amz-tagging-count"));
}

TEST_F(S3Objects, ACopyThatCannotBeIsRefused) {
  const Reply put = rig_.put("/box/a", "data");
  const auto copy = [&](Headers headers) { return rig_.put("/box/c", "", std::move(headers)).code(); };
  EXPECT_EQ(copy({{"x-amz-copy-source", "/box/none"}}), "NoSuchKey");
  EXPECT_EQ(copy({{"x-amz-copy-source", "/nobody/a"}}), "NoSuchBucket");
  EXPECT_EQ(copy({{"x-amz-copy-source", "box"}}), "InvalidArgument");
  EXPECT_EQ(copy({{"x-amz-copy-source", "/box/%zz"}}), "InvalidArgument");
  EXPECT_EQ(copy({{"x-amz-copy-source", "/box/a?versionId=abc"}}), "InvalidArgument");
  EXPECT_EQ(copy({{"x-amz-copy-source", "/box/a"}, {"x-amz-metadata-directive", "MOVE"}}), "InvalidArgument");
  EXPECT_EQ(copy({{"x-amz-copy-source", "/box/a"}, {"x-amz-copy-source-if-match", "\"x\""}}), "PreconditionFailed");
  EXPECT_EQ(copy({{"x-amz-copy-source", "/box/a"}, {"x-amz-copy-source-if-none-match", put.header("etag")}}),
            "PreconditionFailed");
  EXPECT_EQ(copy({{"x-amz-copy-source", "/box/a"}, {"x-amz-source-expected-bucket-owner", "x"}}), "AccessDenied");
  EXPECT_EQ(rig_.get("/box/c").status, 404);
  EXPECT_EQ(rig_.put("/box/a", "", {{"x-amz-copy-source", "/box/a"}}).code(), "InvalidRequest");
  EXPECT_EQ(rig_.put("/box/a", "", {{"x-amz-copy-source", "/box/a"}, {"x-amz-metadata-directive", "REPLACE"}}).status,
            200);
  const Reply there = rig_.put("/box/a", "", {{"x-amz-copy-source", "/box/a"},
                                              {"x-amz-metadata-directive", "REPLACE"},
                                              {"If-None-Match", "*"}});
  EXPECT_EQ(there.status, 412);
}

TEST_F(S3Objects, ARenameMovesTheName) {
  ASSERT_EQ(rig_.put("/box/old", "data").status, 200);
  const auto rename = [&](const std::string& to, Headers headers) {
    return rig_.send({.method = "PUT", .path = to, .query = "renameObject", .headers = std::move(headers)});
  };
  EXPECT_EQ(rename("/box/new", {{"x-amz-rename-source", "none"}}).code(), "NoSuchKey");
  EXPECT_EQ(rename("/box/new", {}).code(), "InvalidArgument");
  EXPECT_EQ(rename("/box/new", {{"x-amz-rename-source", "old"}, {"x-amz-rename-source-if-match", "\"x\""}}).code(),
            "PreconditionFailed");
  const Reply renamed = rename("/box/new", {{"x-amz-rename-source", "/box/old"}, {"x-amz-client-token", "t"}});
  EXPECT_EQ(renamed.status, 200) << renamed.body;
  EXPECT_EQ(rig_.get("/box/old").status, 404);
  EXPECT_EQ(rig_.get("/box/new").body, "data");
  ASSERT_EQ(rig_.put("/box/other", "x").status, 200);
  EXPECT_EQ(rename("/box/other", {{"x-amz-rename-source", "new"}, {"If-None-Match", "*"}}).code(),
            "PreconditionFailed");
}

TEST_F(S3Objects, TagsAreSetReadAndRemoved) {
  ASSERT_EQ(rig_.put("/box/k", "v").status, 200);
  const std::string xml = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>";
  const Reply set = rig_.send({.method = "PUT", .path = "/box/k", .query = "tagging", .body = xml});
  EXPECT_EQ(set.status, 200) << set.body;
  const Reply got = rig_.get("/box/k", {}, "tagging");
  EXPECT_EQ(got.element("Key"), "a");
  EXPECT_EQ(got.element("Value"), "1");
  EXPECT_EQ(rig_.send({.method = "PUT", .path = "/box/k", .query = "tagging", .body = "<x/>"}).code(), "MalformedXML");
  EXPECT_EQ(rig_.send({.method = "DELETE", .path = "/box/k", .query = "tagging"}).status, 204);
  EXPECT_EQ(rig_.get("/box/k", {}, "tagging").element("TagSet"), "");
  EXPECT_EQ(rig_.get("/box/none", {}, "tagging").code(), "NoSuchKey");
}

TEST_F(S3Objects, AnAclIsSetInEitherForm) {
  rig_.add_user("ada");
  ASSERT_EQ(rig_.put("/box/k", "v").status, 200);
  Ask read{.method = "GET", .path = "/box/k"};
  EXPECT_EQ(rig_.send(rig_.as("ada", read)).code(), "AccessDenied");
  const std::string xml =
      "<AccessControlPolicy><Owner><ID>root</ID></Owner><AccessControlList><Grant>"
      "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>id-ada</ID>"
      "</Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>";
  const Reply set = rig_.send({.method = "PUT", .path = "/box/k", .query = "acl", .body = xml});
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(rig_.send(rig_.as("ada", read)).status, 200);
  EXPECT_EQ(rig_.send(rig_.as("ada", {.method = "GET", .path = "/box/k", .query = "acl"})).code(), "AccessDenied");
  const Reply got = rig_.get("/box/k", {}, "acl");
  EXPECT_NE(got.body.find("<ID>id-ada</ID><DisplayName>ada</DisplayName>"), std::string::npos) << got.body;
  const Headers to_private = {{"x-amz-acl", "private"}};
  EXPECT_EQ(rig_.send({.method = "PUT", .path = "/box/k", .query = "acl", .headers = to_private}).status, 200);
  EXPECT_EQ(rig_.send(rig_.as("ada", read)).code(), "AccessDenied");
  Headers grant = {{"x-amz-grant-read", "emailAddress=\"ada@example.com\", uri=\"http://acs.amazonaws.com/groups/"
                                        "global/AuthenticatedUsers\""}};
  EXPECT_EQ(rig_.send({.method = "PUT", .path = "/box/k", .query = "acl", .headers = grant}).status, 200);
  EXPECT_EQ(rig_.send(rig_.as("ada", read)).status, 200);
}

TEST_F(S3Objects, AnAclThatIsNoneIsRefused) {
  ASSERT_EQ(rig_.put("/box/k", "v").status, 200);
  const auto set = [&](Headers headers, std::string body) {
    return rig_.send({.method = "PUT", .path = "/box/k", .query = "acl", .headers = std::move(headers),
                      .body = std::move(body)})
        .code();
  };
  EXPECT_EQ(set({}, ""), "MissingSecurityHeader");
  EXPECT_EQ(set({}, "<AccessControlPolicy/>"), "MalformedACLError");
  EXPECT_EQ(set({{"x-amz-grant-read", "id=nobody"}}, ""), "InvalidArgument");
  EXPECT_EQ(set({{"x-amz-grant-read", "id"}}, ""), "InvalidArgument");
  EXPECT_EQ(set({{"x-amz-grant-read", "emailAddress=x@y"}}, ""), "UnresolvableGrantByEmailAddress");
  EXPECT_EQ(set({{"x-amz-grant-read", "uri=http://x"}}, ""), "InvalidArgument");
  EXPECT_EQ(set({{"x-amz-grant-read", "id=root"}, {"x-amz-acl", "private"}}, ""), "InvalidRequest");
  EXPECT_EQ(set({{"x-amz-acl", "private"}}, "<AccessControlPolicy/>"), "UnexpectedContent");
}

TEST_F(S3Objects, AttributesSayWhatIsAsked) {
  const Reply put = rig_.put("/box/k", "12345");
  const Reply got = rig_.get("/box/k", {{"x-amz-object-attributes", "ETag,Checksum, ObjectSize"},
                                      {"X-Amz-Object-Attributes", "StorageClass,ObjectParts"}},
                             "attributes");
  ASSERT_EQ(got.status, 200) << got.body;
  EXPECT_EQ(got.element("ETag"), md5_hex("12345"));
  EXPECT_EQ(got.element("ObjectSize"), "5");
  EXPECT_EQ(got.element("StorageClass"), "STANDARD");
  EXPECT_EQ(got.element("ChecksumCRC64NVME"), put.header("x-amz-checksum-crc64nvme"));
  EXPECT_EQ(got.body.find("<ObjectParts>"), std::string::npos);
  EXPECT_TRUE(got.has("last-modified"));
  EXPECT_EQ(rig_.get("/box/k", {}, "attributes").code(), "InvalidRequest");
  EXPECT_EQ(rig_.get("/box/k", {{"x-amz-object-attributes", "Colour"}}, "attributes").code(), "InvalidArgument");
}

TEST_F(S3Objects, AVersionIdMayOnlyBeNull) {
  ASSERT_EQ(rig_.put("/box/k", "v").status, 200);
  EXPECT_EQ(rig_.get("/box/k", {}, "versionId=null").body, "v");
  EXPECT_EQ(rig_.get("/box/k", {}, "versionId=abc").code(), "InvalidArgument");
  EXPECT_EQ(rig_.send({.method = "DELETE", .path = "/box/k", .query = "versionId=abc"}).code(), "InvalidArgument");
  EXPECT_EQ(rig_.get("/box/k").status, 200);
}

TEST_F(S3Objects, WhatIsNotBuiltSaysSo) {
  for (const char* query : {"replication", "website", "notification", "logging", "encryption",
                            "accelerate", "requestPayment", "inventory&id=1"}) {
    const Reply reply = rig_.send({.method = "PUT", .path = "/box", .query = query, .body = "<x/>"});
    EXPECT_EQ(reply.status, 501) << query;
    EXPECT_EQ(reply.code(), "NotImplemented") << query;
  }
  EXPECT_EQ(rig_.get("/box", {}, "lifecycle").code(), "NoSuchLifecycleConfiguration");
  EXPECT_EQ(rig_.get("/box", {}, "website").code(), "NoSuchWebsiteConfiguration");
  EXPECT_EQ(rig_.get("/box", {}, "object-lock").code(), "ObjectLockConfigurationNotFoundError");
  EXPECT_EQ(rig_.get("/box", {}, "encryption").code(), "ServerSideEncryptionConfigurationNotFoundError");
  EXPECT_EQ(rig_.get("/box", {}, "requestPayment").element("Payer"), "BucketOwner");
  EXPECT_EQ(rig_.get("/nobody", {}, "lifecycle").code(), "NoSuchBucket");
  EXPECT_EQ(rig_.get("/box/k", {}, "torrent").code(), "NotImplemented");
}

}  // namespace
}  // namespace tp::test
