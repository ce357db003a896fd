// What needs no server: ranges, tags, the header scan, checksum names, log lines.
#include <gtest/gtest.h>

#include "front/s3/core/access_log.h"
#include "front/s3/core/header_scan.h"
#include "front/s3/core/s3_error.h"
#include "front/s3/message/body_reader.h"
#include "front/s3/message/range.h"
#include "front/s3/message/tagging.h"
#include "front/s3/message/xml_response.h"

namespace tp::s3 {
namespace {

std::string name_of(const Error& error) { return std::string(s3_error_of(error).name); }

TEST(S3HeaderScan, FindsEveryKnownFieldWhateverItsCase) {
  for (size_t i = 0; i < static_cast<size_t>(HeaderId::kCount); ++i) {
    const auto id = static_cast<HeaderId>(i);
    std::string upper(header_name(id));
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    const wire::HeaderList list = {{"x-nothing", "0"}, {upper, "first"}, {header_name(id), "second"}};
    const HeaderScan scan(list);
    EXPECT_TRUE(scan.has(id)) << upper;
    EXPECT_EQ(scan.text(id), "first") << upper;
    for (size_t other = 0; other < static_cast<size_t>(HeaderId::kCount); ++other) {
      if (other != i) EXPECT_FALSE(scan.has(static_cast<HeaderId>(other))) << upper;
    }
  }
}

TEST(S3HeaderScan, TellsAnEmptyFieldFromNone) {
  const HeaderScan scan(wire::HeaderList{{"range", ""}, {"x-amz-acl", std::string_view()}});
  EXPECT_TRUE(scan.has(HeaderId::kRange));
  EXPECT_TRUE(scan.has(HeaderId::kAcl));
  EXPECT_FALSE(scan.has(HeaderId::kIfMatch));
  EXPECT_FALSE(scan.has_user_metadata());
  EXPECT_TRUE(HeaderScan(wire::HeaderList{{"X-Amz-Meta-A", "1"}}).has_user_metadata());
}

TEST(S3Range, OneSatisfiableRangeIsServed) {
  const auto range = [](std::string_view field) { return *parse_range(field, 100); };
  EXPECT_EQ(range("bytes=0-9"), (ByteRange{0, 10}));
  EXPECT_EQ(range("bytes=90-"), (ByteRange{90, 10}));
  EXPECT_EQ(range("bytes=90-1000"), (ByteRange{90, 10}));
  EXPECT_EQ(range("bytes=-5"), (ByteRange{95, 5}));
  EXPECT_EQ(range("bytes=-500"), (ByteRange{0, 100}));
  EXPECT_EQ(range("bytes=99-99999999999999999999999"), (ByteRange{99, 1}));
  EXPECT_EQ(range("Bytes= 1-1"), (ByteRange{1, 1}));
}

TEST(S3Range, WhatIsNoSingleRangeMeansTheWholeObject) {
  for (const char* field : {"bytes=1-2,5-6", "bytes=5-1", "bytes=a-b", "bytes=", "bytes=-", "lines=1-2", "bytes 1-2",
                            "bytes=1", "bytes=1-2-3", "bytes=+1-2", "bytes=0x1-2", ""}) {
    const auto range = parse_range(field, 100);
    ASSERT_TRUE(range) << field;
    EXPECT_FALSE(range->has_value()) << field;
  }
}

TEST(S3Range, ARangeBeyondTheObjectIsRefused) {
  for (const char* field : {"bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-"}) {
    EXPECT_EQ(name_of(parse_range(field, 100).error()), "InvalidRange") << field;
  }
  EXPECT_EQ(name_of(parse_range("bytes=0-0", 0).error()), "InvalidRange");
  EXPECT_EQ(name_of(parse_range("bytes=-1", 0).error()), "InvalidRange");
}

TEST(S3Range, ACopySourceRangeNamesBothEnds) {
  EXPECT_EQ(*parse_copy_source_range("bytes=5-9"), (ByteRange{5, 5}));
  for (const char* field : {"bytes=5-", "bytes=-5", "5-9", "bytes=9-5", "bytes=0-99999999999999999999", "bytes="}) {
    EXPECT_EQ(name_of(parse_copy_source_range(field).error()), "InvalidArgument") << field;
  }
  EXPECT_EQ(content_range({5, 5}, 100), "bytes 5-9/100");
}

TEST(S3Tagging, TheFieldIsAQueryString) {
  const auto tags = parse_tagging_header("a=1&b%20c=%C3%A4+x&empty");
  ASSERT_TRUE(tags);
  EXPECT_EQ(*tags, (meta::TagSet{{"a", "1"}, {"b c", "\xc3\xa4 x"}, {"empty", ""}}));
}

TEST(S3Tagging, WhatIsNoTagIsRefused) {
  EXPECT_EQ(name_of(parse_tagging_header("a=1&a=2").error()), "InvalidTag");
  EXPECT_EQ(name_of(parse_tagging_header("aws:x=2").error()), "InvalidTag");
  EXPECT_EQ(name_of(parse_tagging_header("a=%3C").error()), "InvalidTag");
  EXPECT_EQ(name_of(parse_tagging_header("=1").error()), "InvalidTag");
  EXPECT_EQ(name_of(parse_tagging_header("a=%FF").error()), "InvalidTag");
  EXPECT_EQ(name_of(parse_tagging_header(std::string(129, 'a') + "=1").error()), "InvalidTag");
  EXPECT_EQ(name_of(parse_tagging_header("a=" + std::string(257, 'a')).error()), "InvalidTag");
  EXPECT_EQ(name_of(parse_tagging_header("a=%zz").error()), "InvalidArgument");
  EXPECT_EQ(name_of(parse_tagging_header("1=&2=&3=&4=&5=&6=&7=&8=&9=&10=&11=").error()), "BadRequest");
  // Lengths are of characters, not of bytes.
  std::string umlauts;
  for (int i = 0; i < 128; ++i) umlauts += "%C3%A4";
  EXPECT_TRUE(parse_tagging_header(umlauts + "=1"));
}

TEST(S3Tagging, ADocumentComesBackAsItWent) {
  const meta::TagSet tags = {{"a", "1"}, {"b", ""}, {"x y", "@"}};
  const auto again = parse_tagging_document(tagging_document(tags), kMaxObjectTags);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, tags);
  for (const char* xml : {"", "<Tagging>", "<Other><TagSet/></Other>", "<Tagging/>",
                          "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>",
                          "<Tagging><TagSet><Other/></TagSet></Tagging>"}) {
    EXPECT_EQ(name_of(parse_tagging_document(xml, kMaxObjectTags).error()), "MalformedXML") << xml;
  }
}

TEST(S3Checksums, EveryAlgorithmHasItsFieldAndItsElement) {
  for (uint8_t byte = 1; byte < kChecksumAlgorithmCount; ++byte) {
    const auto algorithm = *checksum_from_byte(byte);
    EXPECT_EQ(checksum_of_header(checksum_header(algorithm)), algorithm);
    EXPECT_EQ(checksum_element(algorithm), "Checksum" + std::string(checksum_name(algorithm)));
  }
  EXPECT_FALSE(checksum_of_header("x-amz-checksum-type"));
  EXPECT_FALSE(checksum_of_header("x-amz-checksum-"));
}

TEST(S3AccessLog, ALineIsALineWhateverClientsCallThings) {
  AccessRecord record;
  record.wall_time = 0;
  record.duration = 1'234'567;
  record.request_id = "0123456789ABCDEF";
  record.remote_address = "1.2.3.4:5";
  record.operation = Operation::kGetObject;
  record.bucket = "b";
  record.key = "a b\n\"";
  record.status = 404;
  record.error_code = "NoSuchKey";
  record.bytes_out = 7;
  record.user_agent = "x\"\n";
  Bytes line;
  append_access_line(line, record);
  EXPECT_EQ(line,
            "1970-01-01T00:00:00.000Z 0123456789ABCDEF - GetObject b a%20b%0A%22 404 NoSuchKey 0 7 1.234 "
            "\"x\\x22\\x0a\" 1.2.3.4:5");
}

}  // namespace
}  // namespace tp::s3
