// Object Lock as S3 clients meet it. The expectations are S3's answers.
#include <gtest/gtest.h>

#include "unit/front/time/setting_client.h"
#include "wire/text/timestamp.h"

namespace tp::test {
namespace {

std::string configuration(const std::string& rule) {
  return "<ObjectLockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
         "<ObjectLockEnabled>Enabled</ObjectLockEnabled>" + rule + "</ObjectLockConfiguration>";
}
std::string default_rule(const std::string& content) {
  return "<Rule><DefaultRetention>" + content + "</DefaultRetention></Rule>";
}
std::string retention(const std::string& mode, const std::string& until) {
  return "<Retention><Mode>" + mode + "</Mode><RetainUntilDate>" + until + "</RetainUntilDate></Retention>";
}
std::string hold(const std::string& status) { return "<LegalHold><Status>" + status + "</Status></LegalHold>"; }

class LockRequests : public SettingClient {
 protected:
  void SetUp() override {
    ASSERT_EQ(rig_.put("/box", "").status, 200);
    ASSERT_EQ(rig_.put("/worm", "", {{"x-amz-bucket-object-lock-enabled", "true"}}).status, 200);
  }
  std::string in_days(int64_t days) { return wire::iso8601((rig_.now() + days * 86'400) * rt::kSecond); }
  /// A new version of the key; its id.
  std::string put(const std::string& path, Fields headers = {}) {
    headers.emplace_back("Content-MD5", to_base64(digest(ChecksumAlgorithm::kMd5, "text")));
    const Reply reply = rig_.put(path, "text", std::move(headers));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.header("x-amz-version-id");
  }
};

TEST_F(LockRequests, ABucketMadeWithLocksSaysSoAndKeepsVersions) {
  EXPECT_EQ(ask("/worm", "object-lock").element("ObjectLockEnabled"), "Enabled");
  EXPECT_EQ(ask("/worm", "object-lock").element("Mode"), "");
  EXPECT_EQ(ask("/worm", "versioning").element("Status"), "Enabled");
  EXPECT_EQ(ask("/box", "object-lock").code(), "ObjectLockConfigurationNotFoundError");
  EXPECT_EQ(ask("/nobody", "object-lock").code(), "NoSuchBucket");
}

TEST_F(LockRequests, VersionsOfALockedBucketAreNotSuspended) {
  const Reply reply = set("/worm", "versioning",
                          "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
  EXPECT_EQ(reply.status, 409);
  EXPECT_EQ(reply.code(), "InvalidBucketState");
}

TEST_F(LockRequests, ADefaultIsSetReadAndTakenAway) {
  ASSERT_EQ(set("/worm", "object-lock", configuration(default_rule("<Mode>COMPLIANCE</Mode><Days>7</Days>"))).status,
            200);
  const Reply got = ask("/worm", "object-lock");
  EXPECT_EQ(got.element("Mode"), "COMPLIANCE");
  EXPECT_EQ(got.element("Days"), "7");
  EXPECT_EQ(got.element("Years"), "");
  ASSERT_EQ(set("/worm", "object-lock", configuration(default_rule("<Years>2</Years><Mode>GOVERNANCE</Mode>"))).status,
            200);
  EXPECT_EQ(ask("/worm", "object-lock").element("Years"), "2");
  ASSERT_EQ(set("/worm", "object-lock", configuration("")).status, 200);
  EXPECT_EQ(ask("/worm", "object-lock").element("Mode"), "");
}

TEST_F(LockRequests, BadConfigurationsAreRefused) {
  const std::string days = "<Mode>GOVERNANCE</Mode><Days>1</Days>";
  for (const std::string& body :
       {std::string("<x/>"), std::string("<ObjectLockConfiguration/>"), configuration("<Rule/>"),
        configuration(default_rule("")), configuration(default_rule("<Mode>GOVERNANCE</Mode>")),
        configuration(default_rule("<Days>1</Days>")), configuration(default_rule("<Mode>None</Mode><Days>1</Days>")),
        configuration(default_rule(days + "<Years>1</Years>")), configuration(default_rule(days + "<Days>1</Days>")),
        configuration(default_rule("<Mode>GOVERNANCE</Mode><Days>x</Days>")),
        configuration(default_rule(days) + default_rule(days)), configuration("<Other/>"),
        std::string("<ObjectLockConfiguration><ObjectLockEnabled>Disabled</ObjectLockEnabled>"
                    "</ObjectLockConfiguration>")}) {
    EXPECT_EQ(set("/worm", "object-lock", body).code(), "MalformedXML") << body;
  }
  for (const char* period : {"<Days>0</Days>", "<Days>-1</Days>", "<Years>0</Years>", "<Days>36501</Days>",
                             "<Years>101</Years>", "<Days>99999999999999999999</Days>"}) {
    const std::string body = configuration(default_rule(std::string("<Mode>GOVERNANCE</Mode>") + period));
    EXPECT_EQ(set("/worm", "object-lock", body).code(), "InvalidArgument") << period;
  }
  EXPECT_EQ(set("/box", "object-lock", configuration(default_rule(days))).code(), "InvalidBucketState");
  const Reply unchecked = rig_.send({.method = "PUT", .path = "/worm", .query = "object-lock",
                                     .body = configuration("")});
  EXPECT_EQ(unchecked.code(), "InvalidRequest") << "no digest";
  EXPECT_EQ(ask("/worm", "object-lock").element("Mode"), "");
}

TEST_F(LockRequests, ABucketThatKeepsVersionsCanBeLockedLater) {
  ASSERT_EQ(set("/box", "versioning",
                "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>").status, 200);
  ASSERT_EQ(set("/box", "object-lock", configuration("")).status, 200);
  EXPECT_EQ(ask("/box", "object-lock").element("ObjectLockEnabled"), "Enabled");
}

TEST_F(LockRequests, RetentionAndHoldsComeWithAPutAndAreTold) {
  const std::string until = in_days(1);
  put("/worm/k", {{"x-amz-object-lock-mode", "GOVERNANCE"},
                  {"x-amz-object-lock-retain-until-date", until},
                  {"x-amz-object-lock-legal-hold", "ON"}});
  for (const Reply& reply : {rig_.get("/worm/k"), rig_.head("/worm/k")}) {
    EXPECT_EQ(reply.header("x-amz-object-lock-mode"), "GOVERNANCE");
    EXPECT_EQ(reply.header("x-amz-object-lock-retain-until-date"), until);
    EXPECT_EQ(reply.header("x-amz-object-lock-legal-hold"), "ON");
  }
  EXPECT_EQ(ask("/worm/k", "retention").element("Mode"), "GOVERNANCE");
  EXPECT_EQ(ask("/worm/k", "retention").element("RetainUntilDate"), until);
  EXPECT_EQ(ask("/worm/k", "legal-hold").element("Status"), "ON");
}

TEST_F(LockRequests, BadFieldsOfAPutAreRefusedAndNothingIsStored) {
  const std::string tomorrow = in_days(1);
  const auto code = [&](Fields fields, const std::string& path = "/worm/k") {
    fields.emplace_back("Content-MD5", to_base64(digest(ChecksumAlgorithm::kMd5, "text")));
    return rig_.put(path, "text", std::move(fields)).code();
  };
  const char* kMode = "x-amz-object-lock-mode";
  const char* kUntil = "x-amz-object-lock-retain-until-date";
  EXPECT_EQ(code({{kMode, "GOVERNANCE"}}), "InvalidArgument");
  EXPECT_EQ(code({{kUntil, tomorrow}}), "InvalidArgument");
  EXPECT_EQ(code({{kMode, "Governance"}, {kUntil, tomorrow}}), "InvalidArgument");
  EXPECT_EQ(code({{kMode, "GOVERNANCE"}, {kUntil, "tomorrow"}}), "InvalidArgument");
  EXPECT_EQ(code({{kMode, "GOVERNANCE"}, {kUntil, in_days(-1)}}), "InvalidArgument");
  EXPECT_EQ(code({{"x-amz-object-lock-legal-hold", "on"}}), "InvalidArgument");
  EXPECT_EQ(code({{kMode, "GOVERNANCE"}, {kUntil, tomorrow}}, "/box/k"), "InvalidRequest");
  EXPECT_EQ(code({{"x-amz-object-lock-legal-hold", "ON"}}, "/box/k"), "InvalidRequest");
  EXPECT_EQ(rig_.put("/worm/k", "text", {{"x-amz-object-lock-legal-hold", "ON"}}).code(), "InvalidRequest")
      << "no digest of its bytes";
  EXPECT_EQ(rig_.get("/worm/k").code(), "NoSuchKey");
  EXPECT_EQ(rig_.get("/box/k").code(), "NoSuchKey");
}

TEST_F(LockRequests, AYearBeyondTheClockIsTheEndOfIt) {
  put("/worm/k", {{"x-amz-object-lock-mode", "GOVERNANCE"},
                  {"x-amz-object-lock-retain-until-date", "9999-01-01T00:00:00Z"}});
  EXPECT_TRUE(ask("/worm/k", "retention").element("RetainUntilDate").starts_with("2262-04-11T"));
}

TEST_F(LockRequests, LockedVersionsStay) {
  const std::string first = put("/worm/k");
  ASSERT_EQ(set("/worm/k", "retention", retention("GOVERNANCE", in_days(1))).status, 200);
  const Reply refused = remove("/worm/k", "versionId=" + first);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.code(), "AccessDenied");
  EXPECT_EQ(refused.element("Message"), "Access Denied because object protected by object lock.");
  put("/worm/k");
  EXPECT_EQ(remove("/worm/k", "versionId=" + first).code(), "AccessDenied") << "an earlier version too";
  EXPECT_EQ(remove("/worm/k", "").header("x-amz-delete-marker"), "true") << "a delete marker removes nothing";
  EXPECT_EQ(ask("/worm/k", "versionId=" + first).body, "text");
  EXPECT_EQ(remove("/worm/k", "versionId=" + first, {{"x-amz-bypass-governance-retention", "true"}}).status, 204);
  EXPECT_EQ(ask("/worm/k", "versionId=" + first).code(), "NoSuchVersion");
}

TEST_F(LockRequests, ComplianceAndHoldsAreBypassedByNobody) {
  const Fields bypass = {{"x-amz-bypass-governance-retention", "true"}};
  const std::string version = put("/worm/k");
  ASSERT_EQ(set("/worm/k", "retention", retention("COMPLIANCE", in_days(1))).status, 200);
  EXPECT_EQ(remove("/worm/k", "versionId=" + version, bypass).code(), "AccessDenied");
  EXPECT_EQ(set("/worm/k", "retention", retention("COMPLIANCE", wire::iso8601((rig_.now() + 60) * rt::kSecond)),
                bypass).code(), "AccessDenied");
  EXPECT_EQ(set("/worm/k", "retention", "<Retention/>", bypass).code(), "AccessDenied");
  EXPECT_EQ(set("/worm/k", "retention", retention("COMPLIANCE", in_days(2))).status, 200);
  const std::string held = put("/worm/held");
  ASSERT_EQ(set("/worm/held", "legal-hold", hold("ON")).status, 200);
  EXPECT_EQ(remove("/worm/held", "versionId=" + held, bypass).code(), "AccessDenied");
  ASSERT_EQ(set("/worm/held", "legal-hold", hold("OFF")).status, 200);
  EXPECT_EQ(ask("/worm/held", "legal-hold").element("Status"), "OFF");
  EXPECT_EQ(remove("/worm/held", "versionId=" + held).status, 204);
}

TEST_F(LockRequests, AVersionIsLockedByItsId) {
  const std::string first = put("/worm/k");
  const std::string second = put("/worm/k");
  ASSERT_EQ(set("/worm/k", "legal-hold&versionId=" + first, hold("ON")).status, 200);
  ASSERT_EQ(set("/worm/k", "retention&versionId=" + first, retention("GOVERNANCE", in_days(1))).status, 200);
  EXPECT_EQ(ask("/worm/k", "legal-hold&versionId=" + first).element("Status"), "ON");
  EXPECT_EQ(ask("/worm/k", "retention&versionId=" + first).element("Mode"), "GOVERNANCE");
  EXPECT_EQ(ask("/worm/k", "legal-hold").element("Status"), "OFF");
  EXPECT_EQ(ask("/worm/k", "retention").code(), "NoSuchObjectLockConfiguration");
  EXPECT_EQ(ask("/worm/k", "versionId=" + first).header("x-amz-object-lock-legal-hold"), "ON");
  EXPECT_EQ(remove("/worm/k", "versionId=" + second).status, 204);
  EXPECT_EQ(ask("/worm/k", "legal-hold").element("Status"), "ON") << "it is the current one again";
  EXPECT_EQ(set("/worm/k", "legal-hold&versionId=" + second, hold("ON")).code(), "NoSuchVersion");
  EXPECT_EQ(set("/worm/k", "legal-hold&versionId=x", hold("ON")).code(), "InvalidArgument");
}

TEST_F(LockRequests, DeleteObjectsSparesWhatIsLocked) {
  const std::string locked = put("/worm/a");
  const std::string free = put("/worm/b");
  ASSERT_EQ(set("/worm/a", "retention", retention("GOVERNANCE", in_days(1))).status, 200);
  const std::string body = "<Delete><Object><Key>a</Key><VersionId>" + locked + "</VersionId></Object><Object><Key>b"
                           "</Key><VersionId>" + free + "</VersionId></Object></Delete>";
  const auto send = [&](Fields headers) {
    headers.emplace_back("Content-MD5", to_base64(digest(ChecksumAlgorithm::kMd5, body)));
    return rig_.send({.method = "POST", .path = "/worm", .query = "delete", .headers = std::move(headers),
                      .body = body});
  };
  const Reply reply = send({});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.element("Code"), "AccessDenied");
  EXPECT_EQ(ask("/worm/b", "versionId=" + free).code(), "NoSuchVersion");
  EXPECT_EQ(ask("/worm/a", "").body, "text");
  EXPECT_EQ(send({{"x-amz-bypass-governance-retention", "true"}}).element("Code"), "");
  EXPECT_EQ(ask("/worm/a", "").code(), "NoSuchKey");
}

TEST_F(LockRequests, BadDocumentsAreRefused) {
  put("/worm/k");
  for (const std::string& body :
       {std::string("<x/>"), std::string("<Retention><Mode>GOVERNANCE</Mode></Retention>"),
        std::string("<Retention><RetainUntilDate>2099-01-01</RetainUntilDate></Retention>"),
        retention("governance", in_days(1)), retention("GOVERNANCE", "soon"),
        std::string("<Retention><Mode>GOVERNANCE</Mode><Mode>GOVERNANCE</Mode></Retention>")}) {
    EXPECT_EQ(set("/worm/k", "retention", body).code(), "MalformedXML") << body;
  }
  EXPECT_EQ(set("/worm/k", "retention", retention("GOVERNANCE", in_days(-1))).code(), "InvalidArgument");
  for (const std::string& body : {std::string("<LegalHold/>"), hold("on"), hold(""), std::string("<x/>")}) {
    EXPECT_EQ(set("/worm/k", "legal-hold", body).code(), "MalformedXML") << body;
  }
  EXPECT_EQ(rig_.send({.method = "PUT", .path = "/worm/k", .query = "legal-hold", .body = hold("ON")}).code(),
            "InvalidRequest") << "no digest";
  EXPECT_EQ(ask("/worm/k", "retention").code(), "NoSuchObjectLockConfiguration");
}

TEST_F(LockRequests, ABucketWithoutLocksHasNone) {
  ASSERT_EQ(rig_.put("/box/k", "text").status, 200);
  EXPECT_EQ(set("/box/k", "retention", retention("GOVERNANCE", in_days(1))).code(), "InvalidRequest");
  EXPECT_EQ(set("/box/k", "legal-hold", hold("ON")).code(), "InvalidRequest");
  EXPECT_EQ(ask("/box/k", "retention").code(), "InvalidRequest");
  EXPECT_EQ(ask("/box/k", "legal-hold").code(), "InvalidRequest");
  EXPECT_EQ(ask("/worm/absent", "retention").code(), "NoSuchKey");
}

TEST_F(LockRequests, OfOthersAreTheOwnersBusiness) {
  rig_.add_user("eve");
  put("/worm/k");
  const std::string body = hold("ON");
  Ask ask_hold{.method = "PUT", .path = "/worm/k", .query = "legal-hold"};
  ask_hold.headers = {{"Content-MD5", to_base64(digest(ChecksumAlgorithm::kMd5, body))}};
  ask_hold.body = body;
  EXPECT_EQ(rig_.send(rig_.as("eve", ask_hold)).code(), "AccessDenied");
  EXPECT_EQ(rig_.send(rig_.as("eve", {.method = "GET", .path = "/worm/k", .query = "legal-hold"})).code(),
            "AccessDenied");
  EXPECT_EQ(rig_.send(rig_.as("eve", {.method = "GET", .path = "/worm", .query = "object-lock"})).code(),
            "AccessDenied");
  EXPECT_EQ(ask("/worm/k", "legal-hold").element("Status"), "OFF");
}

}  // namespace
}  // namespace tp::test
