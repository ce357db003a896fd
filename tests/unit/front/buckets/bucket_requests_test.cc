// Requests on buckets, from bytes to bytes: making, finding, listing and removing them, and their settings.
#include <gtest/gtest.h>

#include "unit/front/s3_rig.h"

namespace tp::test {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string times(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return std::to_string(count);
}

class BucketRequests : public testing::Test {
 protected:
  Reply put(const std::string& path, const std::string& query, std::string body, Fields fields = {}) {
    return rig_.send(
        {.method = "PUT", .path = path, .query = query, .headers = std::move(fields), .body = std::move(body)});
  }
  Reply ask(const std::string& method, const std::string& path, const std::string& query = "", Fields fields = {}) {
    return rig_.send({.method = method, .path = path, .query = query, .headers = std::move(fields)});
  }
  Reply ask_anonymously(const std::string& method, const std::string& path, Fields fields = {}) {
    return rig_.send({.method = method, .path = path, .headers = std::move(fields), .sign = false});
  }

  S3Rig rig_;
};

TEST_F(BucketRequests, ABucketIsMadeFoundAndRemoved) {
  const Reply made = rig_.put("/first", "");
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.header("location"), "/first");
  const Reply found = rig_.head("/first");
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(found.header("x-amz-bucket-region"), "us-east-1");
  EXPECT_EQ(ask("DELETE", "/first").status, 204);
  EXPECT_EQ(rig_.head("/first").status, 404);
  EXPECT_EQ(ask("DELETE", "/first").code(), "NoSuchBucket");
}

TEST_F(BucketRequests, ATakenNameIsRefusedByWhoseItIs) {
  rig_.add_user("ann");
  ASSERT_EQ(rig_.put("/taken", "").status, 200);
  const Reply mine = rig_.put("/taken", "");
  EXPECT_EQ(mine.status, 409);
  EXPECT_EQ(mine.code(), "BucketAlreadyOwnedByYou");
  const Reply others = rig_.send(rig_.as("ann", {.method = "PUT", .path = "/taken"}));
  EXPECT_EQ(others.status, 409);
  EXPECT_EQ(others.code(), "BucketAlreadyExists");
}

TEST_F(BucketRequests, BadNamesAndOptionsMakeNothing) {
  for (const std::string name :
       {"ab", "Upper", "under_score", "192.168.0.1", "a..b", "-dash", "xn--punycode", "%2e%2e"}) {
    EXPECT_EQ(rig_.put("/" + name, "").code(), "InvalidBucketName") << name;
  }
  EXPECT_EQ(put("/bucket", "", "", {{"x-amz-object-ownership", "Mine"}}).code(), "InvalidArgument");
  EXPECT_EQ(put("/bucket", "", "", {{"x-amz-acl", "everything"}}).code(), "InvalidArgument");
  const Fields contradiction = {{"x-amz-object-ownership", "BucketOwnerEnforced"}, {"x-amz-acl", "public-read"}};
  EXPECT_EQ(put("/bucket", "", "", contradiction).code(), "InvalidBucketAclWithObjectOwnership");
  EXPECT_EQ(put("/bucket", "", "<CreateBucketConfiguration>").code(), "MalformedXML");
  EXPECT_EQ(put("/bucket", "", std::string(100'000, ' ')).status, 400);
  EXPECT_EQ(rig_.send({.method = "PUT", .path = "/bucket", .sign = false}).code(), "AccessDenied");
  EXPECT_EQ(rig_.head("/bucket").status, 404) << "nothing of it was made";
}

TEST_F(BucketRequests, LocationAndTagsAreKeptFromTheStart) {
  const std::string body =
      "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>eu-central-1"
      "</LocationConstraint><Tags><Tag><Key>k</Key><Value>v</Value></Tag></Tags></CreateBucketConfiguration>";
  ASSERT_EQ(put("/there", "", body).status, 200);
  EXPECT_NE(ask("GET", "/there", "location").body.find(">eu-central-1</LocationConstraint>"), std::string::npos);
  EXPECT_EQ(rig_.head("/there").header("x-amz-bucket-region"), "eu-central-1");
  EXPECT_EQ(ask("GET", "/there", "tagging").element("Value"), "v");
  ASSERT_EQ(rig_.put("/here", "").status, 200);
  const Reply here = ask("GET", "/here", "location");
  EXPECT_NE(here.body.find("\"></LocationConstraint>"), std::string::npos) << here.body;
}

TEST_F(BucketRequests, OnlyAnEmptyBucketIsRemoved) {
  ASSERT_EQ(rig_.put("/box", "").status, 200);
  ASSERT_EQ(rig_.put("/box/key", "x").status, 200);
  const Reply refused = ask("DELETE", "/box");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.code(), "BucketNotEmpty");
  ASSERT_EQ(rig_.remove("/box/key").status, 204);
  EXPECT_EQ(ask("DELETE", "/box").status, 204);
}

TEST_F(BucketRequests, ListingBucketsShowsTheCallersOwnPageByPage) {
  rig_.add_user("ann");
  for (const std::string name : {"red-1", "red-2", "blue-1"}) {
    ASSERT_EQ(rig_.send(rig_.as("ann", {.method = "PUT", .path = "/" + name})).status, 200);
  }
  ASSERT_EQ(rig_.put("/roots", "").status, 200);
  const Reply all = rig_.send(rig_.as("ann", {.method = "GET", .path = "/"}));
  EXPECT_EQ(times(all.body, "<Bucket>"), "3");
  EXPECT_EQ(all.element("ID"), "id-ann");
  EXPECT_EQ(all.body.find("BucketRegion"), std::string::npos);
  EXPECT_LT(all.body.find("blue-1"), all.body.find("red-1"));

  std::string names, token;
  for (int page = 0; page < 3; ++page) {
    const std::string query = "max-buckets=1" + (token.empty() ? "" : "&continuation-token=" + token);
    const Reply reply = rig_.send(rig_.as("ann", {.method = "GET", .path = "/", .query = query}));
    EXPECT_EQ(reply.element("BucketRegion"), "us-east-1");
    names += reply.element("Name") + " ";
    token = reply.element("ContinuationToken");
    EXPECT_EQ(token.empty(), page == 2) << "truncated exactly while there is more";
  }
  EXPECT_EQ(names, "blue-1 red-1 red-2 ");
  const Reply red = rig_.send(rig_.as("ann", {.method = "GET", .path = "/", .query = "prefix=red"}));
  EXPECT_EQ(times(red.body, "<Bucket>"), "2");
  EXPECT_EQ(ask("GET", "/", "max-buckets=0").code(), "InvalidArgument");
  EXPECT_EQ(ask("GET", "/", "continuation-token=x").code(), "InvalidArgument");
  EXPECT_EQ(ask_anonymously("GET", "/").code(), "AccessDenied");
}

TEST_F(BucketRequests, AnotherUsersBucketIsClosedUntilItsAclOpensIt) {
  rig_.add_user("ann");
  ASSERT_EQ(rig_.put("/box", "").status, 200);
  const auto as_ann = [&](const std::string& method, const std::string& query = "") {
    return rig_.send(rig_.as("ann", {.method = method, .path = "/box", .query = query}));
  };
  EXPECT_EQ(as_ann("HEAD").status, 403);
  EXPECT_EQ(as_ann("GET").code(), "AccessDenied");
  EXPECT_EQ(as_ann("GET", "acl").code(), "AccessDenied");
  EXPECT_EQ(as_ann("DELETE").code(), "AccessDenied");
  ASSERT_EQ(put("/box", "acl", "", {{"x-amz-grant-read", "id=\"id-ann\""}}).status, 200);
  EXPECT_EQ(as_ann("HEAD").status, 200);
  EXPECT_EQ(as_ann("GET").status, 200);
  EXPECT_EQ(as_ann("GET", "acl").code(), "AccessDenied");
  const Reply acl = ask("GET", "/box", "acl");
  EXPECT_NE(acl.body.find("<ID>id-ann</ID>"), std::string::npos);
  // What was read can be written back.
  ASSERT_EQ(put("/box", "acl", acl.body).status, 200);
  EXPECT_EQ(as_ann("GET").status, 200);
  ASSERT_EQ(put("/box", "acl", "", {{"x-amz-acl", "private"}}).status, 200);
  EXPECT_EQ(as_ann("GET").code(), "AccessDenied");
  ASSERT_EQ(put("/box", "acl", "", {{"x-amz-acl", "public-read"}}).status, 200);
  EXPECT_EQ(ask_anonymously("GET", "/box").status, 200);
  EXPECT_EQ(put("/box", "acl", "<AccessControlPolicy>").status, 400);
}

TEST_F(BucketRequests, OwnershipSettingRulesAclsOut) {
  ASSERT_EQ(rig_.put("/box", "").status, 200);
  const auto controls = [](const std::string& name) {
    return "<OwnershipControls><Rule><ObjectOwnership>" + name + "</ObjectOwnership></Rule></OwnershipControls>";
  };
  ASSERT_EQ(put("/box", "acl", "", {{"x-amz-acl", "public-read"}}).status, 200);
  EXPECT_EQ(put("/box", "ownershipControls", controls("BucketOwnerEnforced")).code(),
            "InvalidBucketAclWithObjectOwnership");
  ASSERT_EQ(put("/box", "acl", "", {{"x-amz-acl", "private"}}).status, 200);
  ASSERT_EQ(put("/box", "ownershipControls", controls("BucketOwnerEnforced")).status, 200);
  EXPECT_EQ(ask("GET", "/box", "ownershipControls").element("ObjectOwnership"), "BucketOwnerEnforced");
  EXPECT_EQ(put("/box", "acl", "", {{"x-amz-acl", "public-read"}}).code(), "AccessControlListNotSupported");
  EXPECT_EQ(put("/box", "ownershipControls", controls("Whoever")).code(), "MalformedXML");
  EXPECT_EQ(ask("DELETE", "/box", "ownershipControls").status, 204);
  EXPECT_EQ(put("/box", "acl", "", {{"x-amz-acl", "public-read"}}).status, 200);
}

TEST_F(BucketRequests, APolicyIsKeptAsWrittenAndCounts) {
  ASSERT_EQ(rig_.put("/box", "").status, 200);
  ASSERT_EQ(rig_.put("/box/open/a", "x").status, 200);
  ASSERT_EQ(rig_.put("/box/shut/a", "x").status, 200);
  EXPECT_EQ(ask("GET", "/box", "policy").code(), "NoSuchBucketPolicy");
  EXPECT_EQ(ask("GET", "/box", "policyStatus").code(), "NoSuchBucketPolicy");
  const std::string policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",)"
      R"("Resource":"arn:aws:s3:::box/open/*"}]})";
  ASSERT_EQ(put("/box", "policy", policy).status, 204);
  const Reply kept = ask("GET", "/box", "policy");
  EXPECT_EQ(kept.body, policy);
  EXPECT_EQ(kept.header("content-type"), "application/json");
  EXPECT_EQ(ask("GET", "/box", "policyStatus").element("IsPublic"), "true");
  EXPECT_EQ(ask_anonymously("GET", "/box/open/a").status, 200);
  EXPECT_EQ(ask_anonymously("GET", "/box/shut/a").code(), "AccessDenied");
  EXPECT_EQ(put("/box", "policy", "{").code(), "MalformedPolicy");
  EXPECT_EQ(put("/box", "policy", "").code(), "MalformedPolicy");
  EXPECT_EQ(ask("GET", "/box", "policy").body, policy) << "a refused policy changes nothing";
  EXPECT_EQ(ask("DELETE", "/box", "policy").status, 204);
  EXPECT_EQ(ask_anonymously("GET", "/box/open/a").code(), "AccessDenied");
}

TEST_F(BucketRequests, TagsAreSetReadAndRemoved) {
  ASSERT_EQ(rig_.put("/box", "").status, 200);
  EXPECT_EQ(ask("GET", "/box", "tagging").code(), "NoSuchTagSet");
  const std::string tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>";
  ASSERT_EQ(put("/box", "tagging", tags).status, 204);
  EXPECT_EQ(ask("GET", "/box", "tagging").element("Key"), "a");
  EXPECT_EQ(put("/box", "tagging", "<Tagging/>").code(), "MalformedXML");
  EXPECT_EQ(put("/box", "tagging", tags, {{"Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}).code(), "BadDigest");
  EXPECT_EQ(ask("DELETE", "/box", "tagging").status, 204);
  EXPECT_EQ(ask("GET", "/box", "tagging").code(), "NoSuchTagSet");
}

TEST_F(BucketRequests, VersioningIsOffUntilItIsSet) {
  ASSERT_EQ(rig_.put("/box", "").status, 200);
  const Reply reply = ask("GET", "/box", "versioning");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body.find("<Status>"), std::string::npos);
  const std::string enable = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  EXPECT_EQ(put("/box", "versioning", enable).status, 200);
  EXPECT_EQ(ask("GET", "/box", "versioning").element("Status"), "Enabled");
}

}  // namespace
}  // namespace tp::test
