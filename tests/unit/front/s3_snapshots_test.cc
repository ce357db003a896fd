// Snapshots as buckets, "box@NAME" and "box.snapshot.NAME": all that reads works, all that writes is refused in words.
#include <gtest/gtest.h>

#include "base/hash/hasher.h"
#include "support/plane_client.h"
#include "unit/front/s3_rig.h"

namespace tp::test {
namespace {

class S3Snapshots : public ::testing::Test {
 protected:
  void SetUp() override {
    rig_.make_bucket();
    ASSERT_EQ(rig_.put("/box/a", "one", {{"Content-Type", "text/plain"}, {"x-amz-meta-of", "then"}}).status, 200);
    ASSERT_EQ(rig_.put("/box/d/b", Bytes(100'000, 'b'), {{"x-amz-tagging", "k=v"}}).status, 200);
    ASSERT_EQ(rig_.put("/box/gone", "soon").status, 200);
    take("box", "then");
    ASSERT_EQ(rig_.put("/box/a", "two").status, 200);
    ASSERT_EQ(rig_.put("/box/new", "new").status, 200);
    ASSERT_EQ(rig_.remove("/box/gone").status, 204);
    ASSERT_EQ(rig_.remove("/box/d/b").status, 204);
  }
  void take(const std::string& bucket, const std::string& name) {
    const auto made = rig_.store().run(rig_.store().plane().snapshots().create(operator_caller(), {bucket}, name));
    ASSERT_TRUE(made) << made.error().to_string();
  }
  Reply ask(const std::string& method, const std::string& path, const std::string& query = "", std::string body = "",
            std::vector<std::pair<std::string, std::string>> headers = {}) {
    return rig_.send(
        {.method = method, .path = path, .query = query, .headers = std::move(headers), .body = std::move(body)});
  }
  S3Rig rig_;
};

TEST_F(S3Snapshots, AreReadLikeAnyBucket) {
  for (const std::string bucket : {"/box@then", "/box%40then", "/box.snapshot.then"}) {
    const Reply got = rig_.get(bucket + "/a");
    EXPECT_EQ(got.status, 200) << bucket << got.body;
    EXPECT_EQ(got.body, "one");
    EXPECT_EQ(got.header("content-type"), "text/plain");
    EXPECT_EQ(got.header("x-amz-meta-of"), "then");
    EXPECT_EQ(rig_.get(bucket + "/gone").body, "soon");
    EXPECT_EQ(rig_.head(bucket + "/gone").header("content-length"), "4");
    EXPECT_EQ(rig_.get(bucket + "/d/b", {{"Range", "bytes=70000-70009"}}).body, "bbbbbbbbbb");
    EXPECT_EQ(rig_.get(bucket + "/new").code(), "NoSuchKey");
    EXPECT_EQ(rig_.head(bucket).status, 200);
    EXPECT_EQ(rig_.get(bucket + "/d/b", {}, "tagging").element("Value"), "v");
    EXPECT_EQ(rig_.get(bucket + "/a", {}, "acl").status, 200);
    EXPECT_EQ(rig_.get(bucket, {}, "location").status, 200);
    EXPECT_EQ(rig_.get(bucket, {}, "versioning").status, 200);
    EXPECT_EQ(rig_.get(bucket, {}, "uploads").status, 200);
    const Reply listed = rig_.get(bucket, {}, "list-type=2");
    EXPECT_EQ(listed.element("KeyCount"), "3") << listed.body;
    EXPECT_EQ(rig_.get(bucket, {}, "list-type=2&delimiter=%2F").element("Prefix"), "") << "of the request";
  }
  EXPECT_EQ(rig_.get("/box/a").body, "two");
  EXPECT_EQ(rig_.get("/box", {}, "list-type=2").element("KeyCount"), "2");
}

TEST_F(S3Snapshots, WhatIsNotThereSaysSo) {
  for (const char* path : {"/box@none", "/nobody@then", "/box@", "/@then", "/box.snapshot.none", "/box.snapshot.",
                           "/box@then@then", "/box@then.snapshot.then"}) {
    const Reply got = rig_.get(path, {}, "list-type=2");
    EXPECT_EQ(got.status, 404) << path;
    EXPECT_EQ(got.code(), "NoSuchBucket") << path;
  }
}

TEST_F(S3Snapshots, NothingIsWritten) {
  const std::string tags = "<Tagging><TagSet><Tag><Key>k</Key><Value>x</Value></Tag></TagSet></Tagging>";
  const std::string remove_all = "<Delete><Object><Key>a</Key></Object></Delete>";
  for (const std::string bucket : {"/box@then", "/box.snapshot.then"}) {
    for (const Reply& refused : {
             rig_.put(bucket + "/a", "no"),
             rig_.put(bucket + "/new", "no"),
             rig_.remove(bucket + "/a"),
             rig_.remove(bucket + "/none"),
             rig_.remove(bucket),
             ask("POST", bucket + "/a", "uploads"),
             ask("PUT", bucket + "/a", "tagging", tags),
             ask("DELETE", bucket + "/a", "tagging"),
             ask("PUT", bucket + "/a", "acl", "", {{"x-amz-acl", "private"}}),
             ask("PUT", bucket, "acl", "", {{"x-amz-acl", "private"}}),
             ask("PUT", bucket, "tagging", tags),
             ask("PUT", bucket, "policy", R"({"Version":"2012-10-17","Statement":[]})"),
             ask("DELETE", bucket, "policy"),
             ask("PUT", bucket + "/copy", "", "", {{"x-amz-copy-source", "/box/a"}}),
         }) {
      EXPECT_EQ(refused.status, 405) << refused.body;
      EXPECT_EQ(refused.code(), "MethodNotAllowed");
      EXPECT_NE(refused.element("Message").find("snapshot"), std::string::npos) << refused.body;
    }
    const Reply many = ask("POST", bucket, "delete", remove_all,
                           {{"Content-MD5", to_base64(digest(ChecksumAlgorithm::kMd5, remove_all))}});
    EXPECT_EQ(many.status, 200) << many.body;
    EXPECT_NE(many.body.find("MethodNotAllowed"), std::string::npos) << many.body;
    EXPECT_EQ(rig_.get(bucket + "/a").body, "one");
  }
  EXPECT_EQ(ask("PUT", "/box@then").code(), "InvalidBucketName");
  EXPECT_EQ(ask("PUT", "/box.snapshot.then").code(), "BucketAlreadyExists");
  EXPECT_EQ(rig_.get("/box", {}, "list-type=2").element("KeyCount"), "2");
}

TEST_F(S3Snapshots, ObjectsAreCopiedOutOfThem) {
  for (const std::string source : {"/box@then/", "box%40then/", "/box.snapshot.then/"}) {
    ASSERT_EQ(ask("PUT", "/box/small", "", "", {{"x-amz-copy-source", source + "gone"}}).status, 200);
    EXPECT_EQ(rig_.get("/box/small").body, "soon");
    const Reply copied = ask("PUT", "/box/large", "", "", {{"x-amz-copy-source", source + "d/b"}});
    ASSERT_EQ(copied.status, 200) << copied.body;
    EXPECT_EQ(rig_.get("/box/large").body, Bytes(100'000, 'b'));
    // Onto its own name of today.
    ASSERT_EQ(ask("PUT", "/box/a", "", "", {{"x-amz-copy-source", source + "a"}}).status, 200);
    EXPECT_EQ(rig_.get("/box/a").body, "one");
    ASSERT_EQ(rig_.put("/box/a", "two").status, 200);
    const Reply begun = ask("POST", "/box/parts", "uploads");
    const std::string part = "partNumber=1&uploadId=" + begun.element("UploadId");
    const Reply taken = ask("PUT", "/box/parts", part, "",
                            {{"x-amz-copy-source", source + "d/b"}, {"x-amz-copy-source-range", "bytes=0-69999"}});
    ASSERT_EQ(taken.status, 200) << taken.body;
    ASSERT_EQ(ask("POST", "/box/parts", "uploadId=" + begun.element("UploadId"),
                  "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + taken.element("ETag") +
                      "</ETag></Part></CompleteMultipartUpload>")
                  .status,
              200);
    EXPECT_EQ(rig_.get("/box/parts").body, Bytes(70'000, 'b'));
  }
  EXPECT_EQ(rig_.get("/box@then/d/b").body.size(), 100'000u);
}

TEST_F(S3Snapshots, RightsAreThoseOfTheBucketNow) {
  rig_.add_user("ann");
  const auto as_ann = [&](const std::string& method, const std::string& path) {
    return rig_.send(rig_.as("ann", {.method = method, .path = path})).status;
  };
  EXPECT_EQ(as_ann("GET", "/box@then/a"), 403);
  EXPECT_EQ(as_ann("PUT", "/box@then/a"), 403);
  const std::string policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",)"
                             R"("Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::box/*"}]})";
  ASSERT_EQ(ask("PUT", "/box", "policy", policy).status, 204);
  EXPECT_EQ(as_ann("GET", "/box@then/a"), 200);
  EXPECT_EQ(as_ann("GET", "/box.snapshot.then/a"), 200);
  EXPECT_EQ(as_ann("PUT", "/box@then/a"), 405);
  ASSERT_EQ(ask("DELETE", "/box", "policy").status, 204);
  EXPECT_EQ(as_ann("GET", "/box@then/a"), 403);
}

TEST_F(S3Snapshots, ABucketOfTheAliasesNameWins) {
  ASSERT_EQ(ask("PUT", "/box.snapshot.later").status, 200);
  ASSERT_EQ(rig_.put("/box.snapshot.later/a", "of the bucket").status, 200);
  take("box", "later");
  EXPECT_EQ(rig_.get("/box.snapshot.later/a").body, "of the bucket");
  EXPECT_EQ(rig_.get("/box@later/a").body, "two");
  // Names with dots, and an alias within an alias.
  take("box", "v1.0-rc.2");
  EXPECT_EQ(rig_.get("/box.snapshot.v1.0-rc.2/a").body, "two");
  take("box.snapshot.later", "x");
  EXPECT_EQ(rig_.get("/box.snapshot.later.snapshot.x/a").body, "of the bucket");
  EXPECT_EQ(rig_.get("/", {}, "").body.find("@"), std::string::npos) << "no snapshot is in the list of buckets";
}

TEST_F(S3Snapshots, OfABucketWithVersionsShowWhatWasCurrent) {
  ASSERT_EQ(
      ask("PUT", "/box", "versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
          .status,
      200);
  const std::string earlier = rig_.put("/box/v", "first").header("x-amz-version-id");
  const std::string current = rig_.put("/box/v", "second").header("x-amz-version-id");
  ASSERT_FALSE(earlier.empty() || current.empty());
  ASSERT_EQ(rig_.put("/box/marked", "x").status, 200);
  ASSERT_EQ(rig_.remove("/box/marked").status, 204);
  take("box", "versions");
  ASSERT_EQ(rig_.put("/box/v", "third").status, 200);
  ASSERT_EQ(rig_.send({.method = "DELETE", .path = "/box/v", .query = "versionId=" + earlier}).status, 204);
  ASSERT_EQ(rig_.send({.method = "DELETE", .path = "/box/v", .query = "versionId=" + current}).status, 204);
  EXPECT_EQ(rig_.get("/box@versions/v").body, "second");
  EXPECT_EQ(rig_.get("/box@versions/v", {}, "versionId=" + current).body, "second");
  EXPECT_EQ(rig_.get("/box@versions/v", {}, "versionId=" + earlier).code(), "NoSuchVersion");
  EXPECT_EQ(rig_.get("/box@versions/marked").code(), "NoSuchKey");
  const Reply listed = rig_.get("/box@versions", {}, "versions");
  EXPECT_EQ(listed.status, 200);
  EXPECT_NE(listed.body.find("<Key>v</Key>"), std::string::npos) << listed.body;
  EXPECT_EQ(listed.body.find("<DeleteMarker>"), std::string::npos) << listed.body;
  EXPECT_EQ(rig_.send({.method = "DELETE", .path = "/box@versions/v", .query = "versionId=" + current}).status, 405);
  EXPECT_EQ(ask("PUT", "/box@versions", "versioning",
                "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>")
                .status,
            405);
  EXPECT_EQ(rig_.get("/box@versions/v").body, "second");
}

TEST_F(S3Snapshots, ARemovedSnapshotIsGoneAtOnce) {
  EXPECT_EQ(rig_.get("/box@then/a").body, "one");
  ASSERT_TRUE(rig_.store().run(rig_.store().plane().snapshots().remove(operator_caller(), "box", "then")));
  EXPECT_EQ(rig_.get("/box@then/a").code(), "NoSuchBucket");
  EXPECT_EQ(rig_.get("/box.snapshot.then/a").code(), "NoSuchBucket");
  take("box", "then");
  EXPECT_EQ(rig_.get("/box@then/a").body, "two");
}

}  // namespace
}  // namespace tp::test
