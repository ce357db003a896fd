#include <gtest/gtest.h>

#include "wire/aws/sigv4_signer.h"
#include "wire/http/chunked_decoder.h"
#include "wire/upload/aws_chunked_decoder.h"

namespace tp::wire {
namespace {

constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The seed of AWS's published examples, with its signature.
VerifiedSignature seed_of(std::string_view signature) {
  VerifiedSignature seed;
  seed.signing_key = derive_signing_key(kSecret, "20130524", "us-east-1", "s3");
  std::copy(signature.begin(), signature.end(), seed.seed_signature.begin());
  seed.amz_date = "20130524T000000Z";
  seed.scope = "20130524/us-east-1/s3/aws4_request";
  return seed;
}

std::string chunk(std::string_view size, std::string_view signature, const std::string& data) {
  return std::string(size) + ";chunk-signature=" + std::string(signature) + "\r\n" + data + "\r\n";
}

/// "Example calculations: transfer payload in multiple chunks": 65 KiB of 'a'.
const VerifiedSignature kSeed = seed_of("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
std::string signed_body() {
  return chunk("10000", "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648", std::string(65536, 'a')) +
         chunk("400", "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", std::string(1024, 'a')) +
         chunk("0", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", "");
}

/// The same with a signed trailer ("... with trailing headers").
const VerifiedSignature kTrailerSeed = seed_of("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
std::string signed_trailer_body(std::string_view after_value = "\r\n") {
  return chunk("10000", "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2", std::string(65536, 'a')) +
         chunk("400", "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", std::string(1024, 'a')) +
         "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n" +
         "x-amz-checksum-crc32c:sOO8/Q==" + std::string(after_value) +
         "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
}

struct Outcome {
  std::string payload;
  std::vector<AwsChunkedDecoder::Field> trailer;
};

Result<Outcome> decode(AwsChunkedDecoder decoder, std::string_view body, size_t piece) {
  Outcome outcome;
  for (size_t at = 0; at < body.size();) {
    TP_TRY(const AwsChunkedDecoder::Step step, decoder.next(body.substr(at, piece)));
    outcome.payload += step.payload;
    at += step.consumed_bytes;
  }
  TP_TRY_VOID(decoder.finish());
  outcome.trailer = decoder.trailer();
  return outcome;
}

AwsChunkedDecoder signed_decoder(uint64_t bytes = 66560) {
  return AwsChunkedDecoder(PayloadMode::kStreamingSigned, bytes, "", &kSeed);
}
AwsChunkedDecoder unsigned_decoder(uint64_t bytes, std::string_view trailer) {
  return AwsChunkedDecoder(PayloadMode::kStreamingUnsignedTrailer, bytes, trailer, nullptr);
}

TEST(AwsChunked, DecodesThePublishedExample) {
  for (const size_t piece : {1u, 7u, 1000u, 65536u, 100000u}) {
    const Result<Outcome> outcome = decode(signed_decoder(), signed_body(), piece);
    ASSERT_TRUE(outcome) << outcome.error().to_string();
    EXPECT_EQ(outcome->payload, std::string(66560, 'a'));
  }
}

TEST(AwsChunked, DecodesThePublishedTrailerExample) {
  for (const char* line_end : {"\r\n", "\n", "\n\r\n"}) {
    for (const size_t piece : {1u, 100000u}) {
      AwsChunkedDecoder decoder(PayloadMode::kStreamingSignedTrailer, 66560, "x-amz-checksum-crc32c", &kTrailerSeed);
      const Result<Outcome> outcome = decode(std::move(decoder), signed_trailer_body(line_end), piece);
      ASSERT_TRUE(outcome) << outcome.error().to_string();
      ASSERT_EQ(outcome->trailer.size(), 1u);
      EXPECT_EQ(outcome->trailer[0].name, "x-amz-checksum-crc32c");
      EXPECT_EQ(outcome->trailer[0].value, "sOO8/Q==");
    }
  }
}

TEST(AwsChunked, NoticesEveryChangedByte) {
  const std::string body = signed_trailer_body();
  for (size_t at = 0; at < body.size(); at += at < 66000 && at > 100 ? 4999 : 1) {
    std::string changed = body;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    AwsChunkedDecoder decoder(PayloadMode::kStreamingSignedTrailer, 66560, "x-amz-checksum-crc32c", &kTrailerSeed);
    EXPECT_FALSE(decode(std::move(decoder), changed, body.size())) << at;
  }
}

TEST(AwsChunked, HoldsBackTheEndOfAForgedChunk) {
  std::string body = signed_body();
  body[body.find("\r\n") + 2] = 'b';
  AwsChunkedDecoder decoder = signed_decoder();
  const Result<AwsChunkedDecoder::Step> step = decoder.next(body);
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().reason, static_cast<uint16_t>(SigV4Error::kChunkSignatureMismatch));
}

TEST(AwsChunked, RefusesTruncatedBodies) {
  const std::string body = signed_body();
  for (size_t cut = 5; cut < 300; ++cut) {
    EXPECT_FALSE(decode(signed_decoder(), body.substr(0, body.size() - cut), body.size())) << cut;
  }
  EXPECT_TRUE(decode(signed_decoder(), body.substr(0, body.size() - 2), body.size()));
  EXPECT_FALSE(decode(signed_decoder(), "", 1));
  const std::string trailer = signed_trailer_body();
  const size_t from = trailer.find("x-amz-checksum");
  for (size_t size = from; size + 2 < trailer.size(); ++size) {
    AwsChunkedDecoder decoder(PayloadMode::kStreamingSignedTrailer, 66560, "x-amz-checksum-crc32c", &kTrailerSeed);
    EXPECT_FALSE(decode(std::move(decoder), trailer.substr(0, size), trailer.size())) << size;
  }
}

// What @aws-sdk/client-s3 sends for a stream over plain HTTP: HTTP chunks around aws-chunks.
TEST(AwsChunked, DecodesTheJavaScriptClientsBodyInEverySplit) {
  const std::string body =
      "3\r\nc\r\n\r\nc\r\nhello stream\r\n2\r\n\r\n\r\n3\r\n0\r\n\r\n1f\r\nx-amz-checksum-crc32:gtnkmQ==\r\n\r\n"
      "2\r\n\r\n\r\n0\r\n\r\n";
  for (size_t first = 1; first <= body.size(); ++first) {
    ChunkedDecoder http;
    AwsChunkedDecoder aws = unsigned_decoder(12, "x-amz-checksum-crc32");
    std::string payload;
    for (size_t at = 0; at < body.size();) {
      std::string part = body.substr(at, at == 0 ? first : body.size());
      const Result<ChunkedDecoder::InPlace> outer = http.decode_in_place(part);
      ASSERT_TRUE(outer);
      at += outer->consumed_bytes;
      const Result<AwsChunkedDecoder::InPlace> inner = aws.decode_in_place({part.data(), outer->payload_bytes});
      ASSERT_TRUE(inner) << inner.error().to_string();
      payload += part.substr(0, inner->payload_bytes);
    }
    EXPECT_TRUE(http.done());
    EXPECT_TRUE(aws.done());
    ASSERT_TRUE(aws.finish());
    EXPECT_EQ(payload, "hello stream");
    ASSERT_EQ(aws.trailer().size(), 1u);
    EXPECT_EQ(aws.trailer()[0].value, "gtnkmQ==");
  }
}

TEST(AwsChunked, AcceptsTheVariantsOfClients) {
  // minio-go ends a trailer line in "\n" and the body in two CRLF.
  EXPECT_TRUE(decode(unsigned_decoder(1, "X-Amz-Checksum-Crc32"), "1\r\na\r\n0\r\nx-amz-checksum-crc32:x\n\r\n\r\n",
  3));
  EXPECT_TRUE(decode(unsigned_decoder(1, ""), "1\r\na\r\n0\r\n\r\n", 3));
  EXPECT_TRUE(decode(unsigned_decoder(0, " b , A "), "0\r\nA: 1\r\nb:2\r\n\r\n", 30));
  EXPECT_TRUE(decode(unsigned_decoder(1, "a"), "1\r\na\r\n0\r\na:x\r\n", 3));
}

TEST(AwsChunked, WantsTheLengthThatWasDeclared) {
  EXPECT_FALSE(decode(signed_decoder(66559), signed_body(), 70000));
  EXPECT_FALSE(decode(signed_decoder(66561), signed_body(), 70000));
  const Result<Outcome> more = decode(unsigned_decoder(1, ""), "2\r\nab\r\n0\r\n\r\n", 70000);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().reason, static_cast<uint16_t>(AwsChunkedError::kWrongLength));
}

TEST(AwsChunked, WantsTheTrailerThatWasDeclared) {
  const auto reason = [](std::string_view declared, std::string_view trailer) {
    const auto outcome = decode(unsigned_decoder(0, declared), "0\r\n" + std::string(trailer) + "\r\n", 100000);
    return outcome ? 0 : outcome.error().reason;
  };
  const auto bad = static_cast<uint16_t>(AwsChunkedError::kBadTrailer);
  EXPECT_EQ(reason("a", "a:1\r\n"), 0);
  EXPECT_EQ(reason("a", ""), bad);
  EXPECT_EQ(reason("", "a:1\r\n"), bad);
  EXPECT_EQ(reason("a,b", "a:1\r\n"), bad);
  EXPECT_EQ(reason("a", "a:1\r\na:2\r\n"), bad);
  EXPECT_EQ(reason("a", "b:1\r\n"), bad);
  EXPECT_EQ(reason("a", "a\r\n"), bad);
  EXPECT_EQ(reason("a", "a :1\r\n"), bad);
  EXPECT_EQ(reason("a", "a:\x01\r\n"), bad);
  EXPECT_EQ(reason("a", "a:1\r\nx-amz-trailer-signature:00\r\n"), bad);
  EXPECT_NE(reason("a", "a:" + std::string(17000, 'x') + "\r\n"), 0);
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "a:1\r\n";
  EXPECT_EQ(reason("a", many), bad);
}

TEST(AwsChunked, RefusesBadCoding) {
  for (const char* body : {"\r\n", "x\r\n", "1\na\r\n", "1\r\nab\r\n", "1\r\na\n", "-1\r\n", " 1\r\na\r\n",
                           "0x1\r\na\r\n",
                           "fffffffffffffffffffff\r\n", "ffffffffffffffff\r\n", "1;\r\r\na\n"}) {
    EXPECT_FALSE(decode(unsigned_decoder(1, ""), body, 100)) << body;
  }
  EXPECT_FALSE(decode(unsigned_decoder(1, ""), "1;" + std::string(5000, 'x'), 100));
  EXPECT_FALSE(decode(unsigned_decoder(0, ""), "0\r\n\r\nmore", 100));
  EXPECT_FALSE(decode(unsigned_decoder(0, ""), "0\r\n\r\n\r\n\r\n\r\n", 100));
  EXPECT_FALSE(decode(signed_decoder(0), "0\r\n\r\n", 100));
  EXPECT_FALSE(decode(signed_decoder(uint64_t{1} << 40), "40000001;chunk-signature=00\r\n", 100));
}

TEST(ChunkSigner, SignsWhatTheDecoderAccepts) {
  SigningKeyCache keys;
  const HeaderList headers = {{"host", "h"}, {"x-amz-date", "20130524T000000Z"}};
  const auto request = sign_request({"PUT", "/b/k", "", headers}, {"AK", "secret"}, 1369353600,
                                    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", keys);
  ASSERT_TRUE(request);
  ChunkSigner signer(request->seed);
  std::string body = chunk("3", signer.sign_chunk(sha256("abc")), "abc");
  body += "0;chunk-signature=" + std::string(signer.sign_chunk(sha256(""))) + "\r\nx-a:1\r\n";
  body += "x-amz-trailer-signature:" + std::string(signer.sign_trailer(sha256("x-a:1\n"))) + "\r\n\r\n";
  AwsChunkedDecoder decoder(PayloadMode::kStreamingSignedTrailer, 3, "x-a", &request->seed);
  const Result<Outcome> outcome = decode(std::move(decoder), body, 11);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(outcome->payload, "abc");
}

}  // namespace
}  // namespace tp::wire
