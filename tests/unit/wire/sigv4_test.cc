// The examples that AWS publishes in "Authenticating Requests: Signature Version 4" and "POST Policy", and our own
// signer against our own verifier.
#include <gtest/gtest.h>

#include "wire/aws/canonical_request.h"
#include "wire/aws/sigv4.h"
#include "wire/aws/sigv4_signer.h"
#include "wire/text/timestamp.h"

namespace tp::wire {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
constexpr std::string_view kHost = "examplebucket.s3.amazonaws.com";
constexpr int64_t kTime = 1369353600;  // 2013-05-24T00:00:00Z

std::string authorization(std::string_view signed_headers, std::string_view signature) {
  return "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
         std::string(signed_headers) + ",Signature=" + std::string(signature);
}

Result<VerifiedSignature> verify(const SigV4Request& request, int64_t now = kTime, std::string_view secret = kSecret,
                                 SignatureMismatch* mismatch = nullptr) {
  TP_TRY(const SigV4Claim claim, parse_sigv4(request));
  SigningKeyCache keys;
  return verify_sigv4(request, claim, secret, now, keys, {}, mismatch);
}

void expect_verified(const SigV4Request& request) {
  SignatureMismatch mismatch;
  const Result<VerifiedSignature> verified = verify(request, kTime, kSecret, &mismatch);
  EXPECT_TRUE(verified) << verified.error().to_string() << "\n" << mismatch.canonical_request;
}

TEST(SigV4Examples, GetObject) {
  const HeaderList headers = {
      {"Host", kHost},
      {"Range", "bytes=0-9"},
      {"x-amz-content-sha256", kEmptySha256},
      {"x-amz-date", "20130524T000000Z"},
  };
  HeaderList with = headers;
  const std::string value = authorization("host;range;x-amz-content-sha256;x-amz-date",
                                          "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  with.push_back({"Authorization", value});
  expect_verified({"GET", "/test.txt", "", with});
}

TEST(SigV4Examples, PutObject) {
  const std::string value = authorization("date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                                          "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  const HeaderList headers = {
      {"Host", kHost},
      {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
      {"Authorization", value},
      {"x-amz-date", "20130524T000000Z"},
      {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
      {"x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"},
  };
  expect_verified({"PUT", "/test$file.text", "", headers});
  expect_verified({"PUT", "/test%24file.text", "", headers});
}

TEST(SigV4Examples, GetBucketLifecycle) {
  const std::string value = authorization("host;x-amz-content-sha256;x-amz-date",
                                          "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  const HeaderList headers = {{"Host", kHost},
                              {"Authorization", value},
                              {"x-amz-date", "20130524T000000Z"},
                              {"x-amz-content-sha256", kEmptySha256}};
  expect_verified({"GET", "/", "lifecycle", headers});
  expect_verified({"GET", "/", "lifecycle=", headers});
}

TEST(SigV4Examples, ListObjects) {
  const std::string value = authorization("host;x-amz-content-sha256;x-amz-date",
                                          "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
  const HeaderList headers = {{"Host", kHost},
                              {"Authorization", value},
                              {"x-amz-date", "20130524T000000Z"},
                              {"x-amz-content-sha256", kEmptySha256}};
  expect_verified({"GET", "/", "max-keys=2&prefix=J", headers});
  expect_verified({"GET", "/", "prefix=%4a&max-keys=2", headers});
}

TEST(SigV4Examples, PresignedGet) {
  const HeaderList headers = {{"Host", kHost}};
  const std::string_view query =
      "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3"
      "%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
  const SigV4Request request{"GET", "/test.txt", query, headers};
  EXPECT_TRUE(verify(request, kTime));
  EXPECT_TRUE(verify(request, kTime + 86400));
  EXPECT_EQ(verify(request, kTime + 86401).error().reason, static_cast<uint16_t>(SigV4Error::kExpired));
  EXPECT_TRUE(verify(request, kTime - 900));
  EXPECT_EQ(verify(request, kTime - 901).error().reason, static_cast<uint16_t>(SigV4Error::kNotYetValid));
}

TEST(SigV4Examples, PresignsTheSameUrl) {
  const HeaderList headers = {{"Host", kHost}};
  SigningKeyCache keys;
  const Result<std::string> query =
      presign({"GET", "/test.txt", "", headers}, {"AKIAIOSFODNN7EXAMPLE", std::string(kSecret)}, kTime, 86400, keys);
  ASSERT_TRUE(query);
  EXPECT_TRUE(query->ends_with("aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")) << *query;
}

TEST(SigV4Examples, PostPolicy) {
  constexpr std::string_view kPolicy =
      "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2"
      "NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMt"
      "cmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29t"
      "L3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4"
      "LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0s"
      "DQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZP"
      "RE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1B"
      "Qy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
  constexpr std::string_view kSignature = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e";
  SigningKeyCache keys;
  const auto scope = CredentialScope::parse("AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request");
  ASSERT_TRUE(scope);
  EXPECT_TRUE(verify_policy_signature(kPolicy, *scope, kSecret, kSignature, keys));
  EXPECT_FALSE(verify_policy_signature(kPolicy.substr(4), *scope, kSecret, kSignature, keys));
  EXPECT_EQ(sign_policy(kPolicy, {"AKIAIOSFODNN7EXAMPLE", std::string(kSecret)}, "20151229T000000Z", keys), kSignature);
}

TEST(SigV4, VerifiesWhatItSigns) {
  SigningKeyCache keys;
  const SigningCredentials credentials{"slash/key", "secret", "eu-north-7"};
  const std::string date = amz_date(kTime);
  HeaderList headers = {{"HOST", "h:1"},
                        {"X-Amz-Date", date},
                        {"x-amz-content-sha256", kUnsignedPayload},
                        {"x-amz-meta-b", " a \t b  c "},
                        {"x-amz-meta-a", "first"},
                        {"X-AMZ-META-A", "second"},
                        {"Content-Type", "text/plain"},
                        {"User-Agent", "not signed"}};
  SigV4Request request{"PUT", "/a%20b//../%E2%82%AC+*~/", "b=1&a=%2b+x&a&A=", headers};
  const Result<SignedRequest> signed_request = sign_request(request, credentials, kTime, kUnsignedPayload, keys);
  ASSERT_TRUE(signed_request);
  headers.push_back({"Authorization", signed_request->authorization});
  request.headers = headers;
  const Result<SigV4Claim> claim = parse_sigv4(request);
  ASSERT_TRUE(claim) << claim.error().to_string();
  EXPECT_EQ(claim->scope.access_key(), "slash/key");
  EXPECT_EQ(claim->scope.region(), "eu-north-7");
  EXPECT_EQ(claim->payload_mode, PayloadMode::kUnsigned);
  const Result<VerifiedSignature> verified = verify_sigv4(request, *claim, "secret", kTime, keys);
  ASSERT_TRUE(verified) << verified.error().to_string();
  EXPECT_EQ(verified->seed_signature, signed_request->seed.seed_signature);
  EXPECT_EQ(verified->scope, "20130524/eu-north-7/s3/aws4_request");
}

TEST(SigV4, WritesTheCanonicalRequestByTheRules) {
  const HeaderList headers = {{"host", "h"}, {"x-amz-meta-a", "  a   b\tc  "}, {"X-Amz-Meta-A", "2"}};
  Bytes out;
  ASSERT_TRUE(append_canonical_request(out, {"GET", "/a//b/../%7euser+x%2F", "b=2&a-=1&a=2&a=10&c", headers},
                                       "absent;host;x-amz-meta-a", "HASH"));
  EXPECT_EQ(out,
            "GET\n/a//b/../~user%2Bx/\na=10&a=2&a-=1&b=2&c=\nabsent:\nhost:h\nx-amz-meta-a:a b c,2\n\n"
            "absent;host;x-amz-meta-a\nHASH");
  EXPECT_FALSE(append_canonical_request(out, {"GET", "/%", "", headers}, "host", "HASH"));
  EXPECT_FALSE(append_canonical_request(out, {"GET", "/", "a=%x", headers}, "host", "HASH"));
}

TEST(SigV4, ShowsWhatItSignedWhenSignaturesDiffer) {
  const std::string value = authorization("host;x-amz-content-sha256;x-amz-date", std::string(64, '0'));
  const HeaderList headers = {{"Host", kHost},
                              {"Authorization", value},
                              {"x-amz-date", "20130524T000000Z"},
                              {"x-amz-content-sha256", kEmptySha256}};
  SignatureMismatch mismatch;
  const auto verified = verify({"GET", "/", "x", headers}, kTime, kSecret, &mismatch);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().reason, static_cast<uint16_t>(SigV4Error::kSignatureMismatch));
  EXPECT_TRUE(mismatch.canonical_request.starts_with("GET\n/\nx=\nhost:examplebucket"));
  EXPECT_TRUE(mismatch.string_to_sign.starts_with("AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4"));
}

TEST(SigningKeyCache, GivesTheSameKeysAsDerivation) {
  SigningKeyCache keys(1);
  for (int round = 0; round < 2; ++round) {
    for (const char* secret : {"a", "b"}) {
      EXPECT_EQ(keys.get(secret, "20130524", "r", "s3").sign("x"),
                derive_signing_key(secret, "20130524", "r", "s3").sign("x"));
    }
  }
}

}  // namespace
}  // namespace tp::wire
