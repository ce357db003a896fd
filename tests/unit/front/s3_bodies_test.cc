// Request bodies as SDKs send them: lengths, codings, digests; and what happens to connections when they are wrong.
#include <gtest/gtest.h>

#include "base/hash/hasher.h"
#include "base/hash/sha256.h"
#include "unit/front/s3_rig.h"
#include "wire/aws/chunk_signer.h"

namespace tp::test {
namespace {

std::string checksum64(ChecksumAlgorithm algorithm, BytesView data) { return to_base64(digest(algorithm, data)); }

std::string hex_size(size_t size) {
  char text[20];
  std::snprintf(text, sizeof text, "%zx", size);
  return text;
}

class S3Bodies : public ::testing::Test {
 protected:
  void SetUp() override { rig_.make_bucket(); }

  // An aws-chunked upload whose chunks continue from the request's own signature.
  Reply put_signed_chunks(const std::vector<std::string>& chunks, bool with_trailer, bool spoil) {
    std::string data;
    for (const std::string& chunk : chunks) data += chunk;
    const std::string mode = std::string("STREAMING-AWS4-HMAC-SHA256-PAYLOAD") + (with_trailer ? "-TRAILER" : "");
    Ask ask{.method = "PUT", .path = "/box/signed", .payload_hash = mode, .content_length = false};
    ask.headers = {{"Content-Encoding", "aws-chunked"},
                   {"x-amz-decoded-content-length", std::to_string(data.size())},
                   {"Transfer-Encoding", "chunked"}};
    if (with_trailer) ask.headers.emplace_back("x-amz-trailer", "x-amz-checksum-crc32c");
    wire::VerifiedSignature seed;
    Bytes request = rig_.compose(ask, &seed);
    wire::ChunkSigner signer(seed);
    std::string coded;
    const auto add_chunk = [&](const std::string& chunk) {
      coded += hex_size(chunk.size()) + ";chunk-signature=" + std::string(signer.sign_chunk(sha256(chunk))) + "\r\n";
      coded += chunk;
      if (!chunk.empty() || !with_trailer) coded += "\r\n";
    };
    for (const std::string& chunk : chunks) add_chunk(chunk);
    add_chunk("");
    if (with_trailer) {
      const std::string line = "x-amz-checksum-crc32c:" + checksum64(ChecksumAlgorithm::kCrc32c, data);
      coded += line + "\r\n";
      coded += "x-amz-trailer-signature:" + std::string(signer.sign_trailer(sha256(line + "\n"))) + "\r\n\r\n";
    }
    if (spoil) coded[coded.find("\r\n") + 2] ^= 1;  // the first byte of data
    request += hex_size(coded.size()) + "\r\n" + coded + "\r\n0\r\n\r\n";
    Bytes answer = rig_.talk(std::move(request));
    return S3Rig::take_reply(answer);
  }

  S3Rig rig_;
};

TEST_F(S3Bodies, SignedChunksAreTakenApartAndVerified) {
  const std::string large(100'000, 'x');
  for (const bool trailer : {false, true}) {
    const Reply put = put_signed_chunks({large, "tail"}, trailer, false);
    ASSERT_EQ(put.status, 200) << put.body;
    const Reply got = rig_.get("/box/signed");
    EXPECT_EQ(got.body, large + "tail");
    EXPECT_FALSE(got.has("content-encoding"));
  }
}

TEST_F(S3Bodies, AChangedChunkIsRefusedAndNothingStored) {
  const Reply put = put_signed_chunks({"data"}, false, true);
  EXPECT_EQ(put.status, 403);
  EXPECT_EQ(put.code(), "SignatureDoesNotMatch");
  EXPECT_EQ(rig_.get("/box/signed").status, 404);
}

Ask unsigned_trailer(const std::string& data, const std::string& checksum) {
  Ask ask{.method = "PUT", .path = "/box/k", .payload_hash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"};
  ask.headers = {{"Content-Encoding", "aws-chunked"},
                 {"x-amz-decoded-content-length", std::to_string(data.size())},
                 {"x-amz-trailer", "x-amz-checksum-crc32"},
                 {"x-amz-sdk-checksum-algorithm", "CRC32"}};
  ask.body = hex_size(data.size()) + "\r\n" + data + "\r\n0\r\nx-amz-checksum-crc32:" + checksum + "\r\n\r\n";
  return ask;
}

TEST_F(S3Bodies, AnUnsignedTrailerCarriesTheChecksum) {
  const std::string sum = checksum64(ChecksumAlgorithm::kCrc32, "hello stream");
  const Reply put = rig_.send(unsigned_trailer("hello stream", sum));
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.header("x-amz-checksum-crc32"), sum);
  EXPECT_EQ(rig_.get("/box/k").body, "hello stream");
  EXPECT_FALSE(rig_.get("/box/k").has("x-amz-checksum-crc32"));
  EXPECT_EQ(rig_.get("/box/k", {{"x-amz-checksum-mode", "ENABLED"}}).header("x-amz-checksum-crc32"), sum);
}

TEST_F(S3Bodies, ATrailerThatIsWrongStoresNothing) {
  EXPECT_EQ(rig_.send(unsigned_trailer("data", checksum64(ChecksumAlgorithm::kCrc32, "other"))).code(), "BadDigest");
  EXPECT_EQ(rig_.send(unsigned_trailer("data", "AAAA")).code(), "InvalidRequest");
  Ask missing = unsigned_trailer("data", "");
  missing.body = "4\r\ndata\r\n0\r\n\r\n";
  EXPECT_EQ(rig_.send(missing).code(), "MalformedTrailerError");
  Ask cut = unsigned_trailer("data", "");
  cut.body = "4\r\nda";
  EXPECT_EQ(rig_.send(cut).code(), "IncompleteBody");
  Ask unknown = unsigned_trailer("data", "");
  unknown.headers[2].second = "x-amz-meta-a";
  EXPECT_EQ(rig_.send(unknown).code(), "InvalidRequest");
  EXPECT_EQ(rig_.get("/box/k").status, 404);
}

TEST_F(S3Bodies, TheJsSdksChunksWithinChunksAreUnderstood) {
  Ask ask{.method = "PUT", .path = "/box/js", .payload_hash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
          .content_length = false};
  ask.headers = {{"Content-Encoding", "aws-chunked"},
                 {"Transfer-Encoding", "chunked"},
                 {"x-amz-decoded-content-length", "12"},
                 {"x-amz-trailer", "x-amz-checksum-crc32"}};
  Bytes request = rig_.compose(ask);
  request +=
      "3\r\nc\r\n\r\nc\r\nhello stream\r\n2\r\n\r\n\r\n3\r\n0\r\n\r\n1f\r\nx-amz-checksum-crc32:gtnkmQ==\r\n\r\n"
      "2\r\n\r\n\r\n0\r\n\r\n";
  Bytes answer = rig_.talk(std::move(request));
  const Reply put = S3Rig::take_reply(answer);
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(rig_.get("/box/js").body, "hello stream");
}

TEST_F(S3Bodies, EveryChecksumIsCheckedAndReturned) {
  const std::pair<ChecksumAlgorithm, const char*> rows[] = {
      {ChecksumAlgorithm::kCrc32, "x-amz-checksum-crc32"},   {ChecksumAlgorithm::kCrc32c, "x-amz-checksum-crc32c"},
      {ChecksumAlgorithm::kSha1, "x-amz-checksum-sha1"},     {ChecksumAlgorithm::kSha256, "x-amz-checksum-sha256"},
      {ChecksumAlgorithm::kSha512, "x-amz-checksum-sha512"},
      {ChecksumAlgorithm::kCrc64Nvme, "x-amz-checksum-crc64nvme"},
  };
  for (const auto& [algorithm, name] : rows) {
    const std::string sum = checksum64(algorithm, "data");
    const Reply put = rig_.put("/box/k", "data", {{name, sum}});
    EXPECT_EQ(put.status, 200) << name << put.body;
    EXPECT_EQ(put.header(name), sum);
    EXPECT_EQ(rig_.head("/box/k", {{"x-amz-checksum-mode", "ENABLED"}}).header(name), sum);
    EXPECT_EQ(rig_.put("/box/bad", "data", {{name, checksum64(algorithm, "other")}}).code(), "BadDigest") << name;
    EXPECT_EQ(rig_.put("/box/bad", "data", {{name, "?"}}).code(), "InvalidRequest") << name;
  }
  EXPECT_EQ(rig_.get("/box/bad").status, 404);
}

TEST_F(S3Bodies, DigestsThatAreWrongStoreNothing) {
  const std::string other_md5 = checksum64(ChecksumAlgorithm::kMd5, "other");
  EXPECT_EQ(rig_.put("/box/k", "data", {{"Content-MD5", other_md5}}).code(), "BadDigest");
  EXPECT_EQ(rig_.put("/box/k", "data", {{"Content-MD5", "short"}}).code(), "InvalidDigest");
  Ask ask{.method = "PUT", .path = "/box/k", .body = "data",
          .payload_hash = to_hex(digest(ChecksumAlgorithm::kSha256, "other"))};
  EXPECT_EQ(rig_.send(ask).code(), "XAmzContentSHA256Mismatch");
  EXPECT_EQ(rig_.put("/box/k", "data",
                     {{"x-amz-checksum-crc32", checksum64(ChecksumAlgorithm::kCrc32, "data")},
                      {"x-amz-checksum-sha1", checksum64(ChecksumAlgorithm::kSha1, "data")}})
                .code(),
            "InvalidRequest");
  EXPECT_EQ(rig_.put("/box/k", "data", {{"x-amz-sdk-checksum-algorithm", "CRC32"}}).code(), "InvalidRequest");
  EXPECT_EQ(rig_.get("/box/k").status, 404);
}

TEST_F(S3Bodies, ABodyNeedsALength) {
  Ask ask{.method = "PUT", .path = "/box/k", .payload_hash = "UNSIGNED-PAYLOAD", .content_length = false};
  const Reply none = rig_.send(ask);
  EXPECT_EQ(none.status, 411);
  EXPECT_EQ(none.code(), "MissingContentLength");
  ask.headers = {{"Transfer-Encoding", "chunked"}};
  Bytes answer = rig_.talk(rig_.compose(ask) + "4\r\ndata\r\n0\r\n\r\n");
  EXPECT_EQ(S3Rig::take_reply(answer).status, 200);
  EXPECT_EQ(rig_.get("/box/k").body, "data");
  ask.headers = {{"Content-Length", "5368709121"}};
  EXPECT_EQ(rig_.send(ask).code(), "EntityTooLarge");
}

TEST_F(S3Bodies, AClientThatGoesHalfWayStoresNothing) {
  Ask ask{.method = "PUT", .path = "/box/k", .payload_hash = "UNSIGNED-PAYLOAD", .content_length = false};
  ask.headers = {{"Content-Length", "100"}};
  Bytes answer = rig_.talk(rig_.compose(ask) + "only this");
  if (!answer.empty()) EXPECT_EQ(S3Rig::take_reply(answer).code(), "IncompleteBody");
  EXPECT_EQ(rig_.get("/box/k").status, 404);
}

TEST_F(S3Bodies, AConnectionGoesOnAfterAnError) {
  Bytes requests = rig_.compose({.method = "PUT", .path = "/nobody/k", .body = "ignored"});
  requests += rig_.compose({.method = "GET", .path = "/box/none"});
  requests += rig_.compose({.method = "PUT", .path = "/box/k", .body = "data"});
  requests += rig_.compose({.method = "GET", .path = "/box/k"});
  Bytes answers = rig_.talk(std::move(requests));
  EXPECT_EQ(S3Rig::take_reply(answers).code(), "NoSuchBucket");
  EXPECT_EQ(S3Rig::take_reply(answers).code(), "NoSuchKey");
  EXPECT_EQ(S3Rig::take_reply(answers).status, 200);
  EXPECT_EQ(S3Rig::take_reply(answers).body, "data");
}

TEST_F(S3Bodies, NonsenseGetsAnErrorDocument) {
  Bytes answer = rig_.talk("NOT HTTP AT ALL\r\n\r\n");
  const Reply reply = S3Rig::take_reply(answer);
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.code(), "BadRequest");
  EXPECT_EQ(reply.header("content-type"), "application/xml");
}

}  // namespace
}  // namespace tp::test
