#include "base/hash/md5.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "base/hash/kernels/md5_kernels.h"
#include "base/hash/md5_lanes.h"
#include "unit/base/random_bytes.h"

namespace tp {
namespace {

Md5Digest openssl_md5(BytesView bytes) {
  Md5Digest digest{};
  EXPECT_EQ(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                       EVP_md5(), nullptr),
            1);
  return digest;
}

TEST(Md5, GivesTheAnswersOfRfc1321) {
  EXPECT_EQ(to_hex(as_view(md5(""))), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(to_hex(as_view(md5("a"))), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(to_hex(as_view(md5("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(to_hex(as_view(md5("12345678901234567890123456789012345678901234567890123456789012345678901234567890"))),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, AgreesWithOpensslAtEverySizeAroundABlock) {
  const Bytes bytes = test::random_bytes(300, 6);
  for (size_t size = 0; size <= bytes.size(); ++size) {
    const BytesView piece = BytesView(bytes).substr(0, size);
    ASSERT_EQ(md5(piece), openssl_md5(piece)) << size;
  }
}

TEST(Md5, PiecesOfEverySizeHashAsOne) {
  const Bytes bytes = test::random_bytes(1000, 7);
  for (size_t piece_size = 1; piece_size < 200; ++piece_size) {
    Md5 hash;
    for (BytesView rest = bytes; !rest.empty();) {
      const BytesView piece = rest.substr(0, piece_size);
      hash.update(piece);
      rest.remove_prefix(piece.size());
    }
    ASSERT_EQ(hash.finish(), openssl_md5(bytes)) << piece_size;
    ASSERT_EQ(hash.finish(), openssl_md5("")) << piece_size;
  }
}

/// As many streams as there are lanes, each with its own bytes and its own start, advance in random steps.
TEST(Md5Lanes, EveryNumberOfLanesAgreesWithOpenssl) {
  std::mt19937 random(8);
  for (size_t lanes = 1; lanes <= kMd5MaxLanes; ++lanes) {
    const size_t block_count = 1 + random() % 50;
    std::vector<Bytes> inputs;
    std::vector<Md5> hashes(lanes);
    std::vector<Md5State*> states;
    std::vector<const char*> data;
    for (size_t i = 0; i < lanes; ++i) {
      const size_t start = random() % 500;
      inputs.push_back(test::random_bytes(start + 64 + block_count * kMd5BlockSize + random() % 500, random()));
      hashes[i].update(BytesView(inputs[i]).substr(0, start));
      const size_t taken = hashes[i].fill_partial_block(BytesView(inputs[i]).substr(start));
      states.push_back(&hashes[i].state());
      data.push_back(inputs[i].data() + start + taken);
    }
    const size_t first_step = random() % block_count;
    md5_blocks_lanes(states, data, first_step);
    for (auto& pointer : data) pointer += first_step * kMd5BlockSize;
    md5_blocks_lanes(states, data, block_count - first_step);
    for (size_t i = 0; i < lanes; ++i) {
      hashes[i].count_blocks(block_count);
      const size_t done = data[i] - inputs[i].data() + (block_count - first_step) * kMd5BlockSize;
      hashes[i].update(BytesView(inputs[i]).substr(done));
      EXPECT_EQ(hashes[i].finish(), openssl_md5(inputs[i])) << "lane " << i << " of " << lanes;
    }
  }
}

void expect_kernel_agrees(kernels::Md5Kernel kernel, size_t lanes) {
  constexpr size_t kBlocks = 33;
  std::vector<Bytes> inputs;
  std::vector<Md5State> states(lanes);
  std::vector<uint32_t*> words;
  std::vector<const char*> data;
  for (size_t i = 0; i < lanes; ++i) inputs.push_back(test::random_bytes(kBlocks * kMd5BlockSize + 1, 100 + i));
  for (size_t i = 0; i < lanes; ++i) {
    words.push_back(states[i].words.data());
    data.push_back(inputs[i].data() + i % 2);  // odd addresses too
  }
  kernel(words.data(), data.data(), kBlocks);
  for (size_t i = 0; i < lanes; ++i) {
    Md5 hash;
    hash.state() = states[i];
    hash.count_blocks(kBlocks);
    EXPECT_EQ(hash.finish(), openssl_md5(BytesView(data[i], kBlocks * kMd5BlockSize))) << i;
  }
}

TEST(Md5Lanes, EveryKernelOfThisCpuAgreesWithOpenssl) {
  __builtin_cpu_init();
  bool any = false;
  if (__builtin_cpu_supports("avx2")) {
    any = true;
    expect_kernel_agrees(kernels::md5_avx2_x8, 8);
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
    EXPECT_EQ(md5_lanes_kernel(), "avx512");
    expect_kernel_agrees(kernels::md5_avx512_x8, 8);
    expect_kernel_agrees(kernels::md5_avx512_x16, 16);
  }
  if (!any) GTEST_SKIP() << "this CPU has no AVX2";
}

}  // namespace
}  // namespace tp
