// Multipart uploads, from bytes to bytes.
#include <gtest/gtest.h>

#include "base/hash/hasher.h"
#include "support/plane_client.h"
#include "unit/front/s3_rig.h"
#include "wire/text/uri.h"
#include "wire/text/xml_reader.h"

namespace tp::test {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;
constexpr size_t kPartBytes = 5 << 20;

std::string base64_of(ChecksumAlgorithm algorithm, const std::string& data) {
  return to_base64(digest(algorithm, data));
}

class UploadRequests : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(rig_.put("/box", "").status, 200); }

  std::string begin(const std::string& path, Fields fields = {}) {
    const Reply reply = rig_.send({.method = "POST", .path = path, .query = "uploads", .headers = std::move(fields)});
    EXPECT_EQ(reply.status, 200) << reply.body;
    return reply.element("UploadId");
  }
  Reply send_part(const std::string& path, const std::string& upload, const std::string& number, std::string data,
                  Fields fields = {}) {
    return rig_.send({.method = "PUT",
                      .path = path,
                      .query = "partNumber=" + number + "&uploadId=" + upload,
                      .headers = std::move(fields),
                      .body = std::move(data)});
  }
  static std::string entry(int number, const std::string& etag, const std::string& more = "") {
    return "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + etag + "</ETag>" + more + "</Part>";
  }
  Reply complete(const std::string& path, const std::string& upload, const std::string& entries, Fields fields = {}) {
    return rig_.send({.method = "POST",
                      .path = path,
                      .query = "uploadId=" + upload,
                      .headers = std::move(fields),
                      .body = "<CompleteMultipartUpload>" + entries + "</CompleteMultipartUpload>"});
  }
  Reply list(const std::string& path, const std::string& query) { return rig_.get(path, {}, query); }

  const std::string first_ = make_data(1, kPartBytes);
  const std::string last_ = "the rest";
  S3Rig rig_;
};

TEST_F(UploadRequests, PartsBecomeAnObjectAndARetryHearsTheSame) {
  const std::string upload = begin("/box/dir/k%20%C3%A9", {{"Content-Type", "a/b"}, {"x-amz-meta-who", "me"}});
  ASSERT_EQ(upload.size(), 40u);
  const std::string one = send_part("/box/dir/k%20%C3%A9", upload, "1", first_).header("etag");
  const std::string two = send_part("/box/dir/k%20%C3%A9", upload, "7", last_).header("etag");
  EXPECT_EQ(rig_.get("/box/dir/k%20%C3%A9").status, 404) << "nothing is visible before completion";
  const std::string entries = entry(1, one) + entry(7, two);
  const Reply done = complete("/box/dir/k%20%C3%A9", upload, entries);
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.element("Location"), "http://localhost:9000/box/dir/k%20%C3%A9");
  EXPECT_EQ(done.element("Key"), "dir/k \xC3\xA9");
  EXPECT_EQ(done.element("ChecksumType"), "FULL_OBJECT");
  EXPECT_NE(done.element("ETag").find("-2&quot;"), std::string::npos);
  const Reply got = rig_.get("/box/dir/k%20%C3%A9");
  EXPECT_TRUE(got.body == first_ + last_);
  EXPECT_EQ(got.header("content-type"), "a/b");
  EXPECT_EQ(got.header("x-amz-meta-who"), "me");
  const Reply again = complete("/box/dir/k%20%C3%A9", upload, entries);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.element("ETag"), done.element("ETag"));
  EXPECT_EQ(complete("/box/dir/k%20%C3%A9", upload, entry(1, one)).code(), "NoSuchUpload") << "not what was completed";
}

TEST_F(UploadRequests, CompletionsThatDoNotFitAreRefusedAndLeaveTheUpload) {
  const std::string upload = begin("/box/k");
  const std::string small = send_part("/box/k", upload, "1", "small").header("etag");
  const std::string two = send_part("/box/k", upload, "2", last_).header("etag");
  EXPECT_EQ(complete("/box/k", upload, "").code(), "MalformedXML");
  EXPECT_EQ(complete("/box/k", upload, entry(2, two) + entry(1, small)).code(), "InvalidPartOrder");
  EXPECT_EQ(complete("/box/k", upload, entry(1, small) + entry(1, small)).code(), "InvalidPartOrder");
  EXPECT_EQ(complete("/box/k", upload, entry(1, two)).code(), "InvalidPart");
  EXPECT_EQ(complete("/box/k", upload, entry(3, two)).code(), "InvalidPart");
  EXPECT_EQ(complete("/box/k", upload, entry(1, small) + entry(2, two)).code(), "EntityTooSmall");
  EXPECT_EQ(complete("/box/k", upload, entry(2, two), {{"x-amz-mp-object-size", "7"}}).code(), "InvalidRequest");
  EXPECT_EQ(complete("/box/k", upload, entry(2, two), {{"x-amz-mp-object-size", "x"}}).code(), "InvalidArgument");
  EXPECT_EQ(complete("/box/other", upload, entry(2, two)).code(), "NoSuchUpload");
  EXPECT_EQ(complete("/box/k", upload.substr(1) + "0", entry(2, two)).code(), "NoSuchUpload");
  ASSERT_EQ(rig_.put("/box/k", "there").status, 200);
  EXPECT_EQ(complete("/box/k", upload, entry(2, two), {{"If-None-Match", "*"}}).code(), "PreconditionFailed");
  EXPECT_EQ(complete("/box/k", upload, entry(2, two), {{"If-Match", "\"wrong\""}}).code(), "PreconditionFailed");
  EXPECT_EQ(complete("/box/k", upload, entry(2, two), {{"x-amz-mp-object-size", "8"}}).status, 200);
  EXPECT_EQ(rig_.get("/box/k").body, last_);
}

TEST_F(UploadRequests, AskedChecksumsAreEchoedCheckedAndCombined) {
  const Fields asked = {{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}};
  const std::string upload = begin("/box/k", asked);
  const std::string crc_one = base64_of(ChecksumAlgorithm::kCrc32, first_);
  const std::string crc_two = base64_of(ChecksumAlgorithm::kCrc32, last_);
  EXPECT_EQ(send_part("/box/k", upload, "1", first_, {{"x-amz-checksum-crc32", crc_two}}).code(), "BadDigest");
  const Reply one = send_part("/box/k", upload, "1", first_, {{"x-amz-checksum-crc32", crc_one}});
  EXPECT_EQ(one.header("x-amz-checksum-crc32"), crc_one);
  const Reply two = send_part("/box/k", upload, "2", last_, {{"x-amz-checksum-crc32", crc_two}});
  const Reply parts = list("/box/k", "uploadId=" + upload);
  EXPECT_EQ(parts.element("ChecksumAlgorithm"), "CRC32");
  EXPECT_EQ(parts.element("ChecksumType"), "FULL_OBJECT");
  EXPECT_EQ(parts.element("ChecksumCRC32"), crc_one);
  const std::string entries = entry(1, one.header("etag"), "<ChecksumCRC32>" + crc_one + "</ChecksumCRC32>") +
                              entry(2, two.header("etag"), "<ChecksumCRC32>" + crc_two + "</ChecksumCRC32>");
  const std::string swapped = entry(1, one.header("etag"), "<ChecksumCRC32>" + crc_two + "</ChecksumCRC32>");
  EXPECT_EQ(complete("/box/k", upload, swapped).code(), "InvalidPart");
  const std::string crc_all = base64_of(ChecksumAlgorithm::kCrc32, first_ + last_);
  EXPECT_EQ(complete("/box/k", upload, entries, {{"x-amz-checksum-crc32", crc_one}}).code(), "BadDigest");
  EXPECT_EQ(complete("/box/k", upload, entries, {{"x-amz-checksum-crc32", "?"}}).code(), "InvalidRequest");
  EXPECT_EQ(complete("/box/k", upload, entries, {{"x-amz-checksum-type", "COMPOSITE"}}).code(), "InvalidRequest");
  const Reply done = complete("/box/k", upload, entries, {{"x-amz-checksum-crc32", crc_all}});
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(done.element("ChecksumCRC32"), crc_all);
}

TEST_F(UploadRequests, ChecksumOptionsThatCannotBeAreRefused) {
  const auto code = [&](Fields fields) {
    return rig_.send({.method = "POST", .path = "/box/k", .query = "uploads", .headers = std::move(fields)}).code();
  };
  EXPECT_EQ(code({{"x-amz-checksum-algorithm", "CRC16"}}), "InvalidRequest");
  EXPECT_EQ(code({{"x-amz-checksum-type", "FULL_OBJECT"}}), "InvalidRequest");
  EXPECT_EQ(code({{"x-amz-checksum-algorithm", "SHA1"}, {"x-amz-checksum-type", "FULL_OBJECT"}}), "InvalidRequest");
  EXPECT_EQ(code({{"x-amz-checksum-algorithm", "CRC64NVME"}, {"x-amz-checksum-type", "COMPOSITE"}}), "InvalidRequest");
  EXPECT_EQ(code({{"x-amz-checksum-algorithm", "SHA256"}, {"x-amz-checksum-type", "HALF"}}), "InvalidRequest");
}

TEST_F(UploadRequests, AnAbortedOrInventedUploadIsNoMore) {
  const std::string upload = begin("/box/k");
  ASSERT_EQ(send_part("/box/k", upload, "1", last_).status, 200);
  EXPECT_EQ(rig_.send({.method = "DELETE", .path = "/box/k", .query = "uploadId=" + upload}).status, 204);
  EXPECT_EQ(rig_.send({.method = "DELETE", .path = "/box/k", .query = "uploadId=" + upload}).code(), "NoSuchUpload");
  for (const std::string& id : {upload, std::string("1"), std::string("%00"), std::string(5000, 'a')}) {
    EXPECT_EQ(send_part("/box/k", id, "1", last_).code(), "NoSuchUpload") << id;
    EXPECT_EQ(list("/box/k", "uploadId=" + id).code(), "NoSuchUpload") << id;
  }
}

TEST_F(UploadRequests, PartNumbersAreOneToTenThousand) {
  const std::string upload = begin("/box/k");
  for (const std::string number : {"0", "10001", "-1", "65537", "1x", ""}) {
    EXPECT_EQ(send_part("/box/k", upload, number, last_).code(), "InvalidArgument") << number;
  }
  EXPECT_EQ(send_part("/box/k", upload, "10000", last_).status, 200);
}

TEST_F(UploadRequests, PartsAreListedPageByPage) {
  const std::string upload = begin("/box/k", {{"x-amz-storage-class", "STANDARD_IA"}});
  for (const int number : {2, 3, 9}) {
    ASSERT_EQ(send_part("/box/k", upload, std::to_string(number), std::string(number, 'x')).status, 200);
  }
  const Reply page = list("/box/k", "max-parts=2&uploadId=" + upload);
  EXPECT_EQ(page.element("IsTruncated"), "true");
  EXPECT_EQ(page.element("NextPartNumberMarker"), "3");
  EXPECT_EQ(page.element("PartNumber"), "2");
  EXPECT_EQ(page.element("Size"), "2");
  EXPECT_EQ(page.element("StorageClass"), "STANDARD_IA");
  EXPECT_NE(page.body.find("<Initiator><ID>root</ID>"), std::string::npos) << page.body;
  const Reply rest = list("/box/k", "max-parts=1&part-number-marker=3&uploadId=" + upload);
  EXPECT_EQ(rest.element("PartNumber"), "9");
  EXPECT_EQ(rest.element("IsTruncated"), "false");
  EXPECT_EQ(list("/box/k", "max-parts=0&uploadId=" + upload).element("IsTruncated"), "false");
  EXPECT_EQ(list("/box/k", "part-number-marker=70000&uploadId=" + upload).status, 200);
  EXPECT_EQ(list("/box/k", "max-parts=x&uploadId=" + upload).code(), "InvalidArgument");
}

TEST_F(UploadRequests, UploadsAreListedInOrderAtEveryPageSize) {
  std::vector<std::string> expected;
  for (const std::string key : {"a", "a", "d/1", "d/2", "e%2Bf"}) expected.push_back(begin("/box/" + key));
  for (size_t size = 1; size <= 6; ++size) {
    std::vector<std::string> got;
    std::string position;
    for (size_t page = 1; page <= 6; ++page) {
      const Reply reply = list("/box", "uploads&max-uploads=" + std::to_string(size) + position);
      const auto document = wire::XmlDocument::parse(reply.body);
      ASSERT_TRUE(document.has_value()) << reply.body;
      for (const auto& upload : document->root().children("Upload")) got.push_back(upload.child_text("UploadId"));
      EXPECT_EQ(reply.element("IsTruncated") == "true", page * size < expected.size());
      if (reply.element("IsTruncated") != "true") break;
      position = "&key-marker=" + wire::percent_encode(reply.element("NextKeyMarker"), wire::Slash::kEncode) +
                 "&upload-id-marker=" + reply.element("NextUploadIdMarker");
    }
    EXPECT_EQ(got, expected) << size;
  }
  const Reply grouped = list("/box", "uploads&delimiter=/&encoding-type=url");
  EXPECT_NE(grouped.body.find("<CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>"), std::string::npos);
  EXPECT_NE(grouped.body.find("<Key>e%2Bf</Key>"), std::string::npos);
  EXPECT_EQ(list("/box", "uploads&prefix=d/").body.find("<Key>a</Key>"), std::string::npos);
  EXPECT_EQ(list("/box", "uploads&key-marker=a&upload-id-marker=x").code(), "InvalidArgument");
}

TEST_F(UploadRequests, PartsAreCopiedFromObjectsAndRangesOfThem) {
  ASSERT_EQ(rig_.put("/box/source%20one", first_ + "0123456789").status, 200);
  const std::string upload = begin("/box/k");
  const auto copy = [&](const std::string& number, Fields fields) {
    fields.emplace_back("x-amz-copy-source", "/box/source%20one");
    return send_part("/box/k", upload, number, "", std::move(fields));
  };
  const Reply whole = copy("1", {});
  ASSERT_EQ(whole.status, 200) << whole.body;
  const Reply range = copy("2", {{"x-amz-copy-source-range", "bytes=5242882-5242885"}});
  ASSERT_EQ(range.status, 200) << range.body;
  EXPECT_EQ(copy("3", {{"x-amz-copy-source-range", "bytes=5-"}}).code(), "InvalidArgument");
  EXPECT_EQ(copy("3", {{"x-amz-copy-source-range", "0-4"}}).code(), "InvalidArgument");
  EXPECT_EQ(copy("3", {{"x-amz-copy-source-range", "bytes=0-99999999"}}).code(), "InvalidRange");
  EXPECT_EQ(copy("3", {{"x-amz-copy-source-if-match", "\"no\""}}).code(), "PreconditionFailed");
  EXPECT_EQ(send_part("/box/k", upload, "3", "", {{"x-amz-copy-source", "/box/none"}}).code(), "NoSuchKey");
  const std::string entries = entry(1, whole.element("ETag")) + entry(2, range.element("ETag"));
  ASSERT_EQ(complete("/box/k", upload, entries).status, 200);
  EXPECT_TRUE(rig_.get("/box/k").body == first_ + "0123456789" + "2345");
}

TEST_F(UploadRequests, OthersMayNotTouchAnUpload) {
  rig_.add_user("ann");
  const std::string upload = begin("/box/k");
  const auto as_ann = [&](const std::string& method, const std::string& query, const std::string& body = "") {
    return rig_.send(rig_.as("ann", {.method = method, .path = "/box/k", .query = query, .body = body})).code();
  };
  EXPECT_EQ(as_ann("POST", "uploads"), "AccessDenied");
  EXPECT_EQ(as_ann("PUT", "partNumber=1&uploadId=" + upload, "x"), "AccessDenied");
  EXPECT_EQ(as_ann("GET", "uploadId=" + upload), "AccessDenied");
  EXPECT_EQ(as_ann("DELETE", "uploadId=" + upload), "AccessDenied");
  EXPECT_EQ(rig_.send(rig_.as("ann", {.method = "GET", .path = "/box", .query = "uploads"})).code(), "AccessDenied");
}

}  // namespace
}  // namespace tp::test
