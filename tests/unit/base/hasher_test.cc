#include "base/hash/hasher.h"

#include <gtest/gtest.h>

#include "unit/base/random_bytes.h"

namespace tp {
namespace {

using enum ChecksumAlgorithm;

struct KnownAnswer {
  ChecksumAlgorithm algorithm;
  const char* input;
  const char* hex;
};
constexpr KnownAnswer kKnownAnswers[] = {
    {kNone, "123456789", ""},
    {kCrc32, "", "00000000"},
    {kCrc32, "123456789", "cbf43926"},
    {kCrc32c, "", "00000000"},
    {kCrc32c, "123456789", "e3069283"},
    {kCrc64Nvme, "", "0000000000000000"},
    {kCrc64Nvme, "123456789", "ae8b14860a799888"},
    {kSha1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {kSha1, "123456789", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"},
    {kSha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {kSha256, "123456789", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"},
    {kMd5, "", "d41d8cd98f00b204e9800998ecf8427e"},
    {kMd5, "123456789", "25f9e794323b453885f5181f1b624d0b"},
    {kSha512, "",
     "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
     "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
    {kSha512, "123456789",
     "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274a"
     "d27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85"},
    {kXxh64, "", "ef46db3751d8e999"},
    {kXxh64, "abc", "44bc2cf5ad770999"},
    {kXxh3, "", "2d06800538d394c2"},
    {kXxh3, "abc", "78af5f94892f3950"},
    {kXxh128, "", "99aa06d3014798d86001c324468d497f"},
    {kXxh128, "abc", "06b05ab6733a618578af5f94892f3950"},
};

std::vector<ChecksumAlgorithm> all_algorithms() {
  std::vector<ChecksumAlgorithm> all;
  for (uint8_t i = 0; i < kChecksumAlgorithmCount; ++i) all.push_back(static_cast<ChecksumAlgorithm>(i));
  return all;
}

TEST(Hasher, GivesTheKnownAnswers) {
  for (const auto& [algorithm, input, hex] : kKnownAnswers) {
    EXPECT_EQ(to_hex(digest(algorithm, input)), hex) << checksum_name(algorithm);
    Hasher hasher(algorithm);
    hasher.update(input);
    EXPECT_EQ(to_hex(hasher.finish()), hex) << checksum_name(algorithm);
  }
}

TEST(Hasher, BytesInManyPiecesHashAsOne) {
  std::mt19937 random(1);
  for (const auto algorithm : all_algorithms()) {
    for (uint32_t seed = 0; seed < 20; ++seed) {
      const Bytes bytes = test::random_bytes(random() % 20000, seed);
      Hasher hasher(algorithm);
      for (BytesView rest = bytes; !rest.empty();) {
        const size_t piece = std::min<size_t>(rest.size(), random() % (random() % 2 == 0 ? 100 : 5000));
        hasher.update(rest.substr(0, piece));
        rest.remove_prefix(piece);
      }
      EXPECT_EQ(hasher.finish(), digest(algorithm, bytes)) << checksum_name(algorithm) << " " << bytes.size();
    }
  }
}

TEST(Hasher, StartsAnewAfterFinish) {
  for (const auto algorithm : all_algorithms()) {
    Hasher hasher(algorithm);
    hasher.update("first");
    hasher.finish();
    EXPECT_EQ(hasher.finish(), digest(algorithm, "")) << checksum_name(algorithm);
    hasher.update("second");
    EXPECT_EQ(hasher.finish(), digest(algorithm, "second")) << checksum_name(algorithm);
  }
}

TEST(Hasher, MovesInTheMiddleOfItsInput) {
  for (const auto algorithm : all_algorithms()) {
    Hasher first(algorithm);
    first.update("before the move, ");
    Hasher second(std::move(first));
    second.update("after it");
    EXPECT_EQ(second.finish(), digest(algorithm, "before the move, after it")) << checksum_name(algorithm);
  }
}

TEST(Hasher, ADigestHasItsAlgorithmsSize) {
  for (const auto algorithm : all_algorithms()) {
    EXPECT_EQ(digest(algorithm, "x").size(), digest_size(algorithm)) << checksum_name(algorithm);
    EXPECT_LE(digest_size(algorithm), kMaxDigestSize);
  }
}

TEST(Hasher, CombinedDigestsAreThoseOfTheConcatenation) {
  std::mt19937 random(2);
  for (const auto algorithm : all_algorithms()) {
    if (!can_combine(algorithm)) continue;
    for (int round = 0; round < 50; ++round) {
      const Bytes bytes = test::random_bytes(random() % 9000, random());
      const BytesView first = BytesView(bytes).substr(0, random() % (bytes.size() + 1));
      const BytesView second = BytesView(bytes).substr(first.size());
      const Bytes combined =
          combine_digests(algorithm, digest(algorithm, first), digest(algorithm, second), second.size());
      EXPECT_EQ(combined, digest(algorithm, bytes)) << checksum_name(algorithm);
    }
  }
}

TEST(Checksum, NamesAreFoundInAnyCaseAndOthersAreNot) {
  for (const auto algorithm : all_algorithms()) {
    if (algorithm == kNone) continue;
    EXPECT_EQ(checksum_from_name(checksum_name(algorithm)), algorithm);
  }
  EXPECT_EQ(checksum_from_name("crc64nvme"), kCrc64Nvme);
  EXPECT_EQ(checksum_from_name("Sha256"), kSha256);
  EXPECT_EQ(checksum_name(kXxh3), "XXHASH3");
  for (const char* name : {"", "CRC", "CRC32 ", "CRC32CC", "SHA-256", "XXH3", "CRC64NVM\xc5"}) {
    EXPECT_FALSE(checksum_from_name(name)) << name;
  }
}

TEST(Checksum, TheValuesOnDiskStayWhatTheyAre) {
  EXPECT_EQ(static_cast<int>(kNone), 0);
  EXPECT_EQ(static_cast<int>(kCrc32), 1);
  EXPECT_EQ(static_cast<int>(kCrc32c), 2);
  EXPECT_EQ(static_cast<int>(kCrc64Nvme), 3);
  EXPECT_EQ(static_cast<int>(kSha1), 4);
  EXPECT_EQ(static_cast<int>(kSha256), 5);
  EXPECT_EQ(static_cast<int>(kMd5), 6);
  EXPECT_EQ(static_cast<int>(kSha512), 7);
  EXPECT_EQ(static_cast<int>(kXxh64), 8);
  EXPECT_EQ(static_cast<int>(kXxh3), 9);
  EXPECT_EQ(static_cast<int>(kXxh128), 10);
  EXPECT_EQ(checksum_from_byte(10), kXxh128);
  EXPECT_FALSE(checksum_from_byte(11));
  EXPECT_FALSE(checksum_from_byte(255));
}

TEST(Checksum, OnlyTheCrcsCombine) {
  for (const auto algorithm : all_algorithms()) {
    EXPECT_EQ(can_combine(algorithm), algorithm == kCrc32 || algorithm == kCrc32c || algorithm == kCrc64Nvme);
  }
}

}  // namespace
}  // namespace tp
