#include "blob/hot/segment_format.h"

#include <gtest/gtest.h>

#include "base/hash/crc.h"
#include "blob/blob_checksum.h"

namespace tp::blob {
namespace {

Bytes encoded() {
  Bytes block(kSegmentHeaderBytes, 'x');
  encode_segment_header({SegmentId(0x0102030405060708), 0x1112131415161718, 0x2122232425262728}, block);
  return block;
}

TEST(SegmentFormat, TheHeaderHasItsGoldenBytes) {
  const Bytes block = encoded();
  EXPECT_EQ(to_hex(block.substr(0, 48)),
            "54505345474d4e54"
            "00000001"
            "00000000"
            "0102030405060708"
            "1112131415161718"
            "2122232425262728"
            "0000000000000000");
  EXPECT_EQ(block.substr(40, kSegmentHeaderBytes - 44), Bytes(kSegmentHeaderBytes - 44, '\0'));
  EXPECT_EQ(get_be<uint32_t>(block.data() + kSegmentHeaderBytes - 4),
            crc32c(0, BytesView(block).substr(0, kSegmentHeaderBytes - 4)));
}

TEST(SegmentFormat, WhatIsEncodedIsDecoded) {
  const auto header = decode_segment_header(encoded());
  ASSERT_TRUE(header);
  EXPECT_EQ(*header, (SegmentHeader{SegmentId(0x0102030405060708), 0x1112131415161718, 0x2122232425262728}));
}

TEST(SegmentFormat, AnyFlippedBitAndAnyTornTailIsCorruption) {
  const Bytes good = encoded();
  for (size_t bit = 0; bit < kSegmentHeaderBytes * 8; bit += 5) {
    Bytes bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(decode_segment_header(bad).error().code, Code::kCorruption) << bit;
  }
  EXPECT_EQ(decode_segment_header(good.substr(0, 512) + Bytes(3584, '\0')).error().code, Code::kCorruption);
  EXPECT_EQ(decode_segment_header(good.substr(0, 100)).error().code, Code::kCorruption);
  EXPECT_EQ(decode_segment_header("").error().code, Code::kCorruption);
  EXPECT_EQ(decode_segment_header(Bytes(kSegmentHeaderBytes, '\0')).error().code, Code::kCorruption);
}

TEST(SegmentFormat, ANewerVersionIsRefusedInWords) {
  Bytes block = encoded();
  put_be<uint32_t>(block.data() + 8, 2);
  put_be<uint32_t>(block.data() + kSegmentHeaderBytes - 4,
                   crc32c(0, BytesView(block).substr(0, kSegmentHeaderBytes - 4)));
  const auto header = decode_segment_header(block);
  ASSERT_FALSE(header);
  EXPECT_EQ(header.error().code, Code::kNotImplemented);
  EXPECT_NE(header.error().message.find("newer"), std::string::npos);
}

TEST(SegmentFormat, NamesAreSixteenLowerCaseDigits) {
  EXPECT_EQ(segment_file_name(SegmentId(0x10000002a)), "000000010000002a.seg");
  EXPECT_EQ(segment_id_of("000000010000002a.seg"), SegmentId(0x10000002a));
  for (const char* name : {"", ".seg", "000000010000002A.seg", "00000010000002a.seg", "000000010000002a.tmp",
                           "g00000010000002a.seg", "0000000010000002a.seg", "../../../../etc/x.seg"}) {
    EXPECT_FALSE(segment_id_of(name)) << name;
  }
}

TEST(BlobChecksum, CoversThePlaceAndTheData) {
  const Bytes data = "the same bytes";
  const uint32_t here = unit_checksum(BlobId(7), 3, data);
  EXPECT_EQ(here, crc32c(0, Bytes("\0\0\0\0\0\0\0\x07\0\0\0\x03", 12) + data));
  EXPECT_NE(here, unit_checksum(BlobId(8), 3, data));
  EXPECT_NE(here, unit_checksum(BlobId(7), 4, data));
  EXPECT_NE(here, unit_checksum(BlobId(7), 3, "the same bytez"));
}

}  // namespace
}  // namespace tp::blob
