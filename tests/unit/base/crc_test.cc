#include "base/hash/crc.h"

#include <gtest/gtest.h>

#include "base/hash/kernels/crc64_kernels.h"
#include "unit/base/random_bytes.h"

namespace tp {
namespace {

/// One bit at a time, straight from the definition of a reflected CRC.
template <class Word>
Word crc_by_definition(Word polynomial, BytesView bytes) {
  Word state = static_cast<Word>(~Word{0});
  for (const char byte : bytes) {
    state ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? polynomial : 0);
  }
  return static_cast<Word>(~state);
}

TEST(Crc, GivesTheCheckValues) {
  EXPECT_EQ(crc32(0, "123456789"), 0xcbf43926u);
  EXPECT_EQ(crc32c(0, "123456789"), 0xe3069283u);
  EXPECT_EQ(crc64nvme(0, "123456789"), 0xae8b14860a799888u);
  EXPECT_EQ(crc32c(0, Bytes(32, '\0')), 0x8a9136aau);  // RFC 3720 §B.4
  EXPECT_EQ(crc32c(0, Bytes(32, '\xff')), 0x62a8ab43u);
}

TEST(Crc, AgreesWithTheDefinitionAtEverySizeAndAlignment) {
  const Bytes bytes = test::random_bytes(3000, 3);
  for (size_t size = 0; size < 1200; ++size) {
    const BytesView piece = BytesView(bytes).substr(size % 67, size);
    ASSERT_EQ(crc32(0, piece), crc_by_definition<uint32_t>(0xedb88320u, piece)) << size;
    ASSERT_EQ(crc32c(0, piece), crc_by_definition<uint32_t>(0x82f63b78u, piece)) << size;
    ASSERT_EQ(crc64nvme(0, piece), crc_by_definition<uint64_t>(0x9a6c9329ac4bc9b5u, piece)) << size;
  }
}

TEST(Crc, ContinuesFromAnyPreviousResult) {
  const Bytes bytes = test::random_bytes(40000, 4);
  std::mt19937 random(4);
  for (int round = 0; round < 100; ++round) {
    const size_t split = random() % bytes.size();
    const BytesView first = BytesView(bytes).substr(0, split);
    const BytesView second = BytesView(bytes).substr(split);
    EXPECT_EQ(crc32(crc32(0, first), second), crc32(0, bytes));
    EXPECT_EQ(crc32c(crc32c(0, first), second), crc32c(0, bytes));
    EXPECT_EQ(crc64nvme(crc64nvme(0, first), second), crc64nvme(0, bytes));
  }
}

TEST(Crc, NoBytesChangeNothing) {
  EXPECT_EQ(crc32(0x1234, ""), 0x1234u);
  EXPECT_EQ(crc32c(0x1234, BytesView()), 0x1234u);
  EXPECT_EQ(crc64nvme(0x1234, BytesView()), 0x1234u);
  EXPECT_EQ(crc32_combine(0x1234, 0, 0), 0x1234u);
  EXPECT_EQ(crc32c_combine(0x1234, 0, 0), 0x1234u);
  EXPECT_EQ(crc64nvme_combine(0x1234, 0, 0), 0x1234u);
}

TEST(Crc, CombinesPiecesTooLargeToHash) {
  // (a + b) + c and a + (b + c) agree, with lengths that only the exponent ever sees.
  const uint64_t b_size = (uint64_t{1} << 44) + 12345;
  const uint64_t c_size = (uint64_t{5} << 40) + 7;
  EXPECT_EQ(crc64nvme_combine(crc64nvme_combine(11, 22, b_size), 33, c_size),
            crc64nvme_combine(11, crc64nvme_combine(22, 33, c_size), b_size + c_size));
  EXPECT_EQ(crc32c_combine(crc32c_combine(11, 22, b_size), 33, c_size),
            crc32c_combine(11, crc32c_combine(22, 33, c_size), b_size + c_size));
  EXPECT_EQ(crc32_combine(crc32_combine(11, 22, b_size), 33, c_size),
            crc32_combine(11, crc32_combine(22, 33, c_size), b_size + c_size));
}

TEST(Crc, EveryCrc64KernelOfThisCpuAgreesWithTheTable) {
  __builtin_cpu_init();
  const bool narrow = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
  const bool wide = narrow && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                    __builtin_cpu_supports("vpclmulqdq");
  const Bytes bytes = test::random_bytes(1 << 17, 5);
  std::mt19937_64 random(5);
  for (int round = 0; round < 300; ++round) {
    const size_t size = random() % (round % 2 == 0 ? 2000 : 100000);
    const char* data = bytes.data() + random() % 100;
    const uint64_t state = random();
    const uint64_t expected = kernels::crc64_table(state, data, size);
    if (narrow) {
      ASSERT_EQ(kernels::crc64_pclmul(state, data, size), expected) << size;
    }
    if (wide) {
      ASSERT_EQ(kernels::crc64_vpclmul(state, data, size), expected) << size;
    }
  }
}

}  // namespace
}  // namespace tp
