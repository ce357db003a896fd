#include "meta/keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tp::meta {
namespace {

TEST(Keys, GoldenBytes) {
  EXPECT_EQ(to_hex(name_key(InodeId(258), "ab", false)), "0000000000000102" "6162");
  EXPECT_EQ(to_hex(name_key(InodeId(258), "ab", true)), "0000000000000102" "61622f");
  EXPECT_EQ(to_hex(inode_key(InodeId(1))), "0000000000000001");
  EXPECT_EQ(to_hex(data_key(InodeId(1))), "0000000000000001");
  EXPECT_EQ(to_hex(extent_key(InodeId(1), 2)), "0000000000000001" "0000000000000002");
  EXPECT_EQ(to_hex(volume_key("b")), "76" "62");
  EXPECT_EQ(to_hex(counters_key(VolumeId(1))), "63" "0000000000000001");
  EXPECT_EQ(to_hex(user_key("id")), "75" "6964");
  EXPECT_EQ(to_hex(orphan_key(VolumeId(2), InodeId(1))), "6f" "0000000000000002" "0000000000000001");
  EXPECT_EQ(to_hex(rewrite_key(VolumeId(2), InodeId(1))), "77" "0000000000000002" "0000000000000001");
  EXPECT_EQ(to_hex(note_key("nfs/k")), "6e" "6e66732f6b");
  EXPECT_EQ(to_hex(blob_key(BlobId(1))), "62" "0000000000000001");
  EXPECT_EQ(to_hex(blob_references_key(BlobId(1))), "72" "0000000000000001");
  EXPECT_EQ(to_hex(blob_place_key(2, SegmentId(3), 4)), "70" "02" "0000000000000003" "0000000000000004");
  EXPECT_EQ(to_hex(upload_key(VolumeId(1), BytesView("a\0b", 3), UploadId(9))),
            "75" "0000000000000001" "6100ff62" "0001" "0000000000000009");
  EXPECT_EQ(to_hex(part_key(UploadId(9), 10000)), "70" "0000000000000009" "2710");
  EXPECT_EQ(to_hex(completed_upload_key(UploadId(9))), "64" "0000000000000009");
  EXPECT_EQ(to_hex(journal_key(JournalSeq(1))), "0000000000000001");
}

TEST(Keys, RangesHoldTheirKeysAndNoOthers) {
  const auto inside = [](BytesView key, BytesView begin, BytesView end) {
    return key >= begin && (end.empty() || key < end);
  };
  for (const uint64_t parent : {uint64_t{0}, uint64_t{255}, uint64_t{65535}, UINT64_MAX - 1, UINT64_MAX}) {
    const Bytes begin = names_begin(InodeId(parent));
    const Bytes end = names_end(InodeId(parent));
    EXPECT_TRUE(inside(name_key(InodeId(parent), "", false), begin, end));
    EXPECT_TRUE(inside(name_key(InodeId(parent), Bytes(300, '\xff'), true), begin, end));
    if (parent != UINT64_MAX) EXPECT_FALSE(inside(name_key(InodeId(parent + 1), "", false), begin, end));
    if (parent != 0) EXPECT_FALSE(inside(name_key(InodeId(parent - 1), Bytes(300, '\xff'), true), begin, end));
  }
  EXPECT_TRUE(inside(extent_key(InodeId(5), UINT64_MAX), extents_begin(InodeId(5)), extents_end(InodeId(5))));
  EXPECT_FALSE(inside(extent_key(InodeId(6), 0), extents_begin(InodeId(5)), extents_end(InodeId(5))));
  EXPECT_TRUE(inside(volume_key("\xff"), volumes_begin(), volumes_end()));
  EXPECT_FALSE(inside(user_key(""), volumes_begin(), volumes_end()));
  EXPECT_TRUE(inside(orphan_key(VolumeId(UINT64_MAX), InodeId(UINT64_MAX)), orphans_begin(), orphans_end()));
  EXPECT_TRUE(inside(rewrite_key(VolumeId(UINT64_MAX), InodeId(UINT64_MAX)), rewrites_begin(), rewrites_end()));
  EXPECT_FALSE(inside(note_key("\xff"), orphans_begin(), orphans_end()));
  EXPECT_TRUE(inside(part_key(UploadId(255), 65535), parts_begin(UploadId(255)), parts_end(UploadId(255))));
  EXPECT_FALSE(inside(part_key(UploadId(256), 1), parts_begin(UploadId(255)), parts_end(UploadId(255))));
  EXPECT_TRUE(inside(blob_place_key(0, SegmentId(1), UINT64_MAX), blob_places_begin(0, SegmentId(1)),
                     blob_places_end(0, SegmentId(1))));
}

TEST(Keys, NameKeysParse) {
  const Bytes file = name_key(InodeId(7), "a", false);
  const auto parts = parse_name_key(file).value();
  EXPECT_EQ(parts.parent, InodeId(7));
  EXPECT_EQ(parts.name, "a");
  EXPECT_FALSE(parts.directory);
  const Bytes nameless = name_key(InodeId(7), "", true);
  EXPECT_EQ(parse_name_key(nameless).value().name, "");
  EXPECT_TRUE(parse_name_key(nameless).value().directory);
  EXPECT_FALSE(parse_name_key(name_key(InodeId(7), "", false)).value().directory);
  EXPECT_EQ(parse_name_key("1234567").error().code, Code::kCorruption);
}

// Keys with the bytes that the escape is made of, and prefixes of each other.
Bytes random_object_key(std::mt19937& random) {
  static constexpr char kAlphabet[] = {'\0', '\x01', '\xff', 'a', '/'};
  Bytes key(random() % 6, ' ');
  for (char& each : key) each = kAlphabet[random() % sizeof kAlphabet];
  return key;
}

TEST(Keys, UploadsOrderByKeyThenIdAndParse) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const Bytes a = random_object_key(random);
    const Bytes b = random_object_key(random);
    const UploadId id_a(random() % 3), id_b(random() % 3);
    const Bytes key_a = upload_key(VolumeId(1), a, id_a);
    const Bytes key_b = upload_key(VolumeId(1), b, id_b);
    EXPECT_EQ(std::pair(a, id_a) < std::pair(b, id_b), key_a < key_b);
    EXPECT_EQ(b >= a, key_b >= uploads_from(VolumeId(1), a));
    const auto parsed = parse_upload_key(key_a).value();
    EXPECT_EQ(parsed.object_key, a);
    EXPECT_EQ(parsed.upload, id_a);
    EXPECT_EQ(parsed.volume, VolumeId(1));
  }
}

TEST(Keys, DamagedUploadKeysAreRefused) {
  const Bytes key = upload_key(VolumeId(1), "abc", UploadId(9));
  for (size_t size = 0; size < key.size(); ++size) EXPECT_FALSE(parse_upload_key(key.substr(0, size)));
  EXPECT_FALSE(parse_upload_key(key + "x"));
  EXPECT_FALSE(parse_upload_key(part_key(UploadId(9), 1) + key));
}

}  // namespace
}  // namespace tp::meta
