// Keys, seals, headers and names: what lies in the bucket, byte by byte.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "blob/archive/pack_format.h"

namespace tp::blob {
namespace {

// Made by another program (Python's cryptography) from docs/formats/archive.md.
constexpr const char* kGoldenSeal = "af911d9a000102030405060708090a0b51296c06db12c9fa368e5294b1d8fe130453a7a4ba";
constexpr const char* kGoldenHeader =
    "54504152434849560000000101020304101112131415161718191a1b00000000"
    "000000000100000200000000000000ab000000000000000000000000de8ec06e";

constexpr PackId kPack{0xab, SegmentId(0x1000002)};
constexpr FramePlace kPlace{64, BlobId(9), 2, 100};

ArchiveKeys keys_of(const std::string& text) {
  auto keys = ArchiveKeys::parse(text);
  EXPECT_TRUE(keys) << keys.error().to_string();
  return *keys;
}

Bytes sealed_with(const ArchiveKeys& keys, const PackId& pack, const FramePlace& place, BytesView frame) {
  PackSalt salt;
  for (size_t i = 0; i < salt.size(); ++i) salt[i] = static_cast<char>(i);
  const PackSealer sealer(keys.sealing(), pack, salt);
  Bytes out;
  EXPECT_TRUE(sealer.seal(place, frame, out));
  return out;
}

TEST(ArchiveKeys, AreReadFromTextOrFromBytes) {
  const std::string one(64, 'a'), two = std::string(63, '0') + "1";
  EXPECT_EQ(keys_of(one).sealing().fingerprint, keys_of("# first\n\n  " + one + "\r\n" + two).sealing().fingerprint);
  EXPECT_EQ(keys_of(std::string(32, '\xaa')).sealing().fingerprint, keys_of(one).sealing().fingerprint);
  EXPECT_NE(keys_of(one + "\n" + two).find(keys_of(two).sealing().fingerprint), nullptr);
  EXPECT_EQ(keys_of(one).find(keys_of(two).sealing().fingerprint), nullptr);
  std::string many;
  for (int i = 0; i < 17; ++i) many += std::string(62, '0') + std::to_string(10 + i) + "\n";
  for (const std::string& text : {std::string(), std::string("# none\n"), std::string(63, 'a'), std::string(65, 'a'),
                                  one + " " + two, one + "\n" + one, std::string(64, 'g'), many}) {
    auto parsed = ArchiveKeys::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
    EXPECT_EQ(parsed.error().message.find("aaaa"), std::string::npos);
  }
}

TEST(FrameSeal, OpensOnlyWhatWasSealedWhereItWasSealed) {
  const ArchiveKeys keys = keys_of(std::string(64, 'a'));
  const Bytes frame(100, 'f');
  const Bytes sealed = sealed_with(keys, kPack, kPlace, frame);
  EXPECT_EQ(sealed.size(), frame.size() + kSealBytes);
  EXPECT_EQ(sealed.find("ffff"), Bytes::npos);
  EXPECT_EQ(open_frame(keys, kPack, kPlace, sealed).value(), frame);

  for (size_t at = 0; at < sealed.size(); ++at) {
    Bytes damaged = sealed;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    auto opened = open_frame(keys, kPack, kPlace, damaged);
    ASSERT_FALSE(opened) << at;
    EXPECT_EQ(opened.error().code, at < 4 ? Code::kUnavailable : Code::kCorruption) << at;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(open_frame(keys, kPack, kPlace, BytesView(sealed).substr(0, size)));
  }
  for (const FramePlace& place : {FramePlace{65, BlobId(9), 2, 100}, FramePlace{64, BlobId(8), 2, 100},
                                  FramePlace{64, BlobId(9), 1, 100}, FramePlace{64, BlobId(9), 2, 101}}) {
    EXPECT_EQ(open_frame(keys, kPack, place, sealed).error().code, Code::kCorruption);
  }
  EXPECT_EQ(open_frame(keys, PackId{0xac, kPack.segment}, kPlace, sealed).error().code, Code::kCorruption);
  EXPECT_EQ(open_frame(keys, PackId{0xab, SegmentId(3)}, kPlace, sealed).error().code, Code::kCorruption);
}

TEST(FrameSeal, AnOldKeyStillOpensAndALostOneIsToldApartFromDamage) {
  const std::string before(64, 'a'), after(64, 'b');
  const Bytes sealed = sealed_with(keys_of(before), kPack, kPlace, "frame");
  EXPECT_EQ(open_frame(keys_of(after + "\n" + before), kPack, kPlace, sealed).value(), "frame");
  EXPECT_EQ(open_frame(keys_of(after), kPack, kPlace, sealed).error().code, Code::kUnavailable);
}

// Packs of years ago must open.
TEST(FrameSeal, ItsBytesStayAsTheyAre) {
  const ArchiveKeys keys = keys_of(std::string(64, 'a'));
  EXPECT_EQ(to_hex(sealed_with(keys, kPack, kPlace, "frame")), kGoldenSeal);
}

PackHeader header() {
  PackHeader made;
  made.pack = kPack;
  made.fingerprint = 0x01020304;
  for (size_t i = 0; i < made.salt.size(); ++i) made.salt[i] = static_cast<char>(0x10 + i);
  return made;
}

TEST(PackHeader, ItsBytesStayAsTheyAre) {
  Bytes bytes;
  append_pack_header(header(), bytes);
  EXPECT_EQ(to_hex(bytes), kGoldenHeader);
  EXPECT_EQ(decode_pack_header(bytes).value(), header());
}

TEST(PackHeader, RefusesDamageAndNewerVersions) {
  Bytes bytes;
  append_pack_header(header(), bytes);
  for (size_t at = 0; at < bytes.size(); ++at) {
    Bytes damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    EXPECT_FALSE(decode_pack_header(damaged)) << at;
    EXPECT_FALSE(decode_pack_header(BytesView(bytes).substr(0, at)));
  }
  bytes[11] = 2;
  EXPECT_EQ(decode_pack_header(bytes).error().code, Code::kNotImplemented);
}

TEST(PackName, IsReadBackAndNothingElseIs) {
  const std::string prefix = pack_name_prefix("a/b", 0xab, 3);
  EXPECT_EQ(pack_name(prefix, SegmentId(0x1000002)), "a/b/00000000000000ab/3/pack-0000000001000002");
  EXPECT_EQ(pack_name_prefix("", 1, 255), "0000000000000001/255/pack-");
  EXPECT_EQ(segment_of_pack(prefix, prefix + "0000000001000002"), SegmentId(0x1000002));
  for (const char* rest : {"", "000000000100000", "00000000010000022", "000000000100000g", "0000000000000000",
                           "00000000010000AB", "0000000001000002.tmp"}) {
    EXPECT_EQ(segment_of_pack(prefix, prefix + rest), std::nullopt) << rest;
  }
  EXPECT_EQ(segment_of_pack(prefix, "other/0000000001000002"), std::nullopt);
}

}  // namespace
}  // namespace tp::blob
