#include "blob/erasure/erasure_format.h"

#include <gtest/gtest.h>

#include "base/hash/crc.h"
#include "rt/env/rng.h"

namespace tp::blob {
namespace {

ShardHeader header() {
  ShardHeader header;
  header.segment = SegmentId(0x0102030405060708);
  header.slot = 5;
  header.data_pieces = 4;
  header.parity_pieces = 2;
  header.tier = 7;
  header.store_id = 0x1112131415161718;
  header.drive_id = 0x2122232425262728;
  return header;
}
Bytes encoded(const ShardHeader& header) {
  Bytes block(kShardHeaderBytes, 'x');
  encode_shard_header(header, block);
  return block;
}

TEST(ErasureFormat, AShardsHeaderHasItsGoldenBytes) {
  const Bytes block = encoded(header());
  EXPECT_EQ(to_hex(block.substr(0, 48)),
            "5450534841524431"
            "00000001"
            "05040207"
            "0102030405060708"
            "1112131415161718"
            "2122232425262728"
            "0000000000000000");
  EXPECT_EQ(get_be<uint32_t>(block.data() + kShardHeaderBytes - 4),
            crc32c(0, BytesView(block).substr(0, kShardHeaderBytes - 4)));
  const auto decoded = decode_shard_header(block);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(*decoded, header());
}

TEST(ErasureFormat, ADamagedOrUnsoundHeaderIsCorruption) {
  const Bytes good = encoded(header());
  for (size_t bit = 0; bit < good.size() * 8; bit += 37) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(decode_shard_header(bad)) << bit;
  }
  EXPECT_FALSE(decode_shard_header(good.substr(1)));
  EXPECT_FALSE(decode_shard_header(Bytes(kShardHeaderBytes, '\0')));
  ShardHeader odd = header();
  odd.slot = 6;
  EXPECT_FALSE(decode_shard_header(encoded(odd)));
  odd = header();
  odd.data_pieces = 0;
  EXPECT_FALSE(decode_shard_header(encoded(odd)));
  odd = header();
  odd.parity_pieces = 200;
  EXPECT_FALSE(decode_shard_header(encoded(odd)));
  Bytes newer = good;
  newer[11] = 2;
  put_be<uint32_t>(newer.data() + kShardHeaderBytes - 4, crc32c(0, BytesView(newer).substr(0, kShardHeaderBytes - 4)));
  EXPECT_EQ(decode_shard_header(newer).error().code, Code::kNotImplemented);
}

TEST(ErasureFormat, AShardHasOneName) {
  EXPECT_EQ(shard_file_name({SegmentId(0x2a), 3}), "000000000000002a.03.shard");
  EXPECT_EQ(shard_path({SegmentId(0x2a), 13}), "shards/000000000000002a.13.shard");
  const auto name = shard_name_of("000000000000002a.31.shard");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->segment.value, 0x2au);
  EXPECT_EQ(name->slot, 31);
  for (const char* other :
       {"000000000000002A.03.shard", "000000000000002a.32.shard", "000000000000002a.3.shard",
        "000000000000002a.-1.shard", "000000000000002a.03.seg", "", "x", "000000000000002a-03.shard"}) {
    EXPECT_FALSE(shard_name_of(other)) << other;
  }
}

DriveTable table() {
  DriveTable table;
  table.generation = 9;
  table.store_id = 77;
  table.tier = 3;
  table.own_id = 0x0b;
  table.drives = {{0x0a, DriveState::kActive, "/a"}, {0x0b, DriveState::kDraining, "/long name"}};
  return table;
}

TEST(ErasureFormat, ADriveTableHasItsGoldenBytes) {
  const Bytes bytes = encode_drive_table(table());
  ASSERT_EQ(bytes.size(), kTableSlotBytes);
  EXPECT_EQ(to_hex(bytes.substr(0, 76)),
            "5450445249564553"
            "00000001"
            "0000004c"
            "0000000000000009"
            "000000000000004d"
            "000000000000000b"
            "0302"
            "000000000000000a"
            "00"
            "00022f61"
            "000000000000000b"
            "01"
            "000a2f6c6f6e67206e616d65");
  EXPECT_EQ(get_be<uint32_t>(bytes.data() + 76), crc32c(0, BytesView(bytes).substr(0, 76)));
  const auto decoded = decode_drive_table(bytes);
  ASSERT_TRUE(decoded) << decoded.error().to_string();
  EXPECT_EQ(*decoded, table());
}

/// With a checksum that is right.
Bytes sealed(Bytes bytes) {
  const auto size = get_be<uint32_t>(bytes.data() + 12);
  put_be<uint32_t>(bytes.data() + size, crc32c(0, BytesView(bytes).substr(0, size)));
  return bytes;
}

TEST(ErasureFormat, ADamagedOrUnsoundTableIsCorruption) {
  const Bytes good = encode_drive_table(table());
  for (size_t bit = 0; bit < 80 * 8; ++bit) {
    Bytes bad = good;
    bad[bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(decode_drive_table(bad)) << bit;
  }
  EXPECT_FALSE(decode_drive_table(good.substr(0, 40)));
  EXPECT_FALSE(decode_drive_table(good.substr(0, 78)));
  rt::Rng rng(3);
  for (int round = 0; round < 2000; ++round) {
    Bytes bad = good;
    bad[16 + rng.below(60)] = static_cast<char>(rng.next());
    const auto decoded = decode_drive_table(sealed(bad));  // whatever it says, it says it within its bounds
    if (decoded) EXPECT_LE(decoded->drives.size(), kMaxDrives);
  }
  DriveTable twice = table();
  twice.drives[0].id = 0x0b;
  EXPECT_FALSE(decode_drive_table(encode_drive_table(twice)));
  DriveTable stranger = table();
  stranger.own_id = 0x0c;
  EXPECT_FALSE(decode_drive_table(encode_drive_table(stranger)));
}

}  // namespace
}  // namespace tp::blob
