// Golden bytes of cache segments, and decoders that take any bytes.
#include "cache/flash/segment_format.h"

#include <gtest/gtest.h>

#include "base/hash/crc.h"
#include "cache/flash/segment_table.h"
#include "flash_fixture.h"

namespace tp::cache {
namespace {

TEST(SegmentFormatTest, NamesAreTenDigits) {
  EXPECT_EQ(segment_file_name(42), "seg-0000000042.tpc");
  EXPECT_EQ(segment_number_of("seg-0000000042.tpc"), 42u);
  EXPECT_EQ(segment_number_of(segment_file_name(UINT32_MAX)), UINT32_MAX);
  for (const char* name : {"", "seg-42.tpc", "seg-0000000000.tpc", "seg-4294967296.tpc", "seg-00000000x2.tpc",
                           "seg-0000000042.tpd", "sex-0000000042.tpc", "seg-+000000042.tpc"}) {
    EXPECT_FALSE(segment_number_of(name)) << name;
  }
}

TEST(SegmentFormatTest, HeadersAndFootersHaveTheseBytes) {
  Bytes block(kSegmentBlockBytes, 'x');
  encode_segment_header({0x01020304, 0x1122334455667788}, block);
  EXPECT_EQ(to_hex(BytesView(block).substr(0, 32)),
            "5450434143484553"
            "00000001"
            "01020304"
            "1122334455667788"
            "00000040"
            "00000000");
  EXPECT_EQ(get_be<uint32_t>(block.data() + 4092), crc32c(0, BytesView(block).substr(0, 4092)));
  EXPECT_EQ(decode_segment_header(block)->made_ms, 0x1122334455667788);
  const SegmentFooter footer{7, 3, 8192, 100, 0xaabbccdd, 5, 9};
  encode_segment_footer(footer, block);
  EXPECT_EQ(to_hex(BytesView(block).substr(0, 56)),
            "5450434143484546"
            "00000007"
            "00000003"
            "0000000000002000"
            "0000000000000064"
            "aabbccdd"
            "00000000"
            "0000000000000005"
            "0000000000000009");
  EXPECT_EQ(*decode_segment_footer(block, 7, 16384), footer);
  EXPECT_FALSE(decode_segment_footer(block, 8, 16384));  // another segment's
  EXPECT_FALSE(decode_segment_footer(block, 7, 12288));  // no place for the table
  EXPECT_FALSE(decode_segment_header(block));
  EXPECT_FALSE(decode_segment_header("short"));
}

TEST(SegmentFormatTest, ARecordHeadHasTheseBytes) {
  Put put = entry(0x0102030405060708, 5);
  put.key = "k";
  put.type = 2;
  put.pinned = true;
  put.expires_ms = 0x11;
  put.parent_hash = 0x22;
  put.tokens = 0x33;
  put.first_token = 0x44;
  Bytes out;
  append_record_head({9, 64}, put.head(), 0xdeadbeef, out);
  ASSERT_EQ(out.size(), kRecordHeadBytes + 1);
  EXPECT_EQ(to_hex(BytesView(out).substr(4)),
            "01"
            "82"
            "0001"
            "00000005"
            "deadbeef"
            "0102030405060708"
            "73737373737373737373737373737373"
            "0000000000000011"
            "0000000000000022"
            "00000033"
            "00000044"
            "6b");
  const auto stored = decode_record_head({9, 64}, out);
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->head.pinned);
  EXPECT_EQ(stored->head.type, 2);
  EXPECT_EQ(stored->extent, 128u);
  EXPECT_FALSE(decode_record_head({9, 65}, out));
  EXPECT_FALSE(decode_record_head({8, 64}, out));
  for (size_t size = 0; size < out.size(); ++size) EXPECT_FALSE(decode_record_head({9, 64}, out.substr(0, size)));
  for (size_t bit = 0; bit < out.size() * 8; ++bit) {
    Bytes flipped = out;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decode_record_head({9, 64}, flipped)) << bit;
  }
}

TEST(SegmentFormatTest, ATableThatIsCutOrTurnedIsRefusedOrPointsInside) {
  SegmentTable table;
  std::vector<Put> puts = {entry(1, 100), entry(2, 0), entry(3, 4000)};
  puts[1].kind = RecordKind::kErase;
  puts[2].space = Bytes(kSpaceKeyBytes, 'z');
  puts[2].tokens = 3;
  puts[2].parent_hash = 8;
  uint32_t unit = 64;
  for (const Put& put : puts) {
    table.add(put.head(), unit);
    unit += static_cast<uint32_t>(record_extent(put.key.size(), put.value.size()) / kFlashUnit);
  }
  const uint64_t end = uint64_t{unit} * kFlashUnit;
  Bytes bytes(table.size_bytes(), '\0');
  table.encode(bytes);
  FoundMap found;
  const FlashLog::Recovered each = [&](const RecordHead& head, FlashPlace place) {
    found.emplace(head.sequence, found_of(head, place));
    return uint64_t{place.unit} * kFlashUnit + record_extent(head.key.size(), head.value_bytes) <= end;
  };
  ASSERT_TRUE(SegmentTable::decode(bytes, 5, end, each));
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found.at(3).put.space, puts[2].space);
  EXPECT_EQ(found.at(3).put.parent_hash, 8u);
  EXPECT_EQ(found.at(2).put.place, (FlashPlace{5, 67}));
  found.clear();
  EXPECT_EQ(SegmentTable::decode(bytes, 5, end - 1, each).error().code, Code::kCorruption);
  EXPECT_TRUE(found.empty());
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = SegmentTable::decode(BytesView(bytes).substr(0, size), 5, end, each);
    EXPECT_TRUE(cut || cut.error().code == Code::kCorruption);
  }
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Bytes flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto turned = SegmentTable::decode(flipped, 5, end, each);
    EXPECT_TRUE(turned || turned.error().code == Code::kCorruption);  // kCancelled: a place outside
  }
}

}  // namespace
}  // namespace tp::cache
