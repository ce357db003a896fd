// Versions as S3 clients meet them. The expectations are S3's answers.
#include <gtest/gtest.h>

#include "unit/front/time/setting_client.h"

namespace tp::test {
namespace {

std::string configuration(const std::string& content) {
  return "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + content +
         "</VersioningConfiguration>";
}

class VersionRequests : public SettingClient {
 protected:
  void SetUp() override {
    ASSERT_EQ(rig_.put("/box", "").status, 200);
    ASSERT_EQ(set("/box", "versioning", configuration("<Status>Enabled</Status>")).status, 200);
  }
  std::string put(const std::string& path, const std::string& body) {
    const Reply reply = rig_.put(path, body);
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.header("x-amz-version-id");
  }
  Reply get(const std::string& path, const std::string& version) { return rig_.get(path, {}, "versionId=" + version); }
  Reply copy(const std::string& source, const std::string& to) {
    return rig_.put(to, "", {{"x-amz-copy-source", source}});
  }
};

TEST_F(VersionRequests, TheSettingIsReadAndSet) {
  ASSERT_EQ(rig_.put("/plain", "").status, 200);
  EXPECT_EQ(ask("/plain", "versioning").element("Status"), "");
  EXPECT_EQ(ask("/box", "versioning").element("Status"), "Enabled");
  ASSERT_EQ(set("/box", "versioning", configuration("<Status>Suspended</Status>")).status, 200);
  EXPECT_EQ(ask("/box", "versioning").element("Status"), "Suspended");
  EXPECT_EQ(set("/box", "versioning", configuration("")).code(), "IllegalVersioningConfigurationException");
  EXPECT_EQ(set("/box", "versioning", configuration("<Status>enabled</Status>")).code(), "MalformedXML");
  EXPECT_EQ(set("/box", "versioning", "<Other/>").code(), "MalformedXML");
  EXPECT_EQ(set("/box", "versioning", configuration("<Status>Enabled</Status><MfaDelete>Perhaps</MfaDelete>")).code(),
            "MalformedXML");
  EXPECT_EQ(set("/none", "versioning", configuration("<Status>Enabled</Status>")).code(), "NoSuchBucket");
}

TEST_F(VersionRequests, MfaDeleteIsRefusedInWords) {
  const Reply reply =
      set("/box", "versioning", configuration("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"));
  EXPECT_EQ(reply.status, 501);
  EXPECT_NE(reply.element("Message").find("MFA delete"), std::string::npos);
  EXPECT_EQ(set("/box", "versioning", configuration("<Status>Enabled</Status><MfaDelete>Disabled</MfaDelete>")).status,
            200);
}

TEST_F(VersionRequests, ReadsSayWhichVersionTheyGive) {
  const std::string one = put("/box/k", "one"), two = put("/box/k", "two");
  EXPECT_EQ(rig_.get("/box/k").header("x-amz-version-id"), two);
  EXPECT_EQ(get("/box/k", one).body, "one");
  EXPECT_EQ(get("/box/k", one).header("x-amz-version-id"), one);
  const Reply head = rig_.send({.method = "HEAD", .path = "/box/k", .query = "versionId=" + one});
  EXPECT_EQ(head.header("x-amz-version-id"), one);
  EXPECT_EQ(head.header("content-length"), "3");
  EXPECT_EQ(get("/box/k", "abc").code(), "InvalidArgument");
  EXPECT_EQ(get("/box/k", "").code(), "InvalidArgument");
  EXPECT_EQ(get("/box/k", "null").code(), "NoSuchVersion");
  EXPECT_EQ(get("/box/other", one).code(), "NoSuchVersion");
  EXPECT_EQ(rig_.get("/box/k", {{"range", "bytes=1-1"}}, "versionId=" + one).body, "n");
  ASSERT_EQ(rig_.put("/plain", "").status, 200);
  ASSERT_EQ(rig_.put("/plain/k", "x").status, 200);
  EXPECT_FALSE(rig_.put("/plain/k", "x").has("x-amz-version-id"));
  EXPECT_FALSE(rig_.get("/plain/k").has("x-amz-version-id"));
  EXPECT_EQ(get("/plain/k", "null").body, "x");
}

TEST_F(VersionRequests, DeleteMarkersAreToldOf) {
  const std::string one = put("/box/k", "one");
  const Reply removed = rig_.remove("/box/k");
  EXPECT_EQ(removed.status, 204);
  EXPECT_EQ(removed.header("x-amz-delete-marker"), "true");
  const std::string marker = removed.header("x-amz-version-id");
  const Reply missing = rig_.get("/box/k");
  EXPECT_EQ(missing.code(), "NoSuchKey");
  EXPECT_EQ(missing.header("x-amz-delete-marker"), "true");
  EXPECT_EQ(missing.header("x-amz-version-id"), marker);
  const Reply refused = get("/box/k", marker);
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.code(), "MethodNotAllowed");
  EXPECT_EQ(refused.header("x-amz-delete-marker"), "true");
  EXPECT_EQ(refused.header("allow"), "DELETE");
  EXPECT_TRUE(refused.has("last-modified"));
  EXPECT_EQ(rig_.head("/box/k").status, 404);
  EXPECT_EQ(rig_.head("/box/k").header("x-amz-delete-marker"), "true");
  const Reply again = remove("/box/k", "versionId=" + marker);
  EXPECT_EQ(again.status, 204);
  EXPECT_EQ(again.header("x-amz-delete-marker"), "true");
  EXPECT_EQ(again.header("x-amz-version-id"), marker);
  EXPECT_EQ(rig_.get("/box/k").body, "one");
  EXPECT_EQ(remove("/box/k", "versionId=" + one).header("x-amz-version-id"), one);
  EXPECT_FALSE(rig_.get("/box/k").has("x-amz-delete-marker"));
}

TEST_F(VersionRequests, CopiesNameTheVersionTheyAreOf) {
  const std::string one = put("/box/k", "one");
  put("/box/k", "two");
  const Reply restored = copy("/box/k?versionId=" + one, "/box/k");
  EXPECT_EQ(restored.status, 200) << restored.body;
  EXPECT_EQ(restored.header("x-amz-copy-source-version-id"), one);
  EXPECT_TRUE(restored.has("x-amz-version-id"));
  EXPECT_EQ(rig_.get("/box/k").body, "one");
  EXPECT_EQ(copy("/box/k?versionId=abc", "/box/l").code(), "InvalidArgument");
  const std::string marker = rig_.remove("/box/k").header("x-amz-version-id");
  EXPECT_EQ(copy("/box/k?versionId=" + marker, "/box/l").code(), "InvalidRequest");
  EXPECT_EQ(copy("/box/k", "/box/l").code(), "NoSuchKey");
}

TEST_F(VersionRequests, TagsAndAclsAreOfTheVersionThatIsNamed) {
  const std::string one = put("/box/k", "one"), two = put("/box/k", "two");
  const std::string tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
  ASSERT_EQ(set("/box/k", "tagging&versionId=" + one, tags).status, 200);
  EXPECT_EQ(ask("/box/k", "tagging&versionId=" + one).element("Value"), "b");
  EXPECT_EQ(ask("/box/k", "tagging&versionId=" + one).header("x-amz-version-id"), one);
  EXPECT_EQ(ask("/box/k", "tagging").element("Value"), "");
  EXPECT_EQ(remove("/box/k", "tagging&versionId=" + one).status, 204);
  EXPECT_EQ(ask("/box/k", "tagging&versionId=" + one).element("Value"), "");
  EXPECT_EQ(ask("/box/k", "acl&versionId=" + one).status, 200);
  const Reply attributes =
      rig_.get("/box/k", {{"x-amz-object-attributes", "ObjectSize"}}, "attributes&versionId=" + one);
  EXPECT_EQ(attributes.element("ObjectSize"), "3");
  EXPECT_EQ(attributes.header("x-amz-version-id"), one);
}

TEST_F(VersionRequests, ManyAreDeletedAtOnce) {
  const std::string one = put("/box/k", "one");
  put("/box/l", "two");
  const std::string body = "<Delete><Object><Key>k</Key><VersionId>" + one +
                           "</VersionId></Object><Object><Key>l</Key></Object>"
                           "<Object><Key>l</Key><VersionId>abc</VersionId></Object></Delete>";
  Fields headers = {{"Content-MD5", to_base64(digest(ChecksumAlgorithm::kMd5, body))}};
  const Reply reply =
      rig_.send({.method = "POST", .path = "/box", .query = "delete", .headers = headers, .body = body});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_NE(reply.body.find("<Deleted><Key>k</Key><VersionId>" + one + "</VersionId></Deleted>"), std::string::npos);
  EXPECT_NE(reply.body.find("<Deleted><Key>l</Key><DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>"),
            std::string::npos)
      << reply.body;
  EXPECT_EQ(reply.element("Code"), "NoSuchVersion");
}

TEST_F(VersionRequests, TheListingShowsVersionsAndMarkersInTheirOrder) {
  const std::string one = put("/box/k", "one"), two = put("/box/k", "two");
  const std::string marker = rig_.remove("/box/k").header("x-amz-version-id");
  const std::string body = ask("/box", "versions").body;
  const size_t first = body.find("<DeleteMarker><Key>k</Key><VersionId>" + marker + "</VersionId><IsLatest>true");
  const size_t second = body.find("<Version><Key>k</Key><VersionId>" + two + "</VersionId><IsLatest>false");
  const size_t third = body.find("<Version><Key>k</Key><VersionId>" + one + "</VersionId><IsLatest>false");
  EXPECT_NE(third, std::string::npos) << body;
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  const Reply page = ask("/box", "versions&max-keys=1");
  EXPECT_EQ(page.element("NextVersionIdMarker"), marker);
  EXPECT_EQ(ask("/box", "versions&max-keys=1&key-marker=k&version-id-marker=" + marker).element("VersionId"), two);
  EXPECT_EQ(ask("/box", "versions&max-keys=0").element("IsTruncated"), "false");
}

TEST_F(VersionRequests, APutTakesNoVersionId) {
  EXPECT_EQ(rig_.send({.method = "PUT", .path = "/box/k", .query = "versionId=null", .body = "x"}).code(),
            "InvalidArgument");
}

TEST_F(VersionRequests, SuspendedBucketsSayNull) {
  put("/box/k", "one");
  ASSERT_EQ(set("/box", "versioning", configuration("<Status>Suspended</Status>")).status, 200);
  EXPECT_EQ(put("/box/k", "two"), "null");
  EXPECT_EQ(rig_.get("/box/k").header("x-amz-version-id"), "null");
  EXPECT_EQ(rig_.remove("/box/k").header("x-amz-version-id"), "null");
  EXPECT_EQ(rig_.get("/box/k").header("x-amz-version-id"), "null");
}

}  // namespace
}  // namespace tp::test
