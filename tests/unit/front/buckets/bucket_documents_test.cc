// The documents and rules of buckets: CORS, CreateBucketConfiguration, OwnershipControls; well-formed and not.
#include <gtest/gtest.h>

#include "front/s3/bucket/create_bucket_document.h"
#include "front/s3/core/s3_error.h"
#include "front/s3/cors/cors_document.h"
#include "front/s3/settings/ownership_document.h"

namespace tp::s3 {
namespace {

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "" : std::string(s3_error_of(result.error()).name);
}

CorsRule rule_for(std::vector<std::string> origins, CorsMethod method, std::vector<std::string> headers = {}) {
  CorsRule rule;
  rule.allowed_origins = std::move(origins);
  rule.methods = static_cast<uint8_t>(method);
  rule.allowed_headers = std::move(headers);
  return rule;
}

std::string cors_with(const std::string& rules) { return "<CORSConfiguration>" + rules + "</CORSConfiguration>"; }

TEST(BucketCors, ARuleSurvivesDocumentAndRecord) {
  const std::string xml = cors_with(
      "<CORSRule><ID>one &amp; only</ID><AllowedOrigin>http://*.example.com</AllowedOrigin><AllowedOrigin/>"
      "<AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod><AllowedHeader>x-AMZ-*</AllowedHeader>"
      "<ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3000</MaxAgeSeconds></CORSRule>"
      "<CORSRule><AllowedMethod>DELETE</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>");
  const auto rules = parse_cors_document(xml);
  ASSERT_TRUE(rules.has_value());
  ASSERT_EQ(rules->size(), 2u);
  EXPECT_EQ(rules->front().id, "one & only");
  EXPECT_EQ(rules->front().allowed_origins, (std::vector<std::string>{"http://*.example.com", ""}));
  EXPECT_EQ(rules->front().max_age_seconds, 3000u);
  EXPECT_FALSE(rules->back().max_age_seconds.has_value());
  const auto again = parse_cors_document(cors_document(*rules));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*again, *rules);
  const auto stored = decode_cors_rules(encode_cors_rules(*rules));
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(*stored, *rules);
}

TEST(BucketCors, StoredRulesThatWereCutOrExtendedAreRefused) {
  const Bytes stored = encode_cors_rules({rule_for({"http://a", "http://b"}, CorsMethod::kGet, {"x-*"})});
  for (size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(decode_cors_rules(stored.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(decode_cors_rules(stored + "x").has_value());
  EXPECT_FALSE(decode_cors_rules("\x02" + stored.substr(1)).has_value()) << "another version";
}

TEST(BucketCors, BadDocumentsAreRefusedWithTheirCode) {
  const std::string origin = "<AllowedOrigin>*</AllowedOrigin>", get = "<AllowedMethod>GET</AllowedMethod>";
  const auto rule = [](const std::string& inside) { return cors_with("<CORSRule>" + inside + "</CORSRule>"); };
  EXPECT_EQ(code_of(parse_cors_document(rule(origin + get))), "");
  EXPECT_EQ(code_of(parse_cors_document("")), "MalformedXML");
  EXPECT_EQ(code_of(parse_cors_document(cors_with(""))), "MalformedXML");
  EXPECT_EQ(code_of(parse_cors_document(rule(""))), "MalformedXML");
  EXPECT_EQ(code_of(parse_cors_document(rule(origin))), "MalformedXML");
  EXPECT_EQ(code_of(parse_cors_document(rule(get))), "MalformedXML");
  EXPECT_EQ(code_of(parse_cors_document(rule(origin + get + "<Surprise/>"))), "MalformedXML");
  EXPECT_EQ(code_of(parse_cors_document(rule(origin + get + "<MaxAgeSeconds>-1</MaxAgeSeconds>"))), "MalformedXML");
  EXPECT_EQ(code_of(parse_cors_document(rule(origin + get + "<MaxAgeSeconds>5x</MaxAgeSeconds>"))), "MalformedXML");
  const std::string long_id = "<ID>" + std::string(256, 'i') + "</ID>";
  EXPECT_EQ(code_of(parse_cors_document(rule(origin + get + long_id))), "MalformedXML");
  EXPECT_EQ(code_of(parse_cors_document(rule(origin + "<AllowedMethod>PATCH</AllowedMethod>"))), "InvalidRequest");
  EXPECT_EQ(code_of(parse_cors_document(rule(origin + "<AllowedMethod>get</AllowedMethod>"))), "InvalidRequest");
  EXPECT_EQ(code_of(parse_cors_document(rule("<AllowedOrigin>*a*</AllowedOrigin>" + get))), "InvalidRequest");
  EXPECT_EQ(code_of(parse_cors_document(rule(origin + get + "<AllowedHeader>*-*</AllowedHeader>"))), "InvalidRequest");
  EXPECT_EQ(code_of(parse_cors_document(rule(origin + get + "<ExposeHeader>*</ExposeHeader>"))), "InvalidRequest");
  EXPECT_EQ(code_of(parse_cors_document("<!DOCTYPE x [<!ENTITY a \"b\">]>" + rule(origin + get))), "MalformedXML");
  std::string many;
  for (int i = 0; i < 101; ++i) many += "<CORSRule>" + origin + get + "</CORSRule>";
  EXPECT_EQ(code_of(parse_cors_document(cors_with(many))), "MalformedXML");
}

TEST(BucketCors, APatternIsAnchoredAndItsStarMayBeEmpty) {
  EXPECT_TRUE(matches_cors_pattern("*suffix", "foo.suffix", false));
  EXPECT_TRUE(matches_cors_pattern("start*end", "startend", false));
  EXPECT_TRUE(matches_cors_pattern("start*end", "start12end", false));
  EXPECT_FALSE(matches_cors_pattern("start*end", "0start12end", false));
  EXPECT_FALSE(matches_cors_pattern("aba*aba", "aba", false)) << "the two ends may not share bytes";
  EXPECT_FALSE(matches_cors_pattern("prefix*", "bla.prefix", false));
  EXPECT_FALSE(matches_cors_pattern("http://A", "http://a", false));
  EXPECT_TRUE(matches_cors_pattern("x-AMZ-*", "X-amz-date", true));
}

TEST(BucketCors, TheFirstRuleThatFitsEverythingCounts) {
  const CorsRules rules = {rule_for({"http://a"}, CorsMethod::kGet), rule_for({"*"}, CorsMethod::kPut, {"x-amz-*"}),
                           rule_for({"*"}, CorsMethod::kGet, {"*"})};
  EXPECT_EQ(find_cors_rule(rules, "http://a", CorsMethod::kGet, ""), &rules[0]);
  EXPECT_EQ(find_cors_rule(rules, "http://a", CorsMethod::kGet, "content-type"), &rules[2]);
  EXPECT_EQ(find_cors_rule(rules, "http://b", CorsMethod::kPut, "X-Amz-Acl , x-amz-date,"), &rules[1]);
  EXPECT_EQ(find_cors_rule(rules, "http://b", CorsMethod::kPut, "x-amz-acl,content-type"), nullptr);
  EXPECT_EQ(find_cors_rule(rules, "http://b", CorsMethod::kDelete, ""), nullptr);
  EXPECT_EQ(allowed_origin(rules[0], "http://a"), "http://a");
  EXPECT_EQ(allowed_origin(rules[1], "http://a"), "*");
}

TEST(CreateBucketDocument, TellsLocationAndTags) {
  EXPECT_EQ(parse_create_bucket_document("")->location, "");
  const auto parsed = parse_create_bucket_document(
      "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><LocationConstraint>eu-west-1"
      "</LocationConstraint><Tags><Tag><Key>team</Key><Value>data</Value></Tag></Tags></CreateBucketConfiguration>");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->location, "eu-west-1");
  EXPECT_EQ(parsed->tags, (meta::TagSet{{"team", "data"}}));
}

TEST(CreateBucketDocument, RefusesWhatItDoesNotMean) {
  const auto code = [](const std::string& inside) {
    return code_of(
        parse_create_bucket_document("<CreateBucketConfiguration>" + inside + "</CreateBucketConfiguration>"));
  };
  EXPECT_EQ(code(""), "");
  EXPECT_EQ(code("<Nothing/>"), "MalformedXML");
  EXPECT_EQ(code("<LocationConstraint>eu west</LocationConstraint>"), "InvalidLocationConstraint");
  EXPECT_EQ(code("<LocationConstraint>" + std::string(65, 'a') + "</LocationConstraint>"), "InvalidLocationConstraint");
  EXPECT_EQ(code("<Bucket><Type>Directory</Type></Bucket>"), "NotImplemented");
  EXPECT_EQ(code("<Tags><Tag><Key></Key><Value>v</Value></Tag></Tags>"), "InvalidTag");
  EXPECT_EQ(code("<Tags><Wrong/></Tags>"), "MalformedXML");
  EXPECT_EQ(code_of(parse_create_bucket_document("<CreateBucketConfiguration>")), "MalformedXML");
  EXPECT_EQ(code_of(parse_create_bucket_document("<Other/>")), "MalformedXML");
  EXPECT_EQ(code_of(parse_create_bucket_document("not xml")), "MalformedXML");
}

TEST(OwnershipDocument, NamesGoBothWays) {
  for (const auto ownership : {meta::Ownership::kObjectWriter, meta::Ownership::kBucketOwnerPreferred,
                               meta::Ownership::kBucketOwnerEnforced}) {
    const auto parsed = parse_ownership_document(ownership_document(ownership));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, ownership);
  }
}

TEST(OwnershipDocument, TakesExactlyOneRuleWithAKnownName) {
  const std::string rule = "<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>";
  const auto code = [](const std::string& inside) {
    return code_of(parse_ownership_document("<OwnershipControls>" + inside + "</OwnershipControls>"));
  };
  EXPECT_EQ(code(rule), "");
  EXPECT_EQ(code(""), "MalformedXML");
  EXPECT_EQ(code(rule + rule), "MalformedXML");
  EXPECT_EQ(code("<Rule/>"), "MalformedXML");
  EXPECT_EQ(code("<Rule><ObjectOwnership>Nobody</ObjectOwnership></Rule>"), "MalformedXML");
  EXPECT_EQ(code("<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership><More/></Rule>"), "MalformedXML");
}

TEST(Ownership, AListGivesToOthersUnlessItNamesTheOwnerAlone) {
  using meta::Grant;
  using meta::GranteeKind;
  EXPECT_FALSE(grants_to_others({}, "me"));
  EXPECT_FALSE(grants_to_others({Grant{GranteeKind::kUser, "me", meta::Permission::kFullControl}}, "me"));
  EXPECT_TRUE(grants_to_others({Grant{GranteeKind::kUser, "you", meta::Permission::kRead}}, "me"));
  EXPECT_TRUE(grants_to_others({Grant{GranteeKind::kAllUsers, "", meta::Permission::kRead}}, "me"));
}

}  // namespace
}  // namespace tp::s3
