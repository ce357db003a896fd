// A bucket's lifecycle rules as S3 clients set and read them, and what answers say of an object's end.
#include <gtest/gtest.h>

#include "front/s3/lifecycle/lifecycle_document.h"
#include "unit/front/time/setting_client.h"
#include "wire/text/timestamp.h"

namespace tp::test {
namespace {

std::string configuration(const std::string& rules) {
  return "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + rules +
         "</LifecycleConfiguration>";
}
std::string rule(const std::string& filter, const std::string& actions, const std::string& id = "r") {
  return "<Rule><ID>" + id + "</ID>" + filter + "<Status>Enabled</Status>" + actions + "</Rule>";
}

constexpr const char* kEverything =
    "<Rule><ID>all</ID><Filter><And><Prefix>logs/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag>"
    "<Tag><Key>b</Key><Value></Value></Tag><ObjectSizeGreaterThan>100</ObjectSizeGreaterThan>"
    "<ObjectSizeLessThan>1000</ObjectSizeLessThan></And></Filter><Status>Disabled</Status>"
    "<Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition>"
    "<Transition><Days>90</Days><StorageClass>GLACIER</StorageClass></Transition>"
    "<Expiration><Days>365</Days></Expiration>"
    "<NoncurrentVersionTransition><NoncurrentDays>30</NoncurrentDays>"
    "<NewerNoncurrentVersions>2</NewerNoncurrentVersions><StorageClass>GLACIER</StorageClass>"
    "</NoncurrentVersionTransition><NoncurrentVersionExpiration><NoncurrentDays>60</NoncurrentDays>"
    "<NewerNoncurrentVersions>3</NewerNoncurrentVersions></NoncurrentVersionExpiration></Rule>"
    "<Rule><ID>uploads</ID><Filter/><Status>Enabled</Status><AbortIncompleteMultipartUpload>"
    "<DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
    "<Rule><ID>markers</ID><Filter><Prefix/></Filter><Status>Enabled</Status><Expiration>"
    "<ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration></Rule>"
    "<Rule><ID>date</ID><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter><Status>Enabled</Status>"
    "<Expiration><Date>2030-01-01T00:00:00.000Z</Date></Expiration></Rule>"
    "<Rule><ID>read</ID><Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter><Status>Enabled</Status>"
    "<Transition><DaysSinceLastAccess>40</DaysSinceLastAccess><StorageClass>GLACIER_IR</StorageClass></Transition>"
    "</Rule>";

TEST(LifecycleDocument, WhatIsReadIsWrittenTheSame) {
  const auto rules = s3::parse_lifecycle_document(configuration(kEverything));
  ASSERT_TRUE(rules) << rules.error().to_string();
  ASSERT_EQ(rules->rules.size(), 5u);
  EXPECT_EQ(rules->rules[0].filter.form, lifecycle::FilterForm::kAnd);
  EXPECT_FALSE(rules->rules[0].enabled);
  EXPECT_EQ(rules->rules[0].filter.tags.size(), 2u);
  EXPECT_EQ(rules->rules[4].transitions.at(0).access_days, 40);
  EXPECT_FALSE(lifecycle::validate(*rules));
  const auto again = s3::parse_lifecycle_document(s3::lifecycle_document(*rules));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *rules);
}

TEST(LifecycleDocument, TheOlderFormIsWrittenAsItWasRead) {
  const std::string days = "<Expiration><Days>1</Days></Expiration>";
  const auto rules = s3::parse_lifecycle_document(configuration(rule("<Prefix>a&amp;b</Prefix>", days)));
  ASSERT_TRUE(rules);
  EXPECT_EQ(rules->rules[0].filter.prefix, "a&b");
  const Bytes document = s3::lifecycle_document(*rules);
  EXPECT_NE(document.find("<Prefix>a&amp;b</Prefix><Status>"), Bytes::npos);
  EXPECT_EQ(document.find("Filter"), Bytes::npos);
}

TEST(LifecycleDocument, WhatTheSchemaDoesNotHaveIsRefused) {
  const std::string action = "<Expiration><Days>1</Days></Expiration>";
  const std::string filter = "<Filter/>";
  for (const std::string& body :
       {std::string("<x/>"), configuration(""), configuration("<Other/>"), configuration("<Rule/>"),
        configuration("<Rule>" + filter + action + "</Rule>"),
        configuration("<Rule><Status>Enabled</Status>" + action + "</Rule>"),
        configuration("<Rule>" + filter + "<Status>enabled</Status>" + action + "</Rule>"),
        configuration(rule(filter + "<Prefix>a</Prefix>", action)), configuration(rule(filter + filter, action)),
        configuration(rule("<Filter><Other/></Filter>", action)),
        configuration(rule("<Filter><Prefix>a</Prefix><Prefix>b</Prefix></Filter>", action)),
        configuration(rule("<Filter><And/><Prefix/></Filter>", action)),
        configuration(rule("<Filter><And><And/></And></Filter>", action)),
        configuration(rule("<Filter><Tag><Key>a</Key></Tag></Filter>", action)),
        configuration(rule("<Filter><Tag><Key>a</Key><Key>b</Key></Tag></Filter>", action)),
        configuration(rule("<Filter><ObjectSizeLessThan>many</ObjectSizeLessThan></Filter>", action)),
        configuration(rule(filter, action + action)), configuration(rule(filter, "<Expiration><Days/></Expiration>")),
        configuration(rule(filter, "<Expiration><Days>1.5</Days></Expiration>")),
        configuration(rule(filter, "<Expiration><Days>99999999999999999999</Days></Expiration>")),
        configuration(rule(filter, "<Expiration><Date>tomorrow</Date></Expiration>")),
        configuration(rule(filter, "<Expiration><ExpiredObjectDeleteMarker>yes</ExpiredObjectDeleteMarker>"
                                   "</Expiration>")),
        configuration(rule(filter, "<Expiration><NoncurrentDays>1</NoncurrentDays></Expiration>")),
        configuration(rule(filter, "<Transition><Days>1</Days><Days>2</Days></Transition>")),
        configuration(rule(filter, "<AbortIncompleteMultipartUpload><Days>1</Days></AbortIncompleteMultipartUpload>")),
        configuration(rule(filter, "<Archive/>"))}) {
    EXPECT_FALSE(s3::parse_lifecycle_document(body)) << body;
  }
}

class LifecycleRequests : public SettingClient {
 protected:
  void SetUp() override { ASSERT_EQ(rig_.put("/box", "").status, 200); }
  Reply set_rules(const std::string& rules, Fields headers = {}) {
    return set("/box", "lifecycle", configuration(rules), std::move(headers));
  }
};

TEST_F(LifecycleRequests, RulesAreSetReadAndRemoved) {
  EXPECT_EQ(ask("/box", "lifecycle").code(), "NoSuchLifecycleConfiguration");
  const Reply put = set_rules(kEverything);
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.header("x-amz-transition-default-minimum-object-size"), "all_storage_classes_128K");
  const Reply got = ask("/box", "lifecycle");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("x-amz-transition-default-minimum-object-size"), "all_storage_classes_128K");
  EXPECT_EQ(s3::parse_lifecycle_document(got.body).value(),
            s3::parse_lifecycle_document(configuration(kEverything)).value());
  EXPECT_EQ(remove("/box", "lifecycle").status, 204);
  EXPECT_EQ(ask("/box", "lifecycle").code(), "NoSuchLifecycleConfiguration");
  EXPECT_EQ(remove("/box", "lifecycle").status, 204);
}

TEST_F(LifecycleRequests, TheMinimumSizeIsKept) {
  const std::string rules = rule("<Filter/>", "<Expiration><Days>1</Days></Expiration>");
  const char* kField = "x-amz-transition-default-minimum-object-size";
  ASSERT_EQ(set_rules(rules, {{kField, "varies_by_storage_class"}}).status, 200);
  EXPECT_EQ(ask("/box", "lifecycle").header(kField), "varies_by_storage_class");
  EXPECT_EQ(set_rules(rules, {{kField, "none"}}).code(), "InvalidArgument");
  EXPECT_EQ(ask("/box", "lifecycle").header(kField), "varies_by_storage_class");
}

TEST_F(LifecycleRequests, RulesWithoutAnIdGetOne) {
  ASSERT_EQ(set_rules("<Rule><Filter/><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule>").status,
            200);
  EXPECT_EQ(ask("/box", "lifecycle").element("ID").size(), 48u);
}

TEST_F(LifecycleRequests, WhatS3WouldRefuseIsRefusedInItsWords) {
  const Reply order = set_rules(rule("<Filter/>", "<Expiration><Days>30</Days></Expiration><Transition><Days>30</Days>"
                                                  "<StorageClass>GLACIER</StorageClass></Transition>"));
  EXPECT_EQ(order.status, 400);
  EXPECT_EQ(order.code(), "InvalidArgument");
  EXPECT_EQ(order.element("Message"),
            "'Days' in the Expiration action for filter '(prefix=)' must be greater than 'Days' in the Transition "
            "action");
  EXPECT_EQ(set_rules(rule("<Filter/>", "<Expiration><Days>0</Days></Expiration>")).code(), "InvalidArgument");
  EXPECT_EQ(set_rules(rule("<Filter/>", "<Expiration><Date>2030-01-01T10:00:00Z</Date></Expiration>")).code(),
            "InvalidArgument");
  EXPECT_EQ(set_rules(rule("<Filter/>", "")).code(), "InvalidRequest");
  const std::string nowhere = "<Transition><Days>1</Days><StorageClass>HOT</StorageClass></Transition>";
  EXPECT_EQ(set_rules(rule("<Filter/>", nowhere)).code(), "MalformedXML");
  EXPECT_EQ(set_rules("").code(), "MalformedXML");
  EXPECT_EQ(set("/box", "lifecycle", "not xml").code(), "MalformedXML");
  const Reply unchecked = rig_.send({.method = "PUT", .path = "/box", .query = "lifecycle",
                                     .body = configuration(kEverything)});
  EXPECT_EQ(unchecked.code(), "InvalidRequest") << "no digest";
  EXPECT_EQ(ask("/box", "lifecycle").code(), "NoSuchLifecycleConfiguration");
}

TEST_F(LifecycleRequests, AreTheOwnersBusiness) {
  rig_.add_user("eve");
  const std::string body = configuration(rule("<Filter/>", "<Expiration><Days>1</Days></Expiration>"));
  Ask put{.method = "PUT", .path = "/box", .query = "lifecycle"};
  put.headers = {{"Content-MD5", to_base64(digest(ChecksumAlgorithm::kMd5, body))}};
  put.body = body;
  EXPECT_EQ(rig_.send(rig_.as("eve", put)).code(), "AccessDenied");
  EXPECT_EQ(rig_.send(rig_.as("eve", {.method = "GET", .path = "/box", .query = "lifecycle"})).code(), "AccessDenied");
  EXPECT_EQ(rig_.send(rig_.as("eve", {.method = "DELETE", .path = "/box", .query = "lifecycle"})).code(),
            "AccessDenied");
}

TEST_F(LifecycleRequests, AnswersSayWhenAnObjectGoes) {
  ASSERT_EQ(rig_.put("/box/kept", "x").status, 200);
  EXPECT_FALSE(rig_.head("/box/kept").has("x-amz-expiration"));
  ASSERT_EQ(set_rules(rule("<Filter><Prefix>logs/</Prefix></Filter>", "<Expiration><Days>3</Days></Expiration>",
                           "three days")).status, 200);
  const Reply put = rig_.put("/box/logs/a", "x");
  constexpr int64_t kDay = 86'400;
  const int64_t due = (rig_.now() + 3 * kDay + kDay - 1) / kDay * kDay;
  const std::string expected = "expiry-date=\"" + wire::http_date(due) + "\", rule-id=\"three%20days\"";
  EXPECT_EQ(put.header("x-amz-expiration"), expected);
  EXPECT_EQ(rig_.head("/box/logs/a").header("x-amz-expiration"), expected);
  EXPECT_EQ(rig_.get("/box/logs/a").header("x-amz-expiration"), expected);
  EXPECT_FALSE(rig_.get("/box/kept").has("x-amz-expiration"));
  const Reply copy = rig_.put("/box/logs/b", "", {{"x-amz-copy-source", "box/kept"}});
  EXPECT_EQ(copy.status, 200);
  EXPECT_EQ(copy.header("x-amz-expiration"), expected);
}

}  // namespace
}  // namespace tp::test
