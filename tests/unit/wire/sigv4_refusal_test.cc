#include <gtest/gtest.h>

#include "wire/aws/sigv4.h"
#include "wire/aws/sigv4_signer.h"
#include "wire/text/timestamp.h"

namespace tp::wire {
namespace {

constexpr int64_t kTime = 1369353600;
constexpr std::string_view kDate = "20130524T000000Z";
constexpr std::string_view kCredential = "AK/20130524/us-east-1/s3/aws4_request";

SigV4Error reason(const Error& error) { return static_cast<SigV4Error>(error.reason); }

/// The reason for which the claim of a request with this Authorization value is refused.
SigV4Error claim_refusal(std::string_view authorization, HeaderList more = {{"x-amz-date", kDate},
                                                                            {"x-amz-content-sha256", kEmptySha256}}) {
  HeaderList headers = {{"host", "h"}, {"authorization", authorization}};
  headers.insert(headers.end(), more.begin(), more.end());
  const Result<SigV4Claim> claim = parse_sigv4({"GET", "/", "", headers});
  return claim ? SigV4Error{} : reason(claim.error());
}

std::string value(std::string_view credential,
                  std::string_view signed_headers = "host;x-amz-content-sha256;x-amz-date") {
  return "AWS4-HMAC-SHA256 Credential=" + std::string(credential) + ", SignedHeaders=" + std::string(signed_headers) +
         ", Signature=" + std::string(64, 'a');
}

TEST(SigV4Claim, IsAnonymousWithoutASignature) {
  const HeaderList headers = {{"host", "h"}, {"x-amz-date", kDate}};
  const Result<SigV4Claim> claim = parse_sigv4({"GET", "/", "prefix=Signature", headers});
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->form, SigV4Form::kAnonymous);
}

TEST(SigV4Claim, ToleratesSpacesAndOrder) {
  const std::string signature(64, 'a');
  const std::string credential = "Credential=" + std::string(kCredential);
  for (const std::string& text :
       {"AWS4-HMAC-SHA256 " + credential + ",SignedHeaders=host,Signature=" + signature,
        "AWS4-HMAC-SHA256   Signature=" + signature + " ,\tSignedHeaders=host ,  " + credential + " "}) {
    HeaderList headers = {{"authorization", text}, {"x-amz-date", kDate}, {"x-amz-content-sha256", kEmptySha256}};
    const Result<SigV4Claim> claim = parse_sigv4({"GET", "/", "", headers});
    ASSERT_TRUE(claim) << claim.error().to_string();
    EXPECT_EQ(claim->scope.access_key(), "AK");
    EXPECT_EQ(claim->signed_headers, "host");
    EXPECT_EQ(claim->signature, signature);
  }
}

TEST(SigV4Claim, NamesWhatIsWrongWithTheHeader) {
  EXPECT_EQ(claim_refusal(value(kCredential)), SigV4Error{});
  EXPECT_EQ(claim_refusal("AWS AK:c2ln"), SigV4Error::kSigV2);
  for (const char* text : {"", "Basic dTpw", "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256 Credential=x",
                           "aws4-hmac-sha256 x",
                           "AWS4-HMAC-SHA256Credential=x"}) {
    EXPECT_EQ(claim_refusal(text), SigV4Error::kUnsupportedAlgorithm) << text;
  }
  for (const char* text : {"AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 x", "AWS4-HMAC-SHA256 Credential=a",
                           "AWS4-HMAC-SHA256 Credential=a,Credential=b", "AWS4-HMAC-SHA256 Other=a",
                           "AWS4-HMAC-SHA256 ,"}) {
    EXPECT_EQ(claim_refusal(text), SigV4Error::kMalformedAuthorization) << text;
  }
  for (const char* list : {"", ";", "host;", ";host", "host;;x", "Host", "host;host"}) {
    EXPECT_EQ(claim_refusal(value(kCredential, list)), SigV4Error::kMalformedAuthorization) << list;
  }
  for (const char* credential :
       {"AK", "AK/", "/20130524/us-east-1/s3/aws4_request", "AK/20130524/us-east-1/s3/aws4",
       "AK/2013052/r/s3/aws4_request",
        "AK/2013052x/r/s3/aws4_request", "AK/20130524/s3/aws4_request", "AK/20130524/r//aws4_request", "////"}) {
    EXPECT_EQ(claim_refusal(value(credential)), SigV4Error::kMalformedCredential) << credential;
  }
}

TEST(SigV4Claim, BoundsTheListOfSignedHeaders) {
  std::string list = "host";
  for (int i = 0; i < 256; ++i) list += ";x" + std::to_string(i);
  EXPECT_EQ(claim_refusal(value(kCredential, list)), SigV4Error::kMalformedAuthorization);
}

TEST(SigV4Claim, WantsDateAndPayloadHash) {
  EXPECT_EQ(claim_refusal(value(kCredential), {{"x-amz-content-sha256", kEmptySha256}}), SigV4Error::kMissingDate);
  EXPECT_EQ(claim_refusal(value(kCredential), {{"x-amz-content-sha256", kEmptySha256}, {"x-amz-date", "yesterday"}}),
            SigV4Error::kMissingDate);
  EXPECT_EQ(claim_refusal(value(kCredential),
                          {{"x-amz-content-sha256", kEmptySha256}, {"date", "Fri, 24 May 2013 00:00:00 GMT"}}),
            SigV4Error{});
  EXPECT_EQ(claim_refusal(value(kCredential), {{"x-amz-date", kDate}}), SigV4Error::kMissingPayloadHash);
  for (const char* hash : {"", "x", "e3b0", "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "unsigned-payload",
                           "g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}) {
    EXPECT_EQ(claim_refusal(value(kCredential), {{"x-amz-date", kDate}, {"x-amz-content-sha256", hash}}),
              SigV4Error::kBadPayloadHash)
        << hash;
  }
}

/// A presigned query with one parameter replaced (or, with an empty text, removed).
std::string presigned(std::string_view name = {}, std::string_view with = {}) {
  std::string query;
  for (const auto& [key, text] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
           {"X-Amz-Credential", "AK%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"},
           {"X-Amz-Date", kDate},
           {"X-Amz-Expires", "60"},
           {"X-Amz-SignedHeaders", "host"},
           {"X-Amz-Signature", "00"}}) {
    if (key == name && with.empty()) continue;
    if (!query.empty()) query += '&';
    query += std::string(key) + "=" + std::string(key == name ? with : text);
  }
  return query;
}

SigV4Error query_refusal(std::string_view query, HeaderList headers = {{"host", "h"}}) {
  const Result<SigV4Claim> claim = parse_sigv4({"GET", "/", query, headers});
  return claim ? SigV4Error{} : reason(claim.error());
}

TEST(SigV4Claim, NamesWhatIsWrongWithTheQuery) {
  EXPECT_EQ(query_refusal(presigned()), SigV4Error{});
  for (const char* name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders",
                           "X-Amz-Signature"}) {
    EXPECT_EQ(query_refusal(presigned(name)), SigV4Error::kMalformedQuery) << name;
  }
  EXPECT_EQ(query_refusal(presigned("X-Amz-Algorithm", "AWS4-ECDSA-P256-SHA256")), SigV4Error::kUnsupportedAlgorithm);
  EXPECT_EQ(query_refusal(presigned("X-Amz-Credential", "AK")), SigV4Error::kMalformedCredential);
  for (const char* expires : {"", "0", "-1", "604801", "x", "60s", "99999999999999999999", "1.5"}) {
    EXPECT_EQ(query_refusal(presigned("X-Amz-Expires", expires)), SigV4Error::kBadExpires) << expires;
  }
  EXPECT_EQ(query_refusal(presigned("X-Amz-Expires", "604800")), SigV4Error{});
  EXPECT_EQ(query_refusal(presigned() + "&X-Amz-Date=20130524T000000Z"), SigV4Error::kMalformedQuery);
  EXPECT_EQ(query_refusal(presigned() + "&X-Amz-Content-Sha256=x"), SigV4Error::kBadPayloadHash);
  EXPECT_EQ(query_refusal("AWSAccessKeyId=AK&Expires=1&Signature=x"), SigV4Error::kSigV2);
  const std::string header = value(kCredential);
  EXPECT_EQ(query_refusal(presigned(), {{"host", "h"}, {"authorization", header}}), SigV4Error::kBothMechanisms);
}

/// A signed request that can be changed before it is verified.
struct Signed {
  HeaderList headers = {{"host", "h"}, {"x-amz-date", kDate}, {"x-amz-content-sha256", kUnsignedPayload}};
  std::string authorization;
  SigV4Request request{"GET", "/b/k", "a=1", {}};
  SigV4Options options;
  int64_t now = kTime;
  std::string secret = "secret";

  explicit Signed(const SigningCredentials& credentials = {"AK", "secret"}) {
    SigningKeyCache keys;
    request.headers = headers;
    authorization = sign_request(request, credentials, kTime, kUnsignedPayload, keys).value().authorization;
    headers.push_back({"authorization", authorization});
  }
  SigV4Error verify() {
    request.headers = headers;
    SigningKeyCache keys;
    const Result<SigV4Claim> claim = parse_sigv4(request);
    if (!claim) return reason(claim.error());
    const auto verified = verify_sigv4(request, *claim, secret, now, keys, options);
    return verified ? SigV4Error{} : reason(verified.error());
  }
};

TEST(SigV4Verify, NoticesEveryChange) {
  EXPECT_EQ(Signed().verify(), SigV4Error{});
  const auto changed = [](auto change) {
    Signed request;
    change(request);
    return request.verify();
  };
  EXPECT_EQ(changed([](Signed& s) { s.request.method = "PUT"; }), SigV4Error::kSignatureMismatch);
  EXPECT_EQ(changed([](Signed& s) { s.request.path = "/b/K"; }), SigV4Error::kSignatureMismatch);
  EXPECT_EQ(changed([](Signed& s) { s.request.path = "/b//k"; }), SigV4Error::kSignatureMismatch);
  EXPECT_EQ(changed([](Signed& s) { s.request.query = "a=2"; }), SigV4Error::kSignatureMismatch);
  EXPECT_EQ(changed([](Signed& s) { s.request.query = "a=1&acl"; }), SigV4Error::kSignatureMismatch);
  EXPECT_EQ(changed([](Signed& s) { s.headers[0].value = "g"; }), SigV4Error::kSignatureMismatch);
  EXPECT_EQ(changed([](Signed& s) { s.headers[1].value = "20130524T000001Z"; }), SigV4Error::kSignatureMismatch);
  EXPECT_EQ(changed([](Signed& s) { s.headers[2].value = kEmptySha256; }), SigV4Error::kSignatureMismatch);
  EXPECT_EQ(changed([](Signed& s) { s.secret = "Secret"; }), SigV4Error::kSignatureMismatch);
  EXPECT_EQ(changed([](Signed& s) { s.headers.push_back({"host", "second"}); }), SigV4Error::kSignatureMismatch);
}

TEST(SigV4Verify, WantsAmzHeadersSigned) {
  Signed request;
  request.headers.push_back({"X-Amz-Copy-Source", "/other/key"});
  EXPECT_EQ(request.verify(), SigV4Error::kUnsignedHeaders);
  Signed harmless;
  harmless.headers.push_back({"x-amzn-trace-id", "1"});
  EXPECT_EQ(harmless.verify(), SigV4Error{});
}

TEST(SigV4Verify, ChecksTheScope) {
  EXPECT_EQ(Signed({"AK", "secret", "us-east-1", "iam"}).verify(), SigV4Error::kScopeService);
  Signed other_day;
  other_day.headers[1].value = "20130525T000000Z";
  EXPECT_EQ(other_day.verify(), SigV4Error::kScopeDate);
  Signed region;
  region.options.region = "eu-west-1";
  EXPECT_EQ(region.verify(), SigV4Error::kScopeRegion);
}

TEST(SigV4Verify, ChecksTheClock) {
  for (const int64_t skew : {-901, 901}) {
    Signed request;
    request.now += skew;
    EXPECT_EQ(request.verify(), SigV4Error::kTimeSkewed);
  }
  for (const int64_t skew : {-900, 900}) {
    Signed request;
    request.now += skew;
    EXPECT_EQ(request.verify(), SigV4Error{});
  }
}

}  // namespace
}  // namespace tp::wire
