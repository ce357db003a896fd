#include "wire/sigv2/presigned_v2.h"

#include <gtest/gtest.h>

#include "wire/aws/sigv4_error.h"

namespace tp::wire {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

// The example of the S3 documentation: a virtual-hosted GET.
struct Example {
  std::vector<QueryParam> params = parse_query(
                                       "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D"
                                       "&Expires=1175139620")
                                       .value();
  std::vector<HeaderField> headers = {{"Host", "johnsmith.s3.amazonaws.com"}};
  V2Request request() const { return {"GET", "johnsmith", "/photos/puppy.jpg", params, headers}; }
  PresignedV2 claim() const { return *parse_presigned_v2(params).value(); }
};

SigV4Error refusal(const V2Request& request, const PresignedV2& claim, int64_t now = 1175139000) {
  const auto verified = verify_presigned_v2(request, claim, kSecret, now);
  EXPECT_FALSE(verified);
  return verified ? SigV4Error::kSigV2 : static_cast<SigV4Error>(verified.error().reason);
}

TEST(PresignedV2, TheDocumentedExampleIsTrue) {
  const Example example;
  EXPECT_EQ(example.claim().access_key, "AKIAIOSFODNN7EXAMPLE");
  EXPECT_EQ(string_to_sign_v2(example.request(), 1175139620), "GET\n\n\n1175139620\n/johnsmith/photos/puppy.jpg");
  EXPECT_TRUE(verify_presigned_v2(example.request(), example.claim(), kSecret, 1175139620));
  EXPECT_EQ(refusal(example.request(), example.claim(), 1175139621), SigV4Error::kExpired);
}

TEST(PresignedV2, NothingThatIsSignedMayChange) {
  const Example example;
  const PresignedV2 claim = example.claim();
  V2Request other = example.request();
  other.method = "PUT";
  EXPECT_EQ(refusal(other, claim), SigV4Error::kSignatureMismatch);
  other = example.request();
  other.path = "/photos/kitten.jpg";
  EXPECT_EQ(refusal(other, claim), SigV4Error::kSignatureMismatch);
  other = example.request();
  other.virtual_bucket = {};
  EXPECT_EQ(refusal(other, claim), SigV4Error::kSignatureMismatch);
  PresignedV2 later = claim;
  later.expires += 1000;
  EXPECT_EQ(refusal(example.request(), later), SigV4Error::kSignatureMismatch);
  PresignedV2 cut = claim;
  cut.signature.pop_back();
  EXPECT_EQ(refusal(example.request(), cut), SigV4Error::kSignatureMismatch);
  EXPECT_FALSE(verify_presigned_v2(example.request(), claim, "another secret", 1175139000));
}

TEST(PresignedV2, HeadersAndSubResourcesThatCountAreSigned) {
  const Example example;
  for (const std::string_view added : {"acl", "versionId=1", "response-content-type=text%2Fhtml", "uploadId=x"}) {
    Example changed;
    changed.params.push_back(parse_query(added).value().front());
    EXPECT_EQ(refusal(changed.request(), example.claim()), SigV4Error::kSignatureMismatch) << added;
  }
  Example header;
  header.headers.push_back({"X-Amz-Acl", "public-read"});
  EXPECT_EQ(refusal(header.request(), example.claim()), SigV4Error::kSignatureMismatch);
  EXPECT_EQ(string_to_sign_v2(header.request(), 1), "GET\n\n\n1\nx-amz-acl:public-read\n/johnsmith/photos/puppy.jpg");
  Example hoisted;
  hoisted.params.push_back({"x-amz-acl", "private", true});
  hoisted.params.push_back({"content-type", "text/plain", true});
  EXPECT_EQ(string_to_sign_v2(hoisted.request(), 1),
            "GET\n\ntext/plain\n1\nx-amz-acl:private\n/johnsmith/photos/puppy.jpg");
  Example unsigned_part;
  unsigned_part.params.push_back({"x-id", "GetObject", true});
  EXPECT_TRUE(verify_presigned_v2(unsigned_part.request(), example.claim(), kSecret, 1175139000));
}

TEST(PresignedV2, SubResourcesAreSortedAndDecoded) {
  const auto params = parse_query("uploads&partNumber=2&a=b&acl&response-expires=a%20b").value();
  const V2Request request{"GET", {}, "/bucket/key", params, {}};
  EXPECT_EQ(string_to_sign_v2(request, 5), "GET\n\n\n5\n/bucket/key?acl&partNumber=2&response-expires=a b&uploads");
}

TEST(PresignedV2, ABucketMayBeSignedWithASlash) {
  const V2Request bare{"GET", {}, "/bucket", {}, {}};
  const V2Request slash{"GET", {}, "/bucket/", {}, {}};
  PresignedV2 claim{"k", sign_v2(string_to_sign_v2(slash, 10), kSecret), 10};
  EXPECT_TRUE(verify_presigned_v2(bare, claim, kSecret, 1));
  EXPECT_TRUE(verify_presigned_v2(slash, claim, kSecret, 1));
  const V2Request key{"GET", {}, "/bucket/key", {}, {}};
  EXPECT_EQ(refusal(key, claim, 1), SigV4Error::kSignatureMismatch);
}

TEST(PresignedV2, OnlyItsOwnFormIsTaken) {
  const auto parse = [](std::string_view query) { return parse_presigned_v2(parse_query(query).value()); };
  EXPECT_FALSE(parse("X-Amz-Signature=a").value());
  EXPECT_FALSE(parse("AWSAccessKeyId=a&Expires=1").value());
  for (const std::string_view expires : {"", "&Expires=", "&Expires=x", "&Expires=-1", "&Expires=1x",
                                         "&Expires=99999999999999999999"}) {
    const auto parsed = parse("AWSAccessKeyId=a&Signature=b" + std::string(expires));
    ASSERT_FALSE(parsed) << expires;
    EXPECT_EQ(static_cast<SigV4Error>(parsed.error().reason), SigV4Error::kMalformedQuery);
  }
}

}  // namespace
}  // namespace tp::wire
