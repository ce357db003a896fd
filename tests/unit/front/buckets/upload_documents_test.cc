// Upload ids and the CompleteMultipartUpload document, well-formed and not.
#include <gtest/gtest.h>

#include <set>

#include "front/s3/core/s3_error.h"
#include "front/s3/upload/complete_document.h"
#include "front/s3/upload/upload_token.h"

namespace tp::s3 {
namespace {

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "" : std::string(s3_error_of(result.error()).name);
}

std::string complete(const std::string& parts) {
  return "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>";
}
std::string part(int number, const std::string& more = "") {
  const std::string text = std::to_string(number);
  return "<Part><PartNumber>" + text + "</PartNumber><ETag>\"e" + text + "\"</ETag>" + more + "</Part>";
}

TEST(UploadToken, GoesThereAndBack) {
  std::set<std::string> seen;
  for (const uint64_t number : {uint64_t{1}, uint64_t{2}, uint64_t{1} << 40, ~uint64_t{0}}) {
    const std::string text = encode_upload_id(UploadId(number));
    EXPECT_EQ(text.size(), 40u);
    EXPECT_TRUE(seen.insert(text).second);
    const auto upload = decode_upload_id(text);
    ASSERT_TRUE(upload.has_value());
    EXPECT_EQ(upload->value, number);
  }
}

TEST(UploadToken, InventedAndEditedIdsAreRefused) {
  const std::string text = encode_upload_id(UploadId(7));
  for (size_t i = 0; i < text.size(); ++i) {
    std::string edited = text;
    edited[i] = edited[i] == '0' ? '1' : '0';
    EXPECT_FALSE(decode_upload_id(edited).has_value()) << i;
  }
  EXPECT_FALSE(decode_upload_id("").has_value());
  EXPECT_FALSE(decode_upload_id("7").has_value());
  EXPECT_FALSE(decode_upload_id(text + "00").has_value());
  EXPECT_FALSE(decode_upload_id(std::string(40, 'g')).has_value());
  EXPECT_FALSE(decode_upload_id("../../../../etc/passwd").has_value());
}

TEST(CompleteDocument, ListsPartsInTheOrderSent) {
  const auto parts = parse_complete_document(
      complete(part(2, "<ChecksumCRC32>AAAAAA==</ChecksumCRC32><Size>5</Size>") + part(1)));
  ASSERT_TRUE(parts.has_value());
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[0].number, 2);
  EXPECT_EQ((*parts)[0].etag, "e2");
  EXPECT_EQ((*parts)[0].checksum, Bytes(4, '\0'));
  EXPECT_EQ((*parts)[1].number, 1);
  EXPECT_FALSE((*parts)[1].checksum.has_value());
}

TEST(CompleteDocument, BadDocumentsAreRefusedWithTheirCode) {
  EXPECT_EQ(code_of(parse_complete_document("")), "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_document(complete(""))), "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_document("<Other/>")), "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_document(complete("<Parts/>"))), "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_document(complete("<Part><PartNumber>1</PartNumber></Part>"))), "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_document(complete("<Part><ETag>e</ETag></Part>"))), "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_document(complete(part(0)))), "InvalidArgument");
  EXPECT_EQ(code_of(parse_complete_document(complete(part(10001)))), "InvalidArgument");
  EXPECT_EQ(code_of(parse_complete_document(complete(part(65537)))), "InvalidArgument") << "must not wrap to part 1";
  EXPECT_EQ(code_of(parse_complete_document(complete(part(1, "<ChecksumSHA1>AAAA</ChecksumSHA1>")))), "InvalidPart");
  EXPECT_EQ(code_of(parse_complete_document(complete(part(1, "<ChecksumNEW>AAAA</ChecksumNEW>")))), "MalformedXML");
  EXPECT_EQ(code_of(parse_complete_document(complete(part(
                1, "<ChecksumCRC32>AAAAAA==</ChecksumCRC32><ChecksumCRC32C>AAAAAA==</ChecksumCRC32C>")))),
            "MalformedXML");
}

TEST(CompleteDocument, TakesTenThousandPartsAndNoMore) {
  std::string xml;
  for (int i = 1; i <= 10'000; ++i) xml += part(i, "<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>");
  const auto parts = parse_complete_document(complete(xml));
  ASSERT_TRUE(parts.has_value()) << code_of(parts);
  EXPECT_EQ(parts->size(), 10'000u);
  EXPECT_EQ(code_of(parse_complete_document(complete(xml + part(1)))), "MalformedXML");
}

TEST(CompleteDocument, OnlyAWholePairOfQuotesIsTakenOff) {
  EXPECT_EQ(unquoted_etag("\"a\""), "a");
  EXPECT_EQ(unquoted_etag("a"), "a");
  EXPECT_EQ(unquoted_etag("\""), "\"");
  EXPECT_EQ(unquoted_etag("\"a"), "\"a");
}

}  // namespace
}  // namespace tp::s3
