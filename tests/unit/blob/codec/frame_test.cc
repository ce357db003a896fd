#include "blob/codec/frame.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numbers>

#include "rt/env/rng.h"

namespace tp::blob {
namespace {

Bytes random_bytes(size_t size, uint64_t seed) {
  rt::Rng rng(seed);
  Bytes bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(rng.next());
  return bytes;
}

/// As trained weights are: normally distributed, small.
float weight(rt::Rng& rng) {
  const double u = (static_cast<double>(rng.below(1 << 30)) + 1) / (1 << 30);
  const double v = static_cast<double>(rng.below(1 << 30)) / (1 << 30);
  return static_cast<float>(0.05 * std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v));
}
Bytes fp32_weights(size_t count) {
  rt::Rng rng(3);
  Bytes bytes(count * 4, '\0');
  for (size_t i = 0; i < count; ++i) {
    const float number = weight(rng);
    std::memcpy(bytes.data() + 4 * i, &number, 4);
  }
  return bytes;
}
Bytes bf16_weights(size_t count) {
  const Bytes wide = fp32_weights(count);
  Bytes bytes(count * 2, '\0');
  for (size_t i = 0; i < count; ++i) std::memcpy(bytes.data() + 2 * i, wide.data() + 4 * i + 2, 2);
  return bytes;
}
Bytes text(size_t size) {
  Bytes bytes;
  rt::Rng rng(5);
  while (bytes.size() < size) {
    bytes += "{\"level\":\"info\",\"id\":" + std::to_string(rng.below(100'000)) + ",\"message\":\"request done\"}\n";
  }
  bytes.resize(size);
  return bytes;
}

Result<Bytes> decode_all(const EncodedFrames& encoded, uint64_t length) {
  Bytes out(length, '\0');
  uint64_t offset = 0;
  for (size_t i = 0; i < encoded.sizes.size(); ++i) {
    const MutableBytes into(out.data() + i * kFrameBytes, frame_data_bytes(length, i));
    TP_TRY_VOID(decode_frame(BytesView(encoded.bytes).substr(offset, encoded.sizes[i]), into));
    offset += encoded.sizes[i];
  }
  return out;
}

void expect_read_back(const Bytes& data, const FrameOptions& options) {
  const EncodedFrames encoded = encode_frames(data, options);
  ASSERT_EQ(encoded.sizes.size(), frame_count(data.size()));
  EXPECT_EQ(frame_offset(encoded.sizes, encoded.sizes.size()), encoded.bytes.size());
  EXPECT_LE(encoded.bytes.size(), data.size()) << "something grew";
  EXPECT_EQ(encoded.same_as_data, encoded.bytes == data);
  const auto back = decode_all(encoded, data.size());
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_TRUE(*back == data);
}

double ratio(const Bytes& data, const FrameOptions& options) {
  return static_cast<double>(data.size()) / static_cast<double>(encode_frames(data, options).bytes.size());
}

std::vector<FrameOptions> all_options() {
  return {{Codec::kRaw},     {Codec::kLz4},      {Codec::kZstd},
          {Codec::kZstd, 3}, {Codec::kZstd, 19}, {Codec::kZstd, 1, false}};
}

TEST(Frame, WhatIsPackedIsReadBackWhateverItIsAndHoweverLong) {
  const Bytes kinds[] = {random_bytes(600'000, 1), bf16_weights(300'000), fp32_weights(150'000), text(600'000),
                         Bytes(600'000, '\0')};
  for (const FrameOptions& options : all_options()) {
    for (const Bytes& kind : kinds) {
      for (const size_t size :
           {0ul, 1ul, 2ul, 3ul, 17ul, 2047ul, 2048ul, 2049ul, 65'537ul, 262'143ul, 262'144ul, 262'145ul, 600'000ul}) {
        expect_read_back(kind.substr(0, size), options);
      }
    }
  }
}

TEST(Frame, FloatsArePackedByPlanesWhereverTheyBegin) {
  const Bytes bf16 = bf16_weights(400'000), fp32 = fp32_weights(200'000);
  const double bf16_ratio = ratio(bf16, {}), fp32_ratio = ratio(fp32, {});
  EXPECT_GT(bf16_ratio, 1.45);
  EXPECT_GT(fp32_ratio, 1.18);
  EXPECT_LT(ratio(bf16, {Codec::kZstd, 1, false}), 1.35) << "planes gain nothing: the test's data is not like floats";
  for (size_t shift = 1; shift < 4; ++shift) {
    EXPECT_NEAR(ratio(bf16.substr(shift), {}), bf16_ratio, 0.01) << shift;
    EXPECT_NEAR(ratio(fp32.substr(shift), {}), fp32_ratio, 0.01) << shift;
    expect_read_back(bf16.substr(shift), {});
    expect_read_back(fp32.substr(shift), {});
  }
}

TEST(Frame, TextIsNotTakenForNumbers) {
  EXPECT_DOUBLE_EQ(ratio(text(500'000), {}), ratio(text(500'000), {Codec::kZstd, 0, false}));
}

TEST(Frame, WhatDoesNotPackIsStoredAsItIs) {
  const Bytes data = random_bytes(300'000, 9);
  for (const FrameOptions& options : all_options()) {
    const EncodedFrames encoded = encode_frames(data, options);
    EXPECT_TRUE(encoded.same_as_data);
    EXPECT_TRUE(encoded.bytes == data);
  }
}

// RFC 8878: magic, single segment with a content size of one byte, one run-length block.
Bytes zstd_run(char byte, uint8_t size) {
  Bytes frame{'\x28', '\xb5', '\x2f', '\xfd', '\x20', static_cast<char>(size)};
  const uint32_t block = static_cast<uint32_t>(size) << 3 | 1 << 1 | 1;
  for (int i = 0; i < 3; ++i) frame.push_back(static_cast<char>(block >> (8 * i)));
  frame.push_back(byte);
  return frame;
}

TEST(Frame, GoldenBytesOfEveryKindAreRead) {
  Bytes out(40, '\0');
  // lz4: token 1f: one literal, a match of 19 or more bytes at distance 1; then five literals, as a block must end.
  const Bytes lz4{'\x01', '\x1f', 'a', '\x01', '\x00', '\x0f', '\x50', 'a', 'a', 'a', 'a', 'a'};
  ASSERT_TRUE(decode_frame(lz4, MutableBytes(out.data(), 40)));
  EXPECT_EQ(out, Bytes(40, 'a'));

  ASSERT_TRUE(decode_frame('\x02' + zstd_run('z', 40), MutableBytes(out.data(), 40)));
  EXPECT_EQ(out, Bytes(40, 'z'));

  const auto plane = [](bool is_packed, const Bytes& bytes) {
    return Bytes{static_cast<char>(is_packed ? 0x80 : 0), '\0', static_cast<char>(bytes.size())} + bytes;
  };
  // Two planes, phase 1: one byte before 200 numbers, none after; then with the low bytes as they are.
  const Bytes both = Bytes("\x13P") + plane(true, zstd_run('H', 200)) + plane(true, zstd_run('l', 200));
  Bytes out401(401, '\0');
  ASSERT_TRUE(decode_frame(both, out401));
  EXPECT_EQ(out401.substr(0, 5), "PlHlH");
  const Bytes low = random_bytes(200, 4);
  ASSERT_TRUE(decode_frame(Bytes("\x13P") + plane(true, zstd_run('H', 200)) + plane(false, low), out401));
  EXPECT_EQ(out401.substr(0, 5), Bytes({'P', low[0], 'H', low[1], 'H'}));

  // Four planes turned, one byte after: 80000000 turned is 00000001, so the lowest plane is ones.
  const Bytes four = Bytes("\x06T") + plane(true, zstd_run('\0', 100)) + plane(true, zstd_run('\0', 100)) +
                     plane(true, zstd_run('\0', 100)) + plane(true, zstd_run('\1', 100));
  Bytes out402(401, '\0');
  ASSERT_TRUE(decode_frame(four, out402));
  EXPECT_EQ(out402.substr(0, 8), Bytes("\0\0\0\x80\0\0\0\x80", 8));
  EXPECT_EQ(out402.back(), 'T');
  // Two planes turned: 0x8000 turned is 0x0001.
  const Bytes turned = Bytes("\x05") + plane(true, zstd_run('\0', 100)) + plane(true, zstd_run('\1', 100));
  Bytes out200(200, '\0');
  ASSERT_TRUE(decode_frame(turned, out200));
  EXPECT_EQ(out200.substr(0, 4), Bytes("\0\x80\0\x80", 4));
}

TEST(Frame, FramesOfOtherLengthsKindsAndPhasesAreRefused) {
  Bytes out(100, '\0');
  const Bytes good = '\x02' + zstd_run('z', 100);
  ASSERT_TRUE(decode_frame(good, out));
  EXPECT_FALSE(decode_frame(good, MutableBytes(out.data(), 99)));
  EXPECT_FALSE(decode_frame(Bytes(), out));
  EXPECT_FALSE(decode_frame(Bytes(101, 'x'), out));
  EXPECT_FALSE(decode_frame(good, MutableBytes()));
  Bytes large(kFrameBytes + 1, '\0');
  EXPECT_FALSE(decode_frame(large, large));
  for (int head = 0; head < 256; ++head) {
    Bytes other = good;
    other[0] = static_cast<char>(head);
    if (head == 2) continue;
    const auto result = decode_frame(other, out);
    ASSERT_FALSE(result) << head;
    EXPECT_EQ(result.error().code, Code::kCorruption);
  }
  EXPECT_FALSE(decode_frame(good + "x", out)) << "bytes left over";
  EXPECT_FALSE(decode_frame(good.substr(0, good.size() - 1), out));
}

TEST(Frame, FlippedBytesNeverReachBeyondTheOutput) {
  rt::Rng rng(21);
  for (const Bytes& data : {bf16_weights(30'000), fp32_weights(20'000), text(50'000)}) {
    for (const FrameOptions& options : {FrameOptions{Codec::kLz4}, FrameOptions{}}) {
      const Bytes good = encode_frame(data, options);
      for (int round = 0; round < 300; ++round) {
        Bytes bad = good;
        for (uint64_t flips = 1 + rng.below(4); flips > 0; --flips) {
          bad[round < 100 ? rng.below(20) : rng.below(bad.size())] ^= static_cast<char>(1 + rng.below(255));
        }
        if (round % 7 == 0) bad.resize(1 + rng.below(bad.size()));
        const auto out = std::make_unique<char[]>(data.size());  // so that a sanitizer sees every byte beyond it
        [[maybe_unused]] const auto result = decode_frame(bad, MutableBytes(out.get(), data.size()));
      }
    }
  }
}

TEST(Frame, ARecordsLengthsAreBelievedOnlyIfTheyFit) {
  BlobRecord blob;
  blob.encoding = Encoding::kFrames;
  blob.length_bytes = kFrameBytes + 10;
  blob.frames = {1000, 10};
  EXPECT_TRUE(frames_are_sound(blob));
  EXPECT_EQ(frame_offset(blob.frames, 1), 1000u);
  for (const auto& frames : {std::vector<uint32_t>{1000}, {1000, 11}, {0, 10}, {kFrameBytes + 1, 10}, {1, 2, 3}}) {
    blob.frames = frames;
    EXPECT_FALSE(frames_are_sound(blob));
  }
  blob.frames = {1028, 38};
  EXPECT_TRUE(frames_are_sound(blob, 28));
  EXPECT_FALSE(frames_are_sound(blob, 27));
  blob.length_bytes = 0;
  blob.frames = {};
  EXPECT_FALSE(frames_are_sound(blob));
}

}  // namespace
}  // namespace tp::blob
