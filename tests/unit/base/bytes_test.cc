#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace tp {
namespace {

TEST(Bytes, HexIsLowerCaseAndRoundTrips) {
  const Bytes bytes("\x00\x7f\x80\xff\n", 5);
  EXPECT_EQ(to_hex(bytes), "007f80ff0a");
  std::array<char, 5> back{};
  ASSERT_TRUE(from_hex("007F80fF0a", back));
  EXPECT_EQ(BytesView(back.data(), back.size()), bytes);
  EXPECT_EQ(to_hex(""), "");
}

TEST(Bytes, FromHexRefusesWrongLengthsAndDigits) {
  std::array<char, 2> out{};
  for (const char* text : {"", "00", "000", "00000", "000000", "00g0", "0 00", "-100"}) {
    EXPECT_FALSE(from_hex(text, out)) << text;
  }
}

TEST(Bytes, Base64IsThatOfTheRfc) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},          {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "+//+"}};
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(to_base64(plain), encoded);
    Bytes back;
    ASSERT_TRUE(from_base64(encoded, &back)) << encoded;
    EXPECT_EQ(back, plain);
  }
}

TEST(Bytes, FromBase64TakesOnlyTheCanonicalText) {
  Bytes out;
  // Missing or misplaced padding, stray bits under it, the URL alphabet, white space.
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Z=g=", "-_-_",
                           "Zm9v\n", "Zm 9", "Zm9vYm=v"}) {
    EXPECT_FALSE(from_base64(text, &out)) << text;
  }
}

TEST(Bytes, BigEndianIntegersRoundTrip) {
  Bytes out;
  append_be<uint8_t>(out, 0xab);
  append_be<uint16_t>(out, 0x0102);
  append_be<uint32_t>(out, 0xdeadbeef);
  append_be<uint64_t>(out, 0x0123456789abcdef);
  EXPECT_EQ(to_hex(out), "ab0102deadbeef0123456789abcdef");
  EXPECT_EQ(get_be<uint8_t>(out.data()), 0xab);
  EXPECT_EQ(get_be<uint16_t>(out.data() + 1), 0x0102);
  EXPECT_EQ(get_be<uint32_t>(out.data() + 3), 0xdeadbeef);
  EXPECT_EQ(get_be<uint64_t>(out.data() + 7), 0x0123456789abcdef);
}

TEST(Bytes, BigEndianKeysSortAsTheirNumbers) {
  Bytes previous;
  for (const uint64_t value : std::initializer_list<uint64_t>{0, 1, 255, 256, ~uint64_t{0} >> 1, ~uint64_t{0}}) {
    Bytes key;
    append_be(key, value);
    EXPECT_LT(previous, key);
    previous = key;
  }
}

TEST(Bytes, ConstantTimeComparisonComparesEveryByte) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secres"));
  EXPECT_FALSE(equal_constant_time("secret", "Secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secret "));
}

}  // namespace
}  // namespace tp
